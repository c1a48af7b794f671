"""Waits of processors for one another when their caches are refilled: central lists, heap lock, shared words."""
