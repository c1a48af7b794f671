"""Profiles on one HTML page: the flame graph, its functions, and what other parts of a report add."""
