"""Which memory it is: the kinds of resident pages, and whether Go's own metrics see the change. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from whence.evidence.attribution import MemoryPart

KINDS = ("rss-anon", "rss-file", "rss-lazyfree", "rss-hugepages", "rss-start")
GO_VIEW = ("runtime-total", "heap-inuse", "heap-live", "heap-goal")
MEMORY_METRICS = frozenset({"rss", "rss-peak", "rss-anon", "rss-file", *GO_VIEW})


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, the words, and whether huge pages are part of what changed."""

    parts: tuple[MemoryPart, ...]
    words: str
    huge_pages: bool = False


def memory_story(base: Mapping[str, float], candidate: Mapping[str, float], *, primary: str) -> Story:
    """Returns what the medians of base and candidate say, in bytes by metric name; empty where nothing is read.

    Anonymous and file-backed pages make up the resident memory; lazily freed and huge pages are inside the anonymous.
    """
    both = [name for name in (*KINDS, *GO_VIEW) if name in base and name in candidate]
    parts = tuple(MemoryPart(name=n, base_value=base[n], candidate_value=candidate[n]) for n in both)
    if primary not in MEMORY_METRICS or "rss" not in base or "rss" not in candidate:
        return Story(parts=(), words="")
    whole = candidate["rss"] - base["rss"]
    if primary in GO_VIEW or abs(whole) < 0.005 * base["rss"]:
        return Story(parts=parts, words=_kernel_view(whole, base["rss"]) if primary in GO_VIEW else "")
    moved = {name: candidate[name] - base[name] for name in both}
    words = [_kinds(moved, whole)]
    huge = _carries(moved, "rss-hugepages", whole)
    if huge:
        words.append("huge pages are part of it: the kernel gave whole 2 MiB pages")
    if _carries(moved, "rss-lazyfree", whole):
        words.append("it is memory that Go has given back lazily; the kernel takes it when it needs it")
    words.append(_go_view(moved, base, whole))
    return Story(parts=parts, words="; ".join(w for w in words if w), huge_pages=huge)


def _kinds(moved: Mapping[str, float], whole: float) -> str:
    if _carries(moved, "rss-anon", whole):
        return "it is anonymous memory (heap and stacks)"
    if _carries(moved, "rss-file", whole):
        return "it is file-backed pages (the program's own text and data), not the heap"
    return "no single kind of pages carries it" if "rss-anon" in moved else ""


def _go_view(moved: Mapping[str, float], base: Mapping[str, float], whole: float) -> str:
    if "runtime-total" not in moved:
        return ""
    seen = moved["runtime-total"]
    if abs(seen) < 0.1 * abs(whole) and abs(seen) < 0.02 * base["runtime-total"]:
        live = abs(moved.get("heap-live", 0.0)) < 0.1 * abs(whole)
        heap = ", and the live heap is as it was" if live and "heap-live" in moved else ""
        return f"Go's own metrics do not see it: runtime-total is as it was{heap}, more of the same memory is resident"
    return f"Go's own metrics see it: runtime-total moved by {_megabytes(seen)}"


def _kernel_view(whole: float, base: float) -> str:
    if abs(whole) < 0.005 * base:
        return "resident memory is as it was"
    return f"resident memory moved by {_megabytes(whole)}"


def _carries(moved: Mapping[str, float], name: str, whole: float) -> bool:
    return name in moved and moved[name] * whole > 0 and abs(moved[name]) >= 0.5 * abs(whole)


def _megabytes(value: float) -> str:
    return f"{value / 1e6:+.1f} MB"
