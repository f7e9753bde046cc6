"""BILL's desk: what it remembers (desk.py), what may be written (writes.py), what follows from it (writing.py)."""
