"""An explanation in words: the sentence, what carries the change, where along the releases it came, what to do."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import msgspec

from whence.evidence.attribution import Attribution, Cause, Dependence, RejectedRemedy, Remedy
from whence.show.report import names, numbers

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
CARRIES = 0.10
MINUS = numbers.MINUS
_SPEC_GO = re.compile(r"(?:^|,)go=([^,]+)")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One share as percent of the base, with half its interval; None where the runs could not bound it."""

    cause: Cause
    percent: float | None
    low: float | None
    high: float | None

    @property
    def half(self) -> float | None:
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def points_to_percent(attribution: Attribution) -> float:
    """Returns percent of the base a ln point, so that parts add up to the whole change in percent."""
    ratio = attribution.total.ratio
    if ratio is None or ratio <= 0 or abs(math.log(ratio)) < 1e-9:
        return 100.0
    return 100.0 * (ratio - 1) / math.log(ratio)


def parts(attribution: Attribution, *, inside: str | None = None) -> tuple[Part, ...]:
    """Returns the shares that add up to the change, or those inside one cause."""
    scale = points_to_percent(attribution)

    def percent(value: float | None) -> float | None:
        return None if value is None or not math.isfinite(value) else value * scale

    return tuple(
        Part(cause=c, percent=percent(c.share), low=percent(c.low), high=percent(c.high))
        for c in attribution.causes
        if c.part_of == inside
    )


def carriers(attribution: Attribution) -> list[Cause]:
    """Returns the causes that carry a tenth of the change or more, the largest first."""
    own = [c for c in attribution.causes if c.part_of is None]
    ratio = attribution.total.ratio
    points = abs(math.log(ratio)) if ratio else 0.0
    scale = max([points, *(abs(c.share or 0.0) for c in own)], default=0.0)
    return [c for c in own if c.blamed and abs(c.share or 0.0) >= CARRIES * scale]


def headline(attribution: Attribution) -> str:
    """Returns the sentence: how much, and why."""
    return f"{names.capital(change(attribution))} {why(attribution)}".strip()


def change(attribution: Attribution) -> str:
    """Returns the change with its interval: `resident memory +247 % [+246, +247].`"""
    what = names.metric_words(attribution.metric).text
    total = attribution.total
    if total.ratio is None:
        return "" if attribution.verdict == "build-break" else f"{what}: no ratio."
    decimals = numbers.percent_decimals(total.ratio, total.low, total.high)
    size = numbers.percent_text(total.ratio - 1, decimals, sign=True)
    interval = ""
    if total.low is not None and total.high is not None and total.low != total.high:
        low, high = (numbers.percent_text(v - 1, decimals, sign=True) for v in (total.low, total.high))
        interval = f" [{low}, {high}]"
    return f"{what} {size} %{interval}."


def why(attribution: Attribution) -> str:
    """Returns what carries the change, by the verdict."""
    found = carriers(attribution)
    verdict = attribution.verdict
    if attribution.interim:
        return "Interrupted: what is known so far."
    if verdict == "no-effect":
        return "No effect: the two are equivalent."
    if verdict == "layout":
        told = next((c.evidence[0] for c in attribution.causes if c.kind == "layout" and c.evidence), "")
        return f"It is code layout, not the code{': ' + told if told else ''}."
    if verdict == "build-break":
        return _build_break(attribution)
    if verdict == "undetermined":
        return f"No cause can be singled out: {attribution.takes or 'more runs are needed'}."
    if verdict == "none-of-the-switches":
        line = _line_of(attribution)
        switches = any(c.kind == "toggle" for c in attribution.causes)
        head = f"No switch{f' of {line}' if line else ''} carries it; the" if switches else "The"
        return f"{head} release itself does."
    named = [named_cause(c) for c in found if c.kind not in RELEASES]
    rest = [c for c in found if c.kind in RELEASES]
    verb = "carries" if len(named) == 1 else "carry"
    if verdict == "explained":
        return f"{names.join(named)} {verb} it."
    left = f"; {names.join([named_cause(c) for c in rest])} the rest" if rest else ""
    return f"{names.join(named)} {verb} a part of it{left}."


def named_cause(cause: Cause) -> str:
    """Returns a cause as people call it: `swissmap`, `go1.24.0`, `google.golang.org/grpc`."""
    name = names.clean(cause.name)
    if cause.kind in RELEASES and name[:1].isdigit():
        return f"go{name}"
    if cause.kind == "go-line":
        return f"the go line {name}"
    return name


def _line_of(attribution: Attribution) -> str:
    match = _SPEC_GO.search(attribution.candidate)
    version = match[1] if match is not None else ""
    return ".".join(version.split(".")[:2]) if version[:1].isdigit() else ""


def _build_break(attribution: Attribution) -> str:
    who = [named_cause(c) for c in attribution.causes if c.part_of is None]
    told = next((c.evidence[0] for c in attribution.causes if c.evidence), attribution.takes)
    breaks = f"{names.join(who)} breaks it" if who else "the candidate does not build"
    return f"Only one side builds: {breaks}{': ' + names.clean(told) if told else ''}."


def way(attribution: Attribution) -> str:
    """Returns where along the releases the change came and went, and the lines: one line, empty when not searched."""
    told: list[str] = []
    if attribution.introduced_in:
        told.append(f"introduced in {attribution.introduced_in}")
    if attribution.fixed_in:
        told.append(f"fixed in {attribution.fixed_in}")
    elif attribution.newest_carries:
        told.append(f"still there in {attribution.newest_carries}")
    sources = [c for c in attribution.causes if c.kind == "source" and c.part_of is not None]
    if sources:
        told.append(f"{_places(sources)} {'is' if len(sources) == 1 else 'are'} enough")
    limits = [c for c in attribution.causes if c.kind == "compiler-limit"]
    if limits:
        told.append(f"the compiler decides otherwise about {names.join([names.clean(c.name) for c in limits[:3]])}")
    return " · ".join(told)


def _places(sources: Sequence[Cause]) -> str:
    shown: list[str] = []
    for cause in sources[:3]:
        file, _, rest = names.clean(cause.name).partition(":")
        function, _, line = rest.rpartition(":")
        shown.append(f"{file} ({function}, line {line})" if function else names.clean(cause.name))
    more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    return names.join(shown) + more


def share_text(percent: float | None, half: float | None, *, sign: bool = True) -> str:
    """Returns `+12.9 ± 0.3`, as many decimals as the interval is worth."""
    if percent is None:
        return numbers.MISSING
    decimals = 1 if half is None or half <= 0 else max(1, min(4, -math.floor(math.log10(half))))
    decimals = min(decimals, 2) if abs(percent) >= 10 else decimals
    text = _signed(percent, decimals, sign)
    return text if half is None else f"{text} ± {half:.{decimals}f}"


def _signed(value: float, decimals: int, sign: bool) -> str:
    text = f"{value:{'+' if sign else ''}.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def leftover_text(attribution: Attribution) -> str | None:
    u = attribution.unexplained
    if u is None or u.share is None:
        return None
    scale = points_to_percent(attribution)
    half = None if u.low is None or u.high is None else (u.high - u.low) / 2 * scale
    return share_text(u.share * scale, half)


def remedy_text(remedy: Remedy) -> str:
    """Returns `go=1.24.13: ×0.999 [0.999, 0.999] of the base, cpu ×0.86`."""
    change = names.clean(remedy.change)
    if not remedy.measured:
        return f"{change}: {names.clean(remedy.why)}"
    return f"{change}: {ratio_text(remedy.ratio, remedy.low, remedy.high)} of the base{_price(remedy.price)}"


def rejected_text(remedy: RejectedRemedy) -> str:
    ratio = f" ({ratio_text(remedy.ratio, remedy.low, remedy.high)} of the base)" if remedy.ratio is not None else ""
    return f"{names.clean(remedy.change)}: {names.clean(remedy.why)}{ratio}"


def ratio_text(ratio: float | None, low: float | None, high: float | None) -> str:
    decimals = numbers.ratio_decimals(ratio, low, high)
    interval = numbers.interval_text(low, high, decimals)
    return f"×{numbers.ratio_text(ratio, decimals)}{' ' + interval if interval else ''}"


def _price(price: dict[str, float]) -> str:
    moved = [f"{names.clean(k)} ×{v:.3g}" for k, v in price.items() if abs(v - 1) >= 0.03]
    if moved:
        return f", {', '.join(moved)}"
    return ", at no price that was seen" if price else ""


def dependence_text(dependence: Dependence) -> str:
    """Returns one sentence on how the change depends on a parameter."""
    name = names.clean(dependence.parameter)
    if dependence.crossover is not None:
        bounds = ""
        if dependence.low is not None and dependence.high is not None and dependence.low != dependence.high:
            bounds = f" [{dependence.low:g}, {dependence.high:g}]"
        first, last = dependence.points[0], dependence.points[-1]
        return (
            f"The effect depends on {name}: it changes its sign at {dependence.crossover:.4g}{bounds} "
            f"(×{first.ratio or math.nan:.3g} at {first.value}, ×{last.ratio or math.nan:.3g} at {last.value})."
        )
    told = [p for p in dependence.points if p.ratio is not None]
    if not dependence.depends or not told:
        return f"The effect is the same at every value of {name} that was tried."
    least, most = (f(told, key=lambda p: p.ratio or 0.0) for f in (min, max))
    return (
        f"The effect depends on {name}: from ×{least.ratio:.3g} at {least.value} to ×{most.ratio:.3g} at {most.value}."
    )


def cost_text(attribution: Attribution) -> str:
    spent = attribution.plan
    return (
        f"{numbers.plural(spent.builds, 'build')}, {numbers.plural(spent.runs, 'run')}, "
        f"{numbers.seconds_text(spent.seconds)}"
    )


def evidence_lines(attribution: Attribution) -> list[str]:
    """Returns what stands behind the causes, a line each, as `name: what was seen`."""
    found: list[str] = []
    for cause in attribution.causes:
        where = named_cause(cause)
        found += [f"{where}: {names.clean(text)}" for text in cause.evidence]
        if cause.entangled_with:
            found.append(f"{where}: cannot be told from {names.clean(', '.join(cause.entangled_with))}")
    return list(dict.fromkeys(found))
