"""Whether simulated objects get the slots that the real runtime gave them."""
