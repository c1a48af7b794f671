"""The memory of the Go runtime, simulated by release: page heap, allocator, collector and scavenger."""
