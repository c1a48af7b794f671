"""Simulations as text and pictures."""
