"""Raw records of each vendor → invoices, or every reason why not."""
