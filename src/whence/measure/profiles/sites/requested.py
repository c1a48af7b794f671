"""What was asked for, when only the slot is known, or the slot and the type of an element.

The runtime rounds before it profiles, and a trace has the type of one element but not how many there are. A type whose
own size gets the slot is taken to be one object of it; other slots hold as many elements as fit the slot's requests.
"""

from __future__ import annotations

from typing import NamedTuple

from whence.golang.size_classes import TINY_BYTES, class_of, requests_for

ONE_BYTE = 1


class Requested(NamedTuple):
    """Bytes of one object's request: `low` ≤ `value` ≤ `high`."""

    value: float
    low: float
    high: float


def of_slot(slot_bytes: int, go_version: str, noscan: bool | None = None) -> Requested:
    """Returns what a slot may have been asked for; the middle of it as the value."""
    low, high = requests_for(slot_bytes, go_version, noscan)
    return Requested((low + high) / 2, low, high)


def of_type(size_bytes: int, noscan: bool, slot_bytes: int, tiny: bool, go_version: str) -> Requested:
    """Returns what an object with elements of a type and a slot was asked for."""
    low, high = requests_for(slot_bytes, go_version, noscan)
    if tiny:
        high = TINY_BYTES - 1
    if size_bytes <= 0:
        return Requested((low + high) / 2, low, high)
    most = high // size_bytes * size_bytes
    least = max(-(-low // size_bytes), 1) * size_bytes
    if least > most:
        # No number of elements fits: memory of another kind under that type. Its slot is all that is known.
        return Requested((low + high) / 2, low, high)
    one = class_of(size_bytes, go_version, noscan)
    single = one.slot_bytes == slot_bytes and one.tiny == tiny
    if single and size_bytes > ONE_BYTE:
        return Requested(size_bytes, least, most)
    return Requested((least + most) / 2, least, most)
