"""What people and tests ask of the stand-in itself, under /_mock/: health, services, reset, faults."""
