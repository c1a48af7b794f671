"""Waits for the locks of the allocator, measured in the real runtime, release by release."""
