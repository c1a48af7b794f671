"""How memory goes back to the system, by release: when the scavenger works, how much it wants and how it rests."""
