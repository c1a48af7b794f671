"""One probe a file: each reads one kind of number of a run."""
