"""Heap profiles written by hand, as the tests of allocation sites have them."""

from __future__ import annotations

from tests.measure.profiles.sites.conftest import made_profile

__all__ = ["made_profile"]
