"""The words of an explanation: verdicts, kinds, names of causes, ratios, and what a change depends on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from whence.evidence.attribution import Attribution, Cause, Dependence, Point
from whence.show.report import names, numbers
from whence.show.report.explain import shares
from whence.show.report.explain.shares import Part

VERDICTS = {
    "explained": "explained",
    "partly-explained": "partly explained",
    "none-of-the-switches": "none of the switches",
    "layout": "code layout",
    "no-effect": "no effect",
    "build-break": "does not build",
    "undetermined": "not enough data",
}
KINDS = {
    "toggle": "switch",
    "module": "module",
    "toolchain-patch": "release",
    "toolchain": "release",
    "go-line": "go line",
    "flag": "flag",
    "environment": "environment",
    "layout": "code layout",
    "source": "source",
    "compiler-limit": "compiler",
    "program": "program",
}
RELEASES = frozenset({"toolchain", "toolchain-patch"})
MOST_NAMED = 3


def label(cause: Cause) -> str:
    """Returns a cause with what it cannot be told from: the share is that of all of them."""
    return named_cause(cause) + (f" with {_tied(cause)}" if cause.entangled_with else "")


def _tied(cause: Cause) -> str:
    return names.clean(names.join(list(cause.entangled_with)))


def named_cause(cause: Cause) -> str:
    """Returns a cause as people call it: `swissmap`, `go1.24.0`, `the go line 1.22`."""
    name = names.clean(cause.name)
    if cause.kind in RELEASES and name[:1].isdigit():
        return f"go{name}"
    if cause.kind == "go-line":
        return f"the go line {name}" if name[:1].isdigit() else f"a go line {name}"
    return name


def kind_text(part: Part) -> str:
    """Returns the kind in a word, with what the cause was only ever varied together with."""
    cause = part.cause
    tied = f", tied to {_tied(cause)}" if cause.entangled_with else ""
    lost = f", inside {names.clean(cause.part_of)}" if cause.part_of is not None and part.depth == 0 else ""
    return KINDS[cause.kind] + tied + lost


def places(sources: Sequence[Cause]) -> str:
    shown = [place(cause) for cause in sources[:MOST_NAMED]]
    if len(sources) > MOST_NAMED:
        shown.append(f"{len(sources) - MOST_NAMED} more")
    return f"{names.join(shown)} {'is' if len(sources) == 1 else 'together are'} enough"


def place(cause: Cause) -> str:
    """Returns `runtime/malloc.go (mallocgcLarge, line 1598)` of `runtime/malloc.go:mallocgcLarge:1598`."""
    name = names.clean(cause.name)
    file, _, rest = name.partition(":")
    function, _, line = rest.rpartition(":")
    if function and line:
        return f"{file} ({function}, line {line})"
    return f"{file}, line {line}" if line else name


def ratio_text(ratio: float | None, low: float | None, high: float | None) -> str:
    """Returns `×1.173 [1.172, 1.174]`, or `×1.182 exact` where nothing scatters."""
    if ratio is None:
        return numbers.MISSING
    if low is not None and high is not None and abs(high - low) <= 1e-9 * abs(ratio):
        return (
            f"×{numbers.ratio_text(ratio, max(3, min(4, numbers.ratio_decimals(ratio, low, high, exact=True))))} exact"
        )
    decimals = numbers.ratio_decimals(ratio, low, high)
    interval = numbers.interval_text(low, high, decimals)
    return f"×{numbers.ratio_text(ratio, decimals)}{' ' + interval if interval else ''}"


def delta_text(value: float | None, unit: str) -> str:
    """Returns a difference in the metric's unit with its sign."""
    if value is None or not math.isfinite(value):
        return ""
    text = names.clean(numbers.amount_text(abs(value), unit))
    return text if value == 0 else f"{'+' if value > 0 else numbers.MINUS}{text}"


def dependence_text(dependence: Dependence) -> str:
    """Returns one sentence on how the change depends on a parameter."""
    name = names.clean(dependence.parameter)
    told = [p for p in dependence.points if p.ratio is not None]
    if not told:
        return f"No value of {name} gave a ratio."
    if dependence.crossover is not None:
        low, high = dependence.low, dependence.high
        bounds = f" [{low:.5g}, {high:.5g}]" if low is not None and high is not None and low != high else ""
        return (
            f"The effect depends on {name}: it changes its sign at {dependence.crossover:.5g}{bounds} "
            f"({_at(told[0])}, {_at(told[-1])})."
        )
    if not dependence.depends:
        return f"The effect is the same at every value of {name} that was tried."
    least, most = (f(told, key=lambda p: p.ratio or 0.0) for f in (min, max))
    return f"The effect depends on {name}: from {_at(least)} to {_at(most)}."


def _at(point: Point) -> str:
    return f"×{point.ratio:.3g} at {names.clean(point.value)}"


def point_shares(point: Point) -> list[tuple[str, str]]:
    """Returns the shares of the causes at one value of a parameter, in percent of the base there."""
    scale = shares.points_to_percent(point.ratio)
    found: list[tuple[str, str]] = []
    for name, (share, low, high) in point.shares.items():
        ends = [None if v is None else v * scale for v in (low, high)]
        found.append((names.clean(name), shares.share_text(share * scale, ends[0], ends[1])))
    return found


def cost_text(attribution: Attribution) -> str:
    spent = attribution.plan
    return (
        f"{numbers.plural(spent.builds, 'build')}, {numbers.plural(spent.runs, 'run')}, "
        f"{numbers.seconds_text(spent.seconds)}"
    )


def evidence_groups(attribution: Attribution) -> list[tuple[str, tuple[str, ...]]]:
    """Returns what stands behind each cause, as (name, what was seen). What the strip of releases shows is left out."""
    strip = {f"go{names.clean(s.release)}" for s in attribution.path}
    found: list[tuple[str, tuple[str, ...]]] = []
    for cause in attribution.causes:
        told = [names.clean(t) for t in cause.evidence if t.partition(":")[0] not in strip]
        if cause.entangled_with:
            told.append(f"cannot be told from {_tied(cause)}")
        if told:
            found.append((named_cause(cause), tuple(dict.fromkeys(told))))
    return found
