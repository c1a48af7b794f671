"""What a simulation is fed with: recorded streams of allocations and deaths, and their compact file."""
