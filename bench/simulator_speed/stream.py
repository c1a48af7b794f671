"""A made-up stream of allocations and deaths of many sizes, as a recording holds them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.golang.size_classes import table_of

SIZES = (8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024, 2048, 4096, 8192)
LARGE_IN = 20_000
"""One object in as many has pages of its own."""
LARGE_PAGES = 6
_DEATH = 255


class Stream(NamedTuple):
    """Events in order: `kind` is a span class (below 2: pages of its own) or 255 for the death of the next `died`."""

    kind: NDArray[np.uint8]
    died: NDArray[np.uint32]
    handles: int
    identity: NDArray[np.int64]
    """For each event the number of its object."""
    size: NDArray[np.int64]
    """For each event the bytes of its object's slot."""


def make_stream(allocations: int, live_bytes: int, seed: int) -> Stream:
    """Returns a stream in which about `live_bytes` are alive at a time: most objects die young, some late."""
    random = np.random.default_rng(seed)
    slots = np.array(table_of().slots)
    weights = 1 / np.arange(1, len(SIZES) + 1)
    size = random.choice(np.array(SIZES), allocations, p=weights / weights.sum())
    noscan = random.random(allocations) < 0.5
    headed = np.where(noscan | (size <= 512), size, size + 8)
    number = np.searchsorted(slots, headed)
    span_class = (2 * number + noscan).astype(np.int64)
    large = random.random(allocations) < 1 / LARGE_IN
    span_class[large] = noscan[large]
    slot = np.where(large, LARGE_PAGES * 8192, slots[number])
    objects = live_bytes / slot.mean()
    # A tenth lives thirty times as long as the rest, so that each kind has its share of the live bytes.
    scale = objects / (0.9 * 0.25 + 0.1 * 7.75)
    life = random.exponential(np.where(random.random(allocations) < 0.9, 0.25, 7.75) * scale).astype(np.int64) + 1
    return _in_order(span_class, slot, np.arange(allocations) + life)


def _in_order(span_class: NDArray[np.int64], slot: NDArray[np.int64], death: NDArray[np.int64]) -> Stream:
    allocations = len(span_class)
    dying = np.flatnonzero(death < allocations)
    when = np.concatenate([np.arange(allocations) * 2, death[dying] * 2 - 1])
    identity = np.concatenate([np.arange(allocations), dying])
    is_death = np.concatenate([np.zeros(allocations, np.bool_), np.ones(len(dying), np.bool_)])
    order = np.argsort(when, kind="stable")
    identity, is_death = identity[order], is_death[order]
    handle, handles = _handles(identity, is_death, allocations)
    kind = np.where(is_death, _DEATH, span_class[identity]).astype(np.uint8)
    return Stream(kind, handle[is_death].astype(np.uint32), handles, identity, slot[identity])


def _handles(identity: NDArray[np.int64], is_death: NDArray[np.bool_], objects: int) -> tuple[NDArray[np.int64], int]:
    """Returns the handle of each event's object: the one given back last, or the next new one."""
    of_object = np.empty(objects, np.int64).tolist()
    free: list[int] = []
    handles = 0
    result = []
    for number, dies in zip(identity.tolist(), is_death.tolist(), strict=True):
        if dies:
            free.append(of_object[number])
        elif free:
            of_object[number] = free.pop()
        else:
            of_object[number] = handles
            handles += 1
        result.append(of_object[number])
    return np.array(result), handles
