"""What we know of every invoice, durably. The only place with SQL."""
