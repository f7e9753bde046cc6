"""Billing systems to test against: one made-up set of invoices, told as each vendor's own API would tell it."""
