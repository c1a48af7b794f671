"""Whence: find where the cost came from."""
