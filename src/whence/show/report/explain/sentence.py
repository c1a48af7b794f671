"""The sentence of an explanation (how much, and why, by the verdict), and what stands right below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from whence.evidence.attribution import Attribution
from whence.show.report import names, numbers
from whence.show.report.explain import shares
from whence.show.report.explain.shares import Part
from whence.show.report.explain.words import MOST_NAMED, RELEASES, delta_text, label, named_cause, place, places

_SPEC_GO = re.compile(r"(?:^|[,:])go=([^,]+)")


def headline(attribution: Attribution) -> str:
    """Returns the sentence: how much, and why."""
    return f"{names.capital(change(attribution))} {why(attribution)}".strip()


def change(attribution: Attribution) -> str:
    """Returns the change with its interval: `resident memory +247 % [+246, +247].`"""
    what = names.metric_words(attribution.metric).text
    if attribution.total.ratio is None:
        return "" if attribution.verdict == "build-break" else f"{what}: no ratio."
    return f"{what} {total_text(attribution)}."


def total_text(attribution: Attribution) -> str:
    """Returns `+17.3 % [+17.2, +17.4]`: the whole change in percent of the base."""
    total = attribution.total
    if total.ratio is None:
        return numbers.MISSING
    decimals = numbers.percent_decimals(total.ratio, total.low, total.high)
    size = numbers.percent_text(total.ratio - 1, decimals, sign=True)
    if total.low is None or total.high is None or total.low == total.high:
        return f"{size} %"
    low, high = (numbers.percent_text(v - 1, decimals, sign=True) for v in (total.low, total.high))
    return f"{size} % [{low}, {high}]"


def why(attribution: Attribution) -> str:
    """Returns what carries the change, by the verdict."""
    if attribution.interim:
        known = _carried(attribution, "carry it")
        return f"Interrupted. So far: {known}." if known else "Interrupted before a cause was known."
    sentences = {
        "no-effect": _no_effect,
        "layout": lambda _: "It is code layout, not the code.",
        "build-break": _build_break,
        "undetermined": _undetermined,
        "none-of-the-switches": _release_itself,
        "explained": _explained,
        "partly-explained": _partly,
    }
    return sentences[attribution.verdict](attribution)


def _explained(attribution: Attribution) -> str:
    found = shares.carriers(attribution)
    told = _carried(attribution, "carry it")
    only_modules = bool(found) and all(p.cause.kind == "module" for p in found)
    release = any(c.kind in RELEASES and not c.blamed for c in attribution.causes)
    return f"{told or 'what carries it stands below'}{', not Go' if only_modules and release else ''}."


def _partly(attribution: Attribution) -> str:
    found = shares.carriers(attribution)
    named = [p for p in found if p.cause.kind not in RELEASES]
    rest = [p for p in found if p.cause.kind in RELEASES]
    verb = "carries" if len(named) == 1 else "carry"
    told = f"{_list(named)} {verb} a part of it" if named else "A part of it has a name"
    if rest:
        return f"{told}; {_list(rest)} the rest."
    left = shares.leftover_text(attribution)
    return f"{told}{f'; {left} percent of the base stays unexplained' if left else ''}."


def _release_itself(attribution: Attribution) -> str:
    line = _line_of(attribution)
    own = [c for c in attribution.causes if c.part_of is None]
    if any(c.kind == "toggle" for c in own):
        return f"No switch{f' of {line}' if line else ''} carries it; the release itself does."
    if any(c.kind not in RELEASES for c in own):
        return "Nothing else that differs carries it; the release itself does."
    return "The release itself carries it."


def _no_effect(attribution: Attribution) -> str:
    total = attribution.total
    if total.low is None or total.high is None or total.low <= 0:
        return "No effect: the two are equivalent."
    most = max(abs(total.low - 1), abs(total.high - 1))
    if most == 0:
        return "No effect: they are the same."
    return f"No effect: the two are equivalent within {100 * most:.2g} %."


def _undetermined(attribution: Attribution) -> str:
    total, takes = attribution.total, names.clean(attribution.takes).rstrip(".")
    if total.ratio is None:
        return f"No answer{': ' + takes if takes else ''}."
    if total.low is None or total.high is None or total.low <= 1 <= total.high:
        return f"Not enough data to say whether it changed: {takes or 'more runs are needed'}."
    return f"No cause can be singled out: {takes or 'more runs are needed'}."


def _build_break(attribution: Attribution) -> str:
    who = [named_cause(c) for c in attribution.causes if c.part_of is None]
    verb = "breaks" if len(who) == 1 else "break"
    return f"Only one side builds{f': {names.join(who)} {verb} it' if who else ''}."


def _carried(attribution: Attribution, verb: str) -> str:
    found = shares.carriers(attribution)
    if not found:  # a verdict that says more than the shares do: name the largest
        own = [p for p in shares.own_parts(attribution) if p.percent is not None and p.cause.blamed]
        found = own[:1]
    return _carry(found, verb)


def _carry(found: Sequence[Part], verb: str) -> str:
    """Returns `a carries it`, `a (+5.1 %) and b (+2.0 %) carry it`, or that they work against each other."""
    if not found:
        return ""
    if len(found) == 1:
        return f"{label(found[0].cause)} {verb.replace('carry', 'carries', 1)}"
    signs = {(p.percent or 0.0) > 0 for p in found}
    if len(signs) == 2:
        return f"{_list(found)} work against {'each other' if len(found) == 2 else 'one another'}"
    return f"{_list(found)} {verb}"


def _list(found: Sequence[Part]) -> str:
    told = [f"{label(p.cause)} ({shares.short(p.percent)})" for p in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        told.append(f"{len(found) - MOST_NAMED} more")
    return names.join(told)


def _line_of(attribution: Attribution) -> str:
    match = _SPEC_GO.search(attribution.candidate)
    version = match[1] if match is not None else ""
    return ".".join(version.split(".")[:2]) if version[:1].isdigit() else ""


def story(attribution: Attribution) -> list[str]:
    """Returns what stands below the sentence, a paragraph each: the amounts, where it came and went, which memory."""
    told = [amounts(attribution), way(attribution)]
    if attribution.verdict in ("layout", "build-break"):
        told += [names.clean(text) for c in attribution.causes if c.part_of is None for text in c.evidence[:2]]
        told += [] if any(told[1:]) else [names.clean(attribution.takes)]
    elif attribution.verdict == "partly-explained" and attribution.takes:
        told.append(f"to know the rest: {names.clean(attribution.takes)}")
    told.append(names.clean(attribution.story))
    return [names.capital(text) for text in dict.fromkeys(told) if text]


def amounts(attribution: Attribution) -> str:
    """Returns `81.4 MB → 283 MB (+201 MB)`: the medians, and the difference in the metric's unit."""
    total, unit = attribution.total, attribution.unit
    if total.base_value is None or total.candidate_value is None:
        return ""
    delta = delta_text(total.delta, unit)
    both = (total.base_value, total.candidate_value)
    scale = numbers.scale_for(both, unit)
    values = " → ".join(f"{numbers.value_text(v, scale)} {scale.unit}".strip() for v in both)
    return names.clean(f"{values}{f' ({delta})' if delta else ''}")


def way(attribution: Attribution) -> str:
    """Returns where along the releases the change came and went, and the lines: one line, empty when not searched."""
    told: list[str] = []
    if attribution.introduced_in:
        told.append(f"introduced in {names.clean(attribution.introduced_in)}")
    if attribution.fixed_in:
        told.append(f"fixed in {names.clean(attribution.fixed_in)}")
    elif attribution.newest_carries:
        told.append(f"still there in {names.clean(attribution.newest_carries)}")
    sources = [c for c in attribution.causes if c.kind == "source" and c.part_of is not None]
    if sources:
        told.append(places(sources))
    limits = [c for c in attribution.causes if c.kind == "compiler-limit"]
    if limits:
        told.append(f"the compiler decides otherwise at {names.join([place(c) for c in limits[:MOST_NAMED]])}")
    return " · ".join(told)
