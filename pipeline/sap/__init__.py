"""Invoices in SAP's names and types."""
