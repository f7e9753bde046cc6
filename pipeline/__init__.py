"""Invoices from billing systems into SAP, each exactly once."""
