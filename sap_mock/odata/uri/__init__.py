"""Addresses: text → syntax → meaning."""
