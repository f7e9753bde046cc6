"""Payloads: one reader and one writer per format. Strangers to storage: both know only entities."""
