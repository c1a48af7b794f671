"""A grid of configurations of one program: simulated on any number of workers, stored as it goes, always the same."""
