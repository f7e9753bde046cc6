"""What the number of an amount counts: the currency's unit, or its smallest part. The vendor's choice, so a setting."""

MAJOR, MINOR = "major", "minor"
