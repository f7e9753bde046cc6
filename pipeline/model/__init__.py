"""What everybody may know: invoices, money, outcomes. Pure values."""
