"""Where invoices come from: one module per billing system."""
