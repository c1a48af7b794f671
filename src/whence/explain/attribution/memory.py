"""Which memory it is: the kinds of resident pages, and whether Go's own metrics see the change. Pure.

The kernel counts pages that are resident (`rss-…`, from smaps); Go counts bytes that it mapped and handed out
(`runtime-total`, `heap-…`, from runtime/metrics), touched or not. A change in one without the other is the story: the
same memory, more of it resident; or more memory, of which nothing was touched.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from whence.evidence.attribution import MemoryPart

KINDS = ("rss-anon", "rss-file", "rss-lazyfree", "rss-hugepages", "rss-start")
"""Anonymous and file-backed pages make up the resident memory. Lazily freed and huge pages are inside the anonymous;
`rss-start` is what was resident when a service began to serve."""
GO_VIEW = ("runtime-total", "heap-inuse", "heap-live", "heap-goal")
MEMORY_METRICS = frozenset({"rss", "rss-peak", *KINDS, *GO_VIEW})
AS_IT_WAS = 0.005
"""Fraction of the base within which an amount counts as unchanged: half of memory's margin."""
HALF, TENTH = 0.5, 0.1


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, the words, and whether huge pages are part of what changed."""

    parts: tuple[MemoryPart, ...]
    words: str
    huge_pages: bool = False


def memory_story(base: Mapping[str, float], candidate: Mapping[str, float], *, primary: str) -> Story:
    """Returns what the medians of base and candidate say, in bytes by metric name; empty where nothing is read.

    `primary`: the metric that is asked about; for one that is no memory there is no story.
    """
    both = [name for name in (*KINDS, *GO_VIEW) if name in base and name in candidate]
    if primary not in MEMORY_METRICS or "rss" not in base or "rss" not in candidate:
        return Story(parts=(), words="")
    parts = tuple(MemoryPart(name=n, base_value=base[n], candidate_value=candidate[n]) for n in both)
    moved = {name: candidate[name] - base[name] for name in both}
    whole = candidate["rss"] - base["rss"]
    same = abs(whole) < AS_IT_WAS * base["rss"]
    if primary in GO_VIEW:
        resident = "resident memory is as it was" if same else f"resident memory moved by {_megabytes(whole)}"
        return Story(parts=parts, words="; ".join(w for w in (_heap(moved, base), resident) if w))
    if same:
        at_the_peak = primary == "rss-peak"
        return Story(parts=parts, words="at the end it is as it was, only the peak moved" if at_the_peak else "")
    huge = _carries(moved, "rss-hugepages", whole)
    words = [_kinds(moved, whole), _huge(whole) if huge else "", _lazy(moved, whole), _go_view(moved, base, whole)]
    return Story(parts=parts, words="; ".join(w for w in words if w), huge_pages=huge)


def _kinds(moved: Mapping[str, float], whole: float) -> str:
    """Returns which pages moved, and whether the heap can be what moved them."""
    if _carries(moved, "rss-file", whole):
        return "it is file-backed pages (the program's own text and data): the heap is innocent"
    early = ", there already when the service begins to serve" if _carries(moved, "rss-start", whole) else ""
    if _carries(moved, "rss-anon", whole):
        return f"it is anonymous memory (heap and stacks){early}"
    return f"no single kind of pages carries it{early}" if "rss-anon" in moved else ""


def _huge(whole: float) -> str:
    if whole < 0:
        return "huge pages are part of it: the kernel gives fewer whole 2 MiB pages"
    return "huge pages are part of it: the kernel gives whole 2 MiB pages, used or not"


def _lazy(moved: Mapping[str, float], whole: float) -> str:
    if not _carries(moved, "rss-lazyfree", whole):
        return ""
    return "it is memory that Go gives back lazily; it counts as resident until the kernel needs it"


def _go_view(moved: Mapping[str, float], base: Mapping[str, float], whole: float) -> str:
    """Returns whether Go's own metrics see what the kernel sees."""
    if "runtime-total" not in moved:
        return ""
    seen = moved["runtime-total"]
    if abs(seen) < TENTH * abs(whole):
        how = "more of the same memory is resident" if whole > 0 else "less of the same memory is resident"
        quiet = "heap-live" in moved and abs(moved["heap-live"]) < TENTH * abs(whole)
        live = ", the live heap as well" if quiet else ""
        return f"Go's own metrics do not see it: runtime-total is as it was{live}; {how}"
    sees = "see it" if seen * whole > 0 and abs(seen) >= HALF * abs(whole) else "see it only in part"
    heap = _heap(moved, base)
    return f"Go's own metrics {sees}: runtime-total moved by {_megabytes(seen)}" + (f"; {heap}" if heap else "")


def _heap(moved: Mapping[str, float], base: Mapping[str, float]) -> str:
    """Returns what of Go's heap moved: what is live, what live objects take up, or how far it may grow."""
    known = {n: abs(moved[n]) >= 0.02 * base[n] for n in ("heap-live", "heap-inuse", "heap-goal") if n in moved}
    if known.get("heap-live"):
        more = "more" if moved["heap-live"] > 0 else "less"
        return f"the live heap moved by {_megabytes(moved['heap-live'])}: the program keeps {more} alive"
    if known.get("heap-inuse") and "heap-live" in known:
        more = "more" if moved["heap-inuse"] > 0 else "less"
        return f"the live heap is as it was, spans take up {more} for it: size classes, headers, gaps"
    if known.get("heap-goal") and "heap-live" in known:
        return "the live heap is as it was, the collector lets it grow to another size"
    return ""


def _carries(moved: Mapping[str, float], name: str, whole: float) -> bool:
    """Tells whether a kind makes up at least half of the change, in its direction."""
    return name in moved and moved[name] * whole > 0 and abs(moved[name]) >= HALF * abs(whole)


def _megabytes(value: float) -> str:
    return f"{value / 1e6:+.1f} MB"
