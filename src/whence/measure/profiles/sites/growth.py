"""Slices that grow: one stack that allocates a chain of sizes, each about twice the last, ever fewer of them.

A profile hides the runtime's own frames, so `runtime.growslice` is seen only where another writer kept it; else the
chain gives it away. Below a kilobyte append doubles (runtime/slice.go, nextslicecap); text of any length does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

GROWSLICE = "runtime.growslice"
SHORTEST_CHAIN = 3
_STEP_LOW, _STEP_HIGH, _DOUBLES_BELOW_BYTES = 1.15, 2.6, 1024
_NOISE = 1.3
"""A longer slice may come out this much more frequent than a shorter one by sampling."""


class Chain(NamedTuple):
    """Objects of one growing slice's sizes, and how many remain when the last size is given at once."""

    objects: float
    remaining: float


def chain_of(sizes: Iterable[tuple[int, float]]) -> Chain | None:
    """Returns the chain in (slot bytes, objects) of one stack, or None where they do not look like one."""
    ordered = sorted(sizes)
    if len(ordered) < SHORTEST_CHAIN:
        return None
    for (size, number), (larger, fewer) in pairwise(ordered):
        least = 1.5 if larger < _DOUBLES_BELOW_BYTES else _STEP_LOW
        if not least <= larger / size <= _STEP_HIGH or fewer > number * _NOISE:
            return None
    # Every slice passed the smallest size, so there were as many slices as objects of it.
    return Chain(sum(number for _, number in ordered), ordered[0][1])


def known_chain(sizes: Iterable[tuple[int, float]]) -> Chain | None:
    """Returns the chain of one stack that is known to grow slices; None for a single size: nothing to spare."""
    ordered = sorted(sizes)
    if len(ordered) < 2:
        return None
    # At least as many slices remain as there are objects of any one size.
    return Chain(sum(number for _, number in ordered), max(number for _, number in ordered))
