"""The releases between base and candidate, and after, as a strip: where the change came and where it went."""

from __future__ import annotations

import msgspec

from whence.evidence.attribution import Attribution
from whence.show.report import names
from whence.show.report.explain import words

OUTCOMES = {
    "base": ("○", "base"),
    "carries": ("▲", "has it"),
    "clear": ("=", "without it"),
    "undecided": ("?", "not enough data"),
    "unmeasurable": ("–", "cannot be had"),
}


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One release on the strip. `note`: `introduced here`, `fixed here`, or nothing."""

    release: str
    mark: str
    word: str
    outcome: str
    ratio: str
    pairs: int
    note: str


def strip(attribution: Attribution) -> tuple[Stop, ...]:
    """Returns the releases that were asked, in order of version, with what was seen."""
    return tuple(
        Stop(
            release=names.clean(step.release),
            mark=OUTCOMES[step.outcome][0],
            word=OUTCOMES[step.outcome][1],
            outcome=step.outcome,
            ratio="" if step.ratio is None else words.ratio_text(step.ratio, step.low, step.high),
            pairs=step.pairs,
            note=_note(step.release, attribution),
        )
        for step in attribution.path
    )


def line(attribution: Attribution) -> str:
    """Returns the strip as one line of text, its marks explained; empty when no release was asked.

    What belongs together is held by no-break spaces.
    """
    if not attribution.path:
        return ""
    stops = strip(attribution)
    marks = {stop.outcome: _held(stop.mark, stop.word) for stop in stops}
    return f"{'  '.join(_held(s.release, s.mark) for s in stops)}   ({', '.join(marks.values())})"


def _held(*words: str) -> str:
    return " ".join(words).replace(" ", "\u00a0")


def _note(release: str, attribution: Attribution) -> str:
    if release == attribution.fixed_in:
        return "fixed here"
    return "introduced here" if release == attribution.introduced_in else ""
