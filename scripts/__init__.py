"""What is run from a clone and is no part of the distribution."""
