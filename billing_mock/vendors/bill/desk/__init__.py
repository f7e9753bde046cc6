"""BILL's desk: what it remembers, what its lists hold, what may be written there and what follows from that."""
