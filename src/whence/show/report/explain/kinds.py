"""Memory by kind, base above candidate: what the kernel counts, and what Go counts of it."""

from __future__ import annotations

import msgspec

from whence.evidence.attribution import Attribution, MemoryPart
from whence.show.report import names, numbers

KERNEL = {
    "rss": "resident memory",
    "rss-anon": "anonymous (heap, stacks)",
    "rss-file": "file-backed (text, data)",
    "rss-lazyfree": "of it lazily freed",
    "rss-hugepages": "of it huge pages",
    "rss-start": "at the start of main",
}
GO = {
    "runtime-total": "runtime-total",
    "heap-inuse": "heap in use",
    "heap-live": "live heap",
    "heap-goal": "heap goal",
}
MOVED = 0.02
"""What is drawn as moved: a difference of so much of the largest bar."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of memory: bars in percent of the largest."""

    name: str
    base: str
    candidate: str
    base_width: float
    candidate_width: float
    moved: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds by who counts them."""

    title: str
    kinds: tuple[Kind, ...]


def memory(attribution: Attribution) -> tuple[Group, ...]:
    """Returns the kinds of memory that are there at all, the kernel's count first."""
    parts = [p for p in attribution.memory if max(p.base_value, p.candidate_value) > 0]
    largest = max((v for p in parts for v in (p.base_value, p.candidate_value)), default=0.0)
    kernel = [_kind(p, KERNEL, largest) for p in parts if p.name not in GO]
    own = [_kind(p, GO, largest) for p in parts if p.name in GO]
    groups = (("as the kernel counts", kernel), ("as Go counts", own))
    return tuple(Group(title=title, kinds=tuple(kinds)) for title, kinds in groups if kinds)


def _kind(part: MemoryPart, known: dict[str, str], largest: float) -> Kind:
    return Kind(
        name=known.get(part.name, names.clean(part.name)),
        base=numbers.amount_text(part.base_value, "B"),
        candidate=numbers.amount_text(part.candidate_value, "B"),
        base_width=round(100 * max(0.0, part.base_value) / largest, 2),
        candidate_width=round(100 * max(0.0, part.candidate_value) / largest, 2),
        moved=abs(part.candidate_value - part.base_value) >= MOVED * largest,
    )
