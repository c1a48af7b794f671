"""Failures are data: what became of the runs of each variant, in words."""

from __future__ import annotations

from whence.evidence.comparison import Comparison, Effect, VariantResult
from whence.show.report.names import clean, join, label

_WHAT = {
    "exit": "ended with an error",
    "signal": "was killed by a signal",
    "oom": "was killed for its memory",
    "timeout": "ran past its time",
}


def runs_of(variant: VariantResult) -> int:
    return sum(variant.outcomes.values())


def failed_runs(variant: VariantResult) -> int:
    return sum(count for outcome, count in variant.outcomes.items() if outcome != "ok")


def nothing_left(comparison: Comparison, effect: Effect) -> bool:
    """True when a side of the pair never ended well: more pairs would not help, and the failure is told instead."""
    sides = (variant for variant in comparison.variants if variant.name in {effect.base, effect.candidate})
    return effect.pairs == 0 and any(0 < runs_of(side) == failed_runs(side) for side in sides)


def failure_text(comparison: Comparison, variant: VariantResult) -> str | None:
    """Returns what befell a variant (`go1.27.1 died at start in 10 of 10 runs: …`), or None when all runs ended well.

    The lab, which saw the runs, may have put it in words already: then its note is used.
    """
    total, failed = runs_of(variant), failed_runs(variant)
    if failed == 0:
        return None
    name = label(comparison, variant.name)
    note = lab_note(comparison, variant)
    if note is not None:
        return name + clean(note.removeprefix(variant.name))
    kinds = {outcome: count for outcome, count in variant.outcomes.items() if outcome != "ok" and count}
    if variant.known_fatal is not None:
        text = f"{name} died at start in {failed} of {total} runs"
    elif len(kinds) == 1:
        outcome = next(iter(kinds))
        what = "died" if outcome in {"exit", "signal"} and failed == total else _WHAT.get(outcome, outcome)
        text = f"{name} {what} in {failed} of {total} runs"
    else:
        parts = [f"{_WHAT.get(outcome, outcome)} in {count}" for outcome, count in kinds.items()]
        text = f"{name} {join(parts)} of {total} runs"
    message = " ".join(clean(variant.known_fatal or variant.first_failure or "").split())
    return f"{text}: {message}" if message else text


def lab_note(comparison: Comparison, variant: VariantResult) -> str | None:
    """Returns the note in which the lab tells how this variant failed."""
    tail = f" in {failed_runs(variant)} of {runs_of(variant)} runs"
    found = (note for note in comparison.notes if note.startswith(f"{variant.name} ") and tail in note)
    return next(found, None)


def failure_texts(comparison: Comparison) -> tuple[str, ...]:
    """Returns the failures of all variants, in their order."""
    texts = (failure_text(comparison, variant) for variant in comparison.variants)
    return tuple(text for text in texts if text is not None)
