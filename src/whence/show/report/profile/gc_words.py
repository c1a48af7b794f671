"""What the parts of a collector's story are called, and its numbers as lines of text."""

from __future__ import annotations

import math
import re

from whence.evidence.gc_story import Amount, GCStory, Stretch, StretchKind
from whence.show.report import names, numbers

ORDER: tuple[StretchKind, ...] = (
    "memory-limit", "cpu-limiter", "assist", "stopped", "back-to-back", "growth", "idle",
)  # fmt: skip
SHORT: dict[StretchKind, str] = {
    "memory-limit": "memory limit",
    "cpu-limiter": "CPU cap",
    "assist": "assists",
    "stopped": "stopped",
    "back-to-back": "back to back",
    "growth": "growth",
    "idle": "idle",
}


_UNIT = re.compile(r"(?<=\d) (?=(?:ns|µs|ms|s|min|B|kB|MB|GB|TB|times)\b|%)")


def clean(text: str) -> str:
    return names.clean(text)


def together(text: str) -> str:
    """Returns the text, cleaned, with numbers kept on one line with their units."""
    return _UNIT.sub("\u00a0", clean(text))


def amount(value: Amount | None) -> str:
    """Returns `3.1 ms`, with the interval behind it where there is one: `27.9 ms [27.1, 28.6]`."""
    if value is None:
        return numbers.MISSING
    factor, unit = (
        (100.0, "%") if value.unit == "share" else (1.0, {"cpu-s": "s", "1/s": "1/s"}.get(value.unit, value.unit))
    )
    low, high = (None if end is None else end * factor for end in (value.low, value.high))
    shown = value.value * factor
    scale = numbers.scale_for((shown, low, high), unit)
    decimals = _decimals(shown / scale.divisor, low, high, scale.divisor)
    scale = scale._replace(decimals=decimals)
    text = numbers.value_text(shown, scale)
    tail = {"cpu-s": " of CPU"}.get(value.unit, "")
    behind = f" {scale.unit}" if scale.unit and scale.unit != "count" else ""
    if low is None and high is None:
        return f"{text}{behind}{tail}"
    if high is None:
        return f"at least {numbers.value_text(low, scale)}{behind}{tail}"
    return f"{text}{behind}{tail} [{numbers.value_text(low, scale)}, {numbers.value_text(high, scale)}]"


def _decimals(value: float, low: float | None, high: float | None, divisor: float) -> int:
    """Returns the decimals of the first digit of the half interval; without one, of three significant digits."""
    if value == 0:
        return 0 if high is None else max(0, min(6, 1 - math.floor(math.log10(max(high / divisor, 1e-9)))))
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    if low is not None and high is not None and high > low:
        decimals = min(6, max(decimals - 1, -math.floor(math.log10((high - low) / 2 / divisor))))
    elif value == int(value):
        return 0
    return max(0, min(decimals, 6))


def moment(seconds: float) -> str:
    if seconds < 0.1:
        return f"{1e3 * seconds:.3g} ms" if seconds else "0 s"
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.2f} s" if seconds >= 1 else f"{seconds:.3f} s"


def stretch_text(stretch: Stretch) -> str:
    """Returns `2.19 s to 4.79 s  memory limit: …`."""
    return f"{moment(stretch.from_s)} to {moment(stretch.to_s)}, {SHORT[stretch.kind]}: {stretch.evidence}"


def rows(story: GCStory) -> list[tuple[str, str, str]]:
    """Returns (group, name, value) of every number of the story that is known, in reading order."""
    return [
        row
        for group in (_cycles(story), _pauses(story), _work(story), _heap(story), _scavenging(story))
        for row in group
        if row[2] != numbers.MISSING
    ]


def _count(value: int | None) -> str:
    return numbers.MISSING if value is None else f"{value:,}"


def _cycles(story: GCStory) -> list[tuple[str, str, str]]:
    found = story.cycles
    return [
        ("collections", "in all", _count(found.total)),
        ("collections", "asked for by the program", _count(found.forced)),
        ("collections", "after two minutes without one", _count(found.periodic)),
        ("collections", "lacking in the log", _count(found.missing or None)),
        ("collections", "a second", amount(found.rate).removesuffix(" 1/s")),
    ]


def _pauses(story: GCStory) -> list[tuple[str, str, str]]:
    found = story.pauses
    if found is None:
        return []
    each = f"each {found.each}"
    longest = amount(found.longest)
    if found.longest_at_s is not None:
        longest += f" at {moment(found.longest_at_s)}"
    return [
        ("pauses", "world stopped in all", amount(found.total)),
        ("pauses", "of it to end sweeping", amount(found.sweep_termination)),
        ("pauses", "of it to end marking", amount(found.mark_termination)),
        ("pauses", "share of the time", amount(found.share_of_time)),
        *(("pauses", f"{each}, {100 * q.of:g} % at most", amount(q.amount)) for q in found.quantiles),
        ("pauses", f"longest {found.each}", longest),
    ]


def _work(story: GCStory) -> list[tuple[str, str, str]]:
    found = story.work
    if found is None:
        return []
    return [
        ("CPU", "share, without idle marking", amount(found.share)),
        ("CPU", "as the runtime printed it", amount(found.printed_share)),
        ("CPU", "assists of goroutines that allocate", amount(found.assists)),
        ("CPU", "marking in the background", amount(found.background)),
        ("CPU", "of it dedicated", amount(found.dedicated)),
        ("CPU", "of it fractional", amount(found.fractional)),
        ("CPU", "stopped processors", amount(found.stopped)),
        ("CPU", "idle marking", amount(found.idle)),
    ]


def _heap(story: GCStory) -> list[tuple[str, str, str]]:
    found = story.heap
    if found is None:
        return []
    gogc = numbers.MISSING if found.gogc_percent is None else f"{found.gogc_percent:g} ({found.gogc_known_from})"
    peak = amount(found.peak)
    if found.peak_at_s is not None:
        peak += f" at {moment(found.peak_at_s)}"
    return [
        ("heap", "live, median", amount(found.live_median)),
        ("heap", "live, largest", amount(found.live_peak)),
        ("heap", "live, last", amount(found.live_last)),
        ("heap", "largest", peak),
        ("heap", "largest goal", amount(found.goal_peak)),
        ("heap", "last goal", amount(found.goal_last)),
        ("heap", "collections that ended above their goal", _count(found.overshoots)),
        ("heap", "most above a goal", amount(found.worst_overshoot)),
        ("heap", "GOGC", gogc),
        ("heap", "memory limit", amount(found.memory_limit)),
    ]


def _scavenging(story: GCStory) -> list[tuple[str, str, str]]:
    found = story.scavenging
    if found is None:
        return []
    return [
        ("given back", "by the background scavenger", amount(found.background)),
        ("given back", "by allocations and on request", amount(found.eager)),
        ("given back", "at the end", amount(found.released_last)),
        ("given back", "at most", amount(found.released_peak)),
        ("given back", "held from the system, last", amount(found.retained_last)),
        ("given back", "held from the system, at most", amount(found.retained_peak)),
    ]
