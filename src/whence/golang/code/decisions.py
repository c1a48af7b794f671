"""What the compiler said of its decisions: the lines of `-gcflags=-m` that tell what lives on the heap."""

from __future__ import annotations

import re

import msgspec

_LINE = re.compile(r"^(?P<file>\S+?\.go):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<text>.*)$")


class OnHeap(msgspec.Struct, frozen=True, order=True):
    """One value that the compiler put on the heap."""

    file: str
    line: int
    text: str
    """As the compiler says it: `moved to heap: x`, `make([]int, n) escapes to heap`."""


def on_heap(said: str) -> frozenset[OnHeap]:
    """Returns every value that goes to the heap, of what `go build -gcflags=-m` wrote."""
    found: set[OnHeap] = set()
    for text in said.splitlines():
        match = _LINE.match(text.strip())
        if match is None:
            continue
        told = match["text"].rstrip(":")
        if told.startswith("moved to heap") or told.endswith("escapes to heap"):
            found.add(OnHeap(match["file"].removeprefix("./"), int(match["line"]), told))
    return frozenset(found)


def newly_on_heap(before: str, after: str) -> tuple[OnHeap, ...]:
    """Returns what goes to the heap in `after` and did not in `before`, in order of file and line."""
    return tuple(sorted(on_heap(after) - on_heap(before)))
