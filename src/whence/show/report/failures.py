"""Failures are data: what became of the runs of each variant, in words."""

from __future__ import annotations

from whence.evidence.comparison import Comparison, VariantResult
from whence.show.report.names import clean, join, label

_WHAT = {
    "exit": "ended with an error",
    "signal": "was killed by a signal",
    "oom": "was killed for its memory",
    "timeout": "ran past its time",
}
_AT_START = "died at start"


def runs_of(variant: VariantResult) -> int:
    return sum(variant.outcomes.values())


def failed_runs(variant: VariantResult) -> int:
    return sum(count for outcome, count in variant.outcomes.items() if outcome != "ok")


def failure_text(comparison: Comparison, variant: VariantResult) -> str | None:
    """Returns what befell a variant (`go1.27.1 died in 10 of 10 runs: …`), or None when every run ended well."""
    total, failed = runs_of(variant), failed_runs(variant)
    if failed == 0:
        return None
    kinds = {outcome: count for outcome, count in variant.outcomes.items() if outcome != "ok" and count}
    message = " ".join(clean(variant.first_failure or "").split())
    name = label(comparison, variant.name)
    if message.lower().startswith(_AT_START):
        message = message[len(_AT_START) :].lstrip(" :.")
        text = f"{name} {_AT_START} in {failed} of {total} runs"
    elif len(kinds) == 1:
        outcome = next(iter(kinds))
        what = "died" if outcome in {"exit", "signal"} and failed == total else _WHAT.get(outcome, outcome)
        text = f"{name} {what} in {failed} of {total} runs"
    else:
        parts = [f"{_WHAT.get(outcome, outcome)} in {count}" for outcome, count in kinds.items()]
        text = f"{name} {join(parts)} of {total} runs"
    return f"{text}: {message}" if message else text


def failure_texts(comparison: Comparison) -> tuple[str, ...]:
    """Returns the failures of all variants, in their order."""
    texts = (failure_text(comparison, variant) for variant in comparison.variants)
    return tuple(text for text in texts if text is not None)
