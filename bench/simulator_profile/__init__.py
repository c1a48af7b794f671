"""Profiles of real programs, simulated under other settings, held against the programs under those settings."""
