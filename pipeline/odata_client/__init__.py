"""Talking to SAP Gateway, OData V2, and understanding what it says."""
