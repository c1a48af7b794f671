"""How many allocations a second the simulated allocator takes, with its sweeps, lists and pages."""
