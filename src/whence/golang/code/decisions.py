"""What the compiler said of its decisions (`-gcflags=-m`): where a value lives, and from 1.22 on (`-d=loopvar=2`)
which loop variables are new for each iteration."""

from __future__ import annotations

import re

import msgspec

_LINE = re.compile(r"^(?P<file>\S+?\.go):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<text>.*)$")
_APPEND = "append "
_SLICE = re.compile(r"(append|make\(\[\].*\)) (does not escape|escapes to heap)\Z")
_ON_HEAP = re.compile(r"moved to heap: .*|.* escapes to heap|loop variable .* per-iteration, heap-allocated")


class Decision(msgspec.Struct, frozen=True, order=True):
    """One value, and what became of it."""

    file: str
    """Relative to the package."""
    line: int
    text: str
    """As the compiler says it: `moved to heap: x`, `make([]int, n) escapes to heap`."""


def decisions_in(said: str) -> tuple[Decision, ...]:
    """Returns everything that the compiler wrote about a line, in its order."""
    found: list[Decision] = []
    for text in said.splitlines():
        match = _LINE.match(text.strip())
        if match is not None:
            found.append(Decision(match["file"].removeprefix("./"), int(match["line"]), match["text"].rstrip(":")))
    return tuple(found)


def on_heap(said: str) -> frozenset[Decision]:
    """Returns every value that goes to the heap."""
    return frozenset(d for d in decisions_in(said) if _ON_HEAP.fullmatch(d.text))


def newly_on_heap(before: str, after: str) -> tuple[Decision, ...]:
    """Returns what goes to the heap in `after` and did not in `before`, in order of file and line.

    Compilers before Go 1.25 say nothing about append: then nothing is known of it before.
    """
    silent = not any(d.text.startswith(_APPEND) for d in decisions_in(before))
    new = on_heap(after) - on_heap(before)
    return tuple(sorted(d for d in new if not (silent and d.text.startswith(_APPEND))))


def slices_made(said: str) -> tuple[Decision, ...]:
    """Returns the calls of append and make for slices, of which the first may lie on the stack (Go 1.25 and newer)."""
    return tuple(sorted({d for d in decisions_in(said) if _SLICE.match(d.text)}))
