"""What to do about a cause: proposed from a table with sources, then measured beside base and candidate."""
