"""What a lineage says in words: the first sentence, and what was odd. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from whence.evidence.lineage import GivenBack, LineageRelease, Reading

CLEARLY_LATE = 5.0
"""With collections off, 99th percentiles of so many times 10 µs and more are the host's."""
HOST_LIMIT_S = CLEARLY_LATE * 10e-6


def sentence(releases: Sequence[LineageRelease]) -> str:
    """Returns one sentence on the oldest and the newest release; differences only where intervals are apart."""
    if not releases:
        return "No release was measured."
    first, last = releases[0], releases[-1]
    if first is last:
        parts = [part for part in (_alone(last), _memory(None, last.given_back)) if part]
        return f"Go {last.version}: {'; '.join(parts) or 'nothing was measured'}."
    parts = [
        _change(
            first.reading("alloc-64"), last.reading("alloc-64"), "an allocation of 64 bytes costs", "ns of CPU", 1.0
        ),
        _change(first.reading("pause-max"), last.reading("pause-max"), "the largest pause is", "ms", 1e3),
        _memory(first.given_back, last.given_back),
    ]
    told = [part for part in parts if part]
    return f"Go {last.version} against {first.version}: {'; '.join(told) or 'nothing comparable was measured'}."


def _alone(release: LineageRelease) -> str:
    cost, pause = release.reading("alloc-64"), release.reading("pause-max")
    parts: list[str] = []
    if cost is not None and cost.value is not None:
        parts.append(f"an allocation of 64 bytes costs {number(cost.value)} ns of CPU")
    if pause is not None and pause.value is not None:
        parts.append(f"the largest pause is {number(1e3 * pause.value)} ms")
    return "; ".join(parts)


def _change(before: Reading | None, after: Reading | None, what: str, unit: str, factor: float) -> str:
    if before is None or after is None or before.value is None or after.value is None:
        return ""
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return f"{what} {number(factor * before.value)} and {number(factor * after.value)} {unit} (too few blocks)"
    if after.low <= before.high and before.low <= after.high:
        span = (factor * min(before.low, after.low), factor * max(before.high, after.high))
        return f"{what} about the same ({number(span[0])} to {number(span[1])} {unit})"
    return f"{what} {number(factor * after.value)} {unit} instead of {number(factor * before.value)} {unit}"


def _memory(before: GivenBack | None, after: GivenBack | None) -> str:
    if after is None:
        return ""
    told = f"dropped memory {came_back(after)}"
    if before is None or came_back(before) == came_back(after):
        return told
    return f"{told}, where it {came_back(before).replace('is ', 'was ', 1).replace('stays', 'stayed')}"


def came_back(given: GivenBack) -> str:
    """Returns `is back in 4 s`, or that it was not."""
    if given.ending == "back" and given.seconds is not None:
        return f"is back in {number(given.seconds)} s"
    if given.ending == "lazy" and given.seconds is not None:
        return f"is lazily free in {number(given.seconds)} s and stays resident"
    return f"is not back after {given.waited:.0f} s"


def number(value: float) -> str:
    """Returns three significant digits without an exponent for what people read."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def oddities(
    releases: Sequence[LineageRelease],
    *,
    blocks: int,
    wanted_blocks: int,
    quick: bool,
    wait_s: float,
    disturbed: int,
    counted: int,
    spread: float,
) -> tuple[str, ...]:
    """Returns what a reader should know before believing the table."""
    found: list[str] = []
    if quick:
        found.append(
            f"Quick: the wait for memory stopped at {wait_s:.0f} s; before Go 1.13 it comes back after 300 s and more."
        )
    if blocks < wanted_blocks:
        found.append(
            f"{blocks} of {wanted_blocks} blocks fitted into the time; --blocks {wanted_blocks} measures the rest too."
        )
    if 0 < blocks < 6:
        found.append("Fewer than six blocks: there are no 95 % intervals.")
    if counted and disturbed / counted >= 0.1:
        found.append(
            f"The host was busy: beside {disturbed} of {counted} runs a calibration spin took 1.25 times the median or "
            f"more (spread {spread:.0%}). Differences between neighbours may be the host's."
        )
    late = [r for r in releases if (x := r.reading("request-p99-off")) and x.value and x.value >= HOST_LIMIT_S]
    if late:
        worst = max(x.value for r in late if (x := r.reading("request-p99-off")) and x.value)
        found.append(
            f"With collections off the 99th percentile reached {number(1e3 * worst)} ms: so much of the p99 column is "
            "waiting for a CPU of this host."
        )
    for release in releases:
        found += [f"A run did not end well: {failure}." for failure in release.failures[:2]]
    return tuple(found)
