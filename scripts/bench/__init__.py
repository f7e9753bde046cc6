"""`make bench`: what the programs cost, as ratios to a reference measured in the same run."""
