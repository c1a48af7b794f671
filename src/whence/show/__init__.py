"""Draws nouns so that people see and trust them."""
