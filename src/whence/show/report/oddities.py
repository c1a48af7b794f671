"""What was odd, in words: failures, repeated blocks, warnings of the host and of single effects, notes of the lab."""

from __future__ import annotations

from whence.evidence.comparison import Comparison
from whence.show.report import names, numbers, reading
from whence.show.report.failures import failed_runs, failure_text, lab_note, nothing_left, runs_of


def texts(comparison: Comparison) -> tuple[str, ...]:
    """Returns each oddity once, the gravest first. Empty when nothing was odd."""
    found: list[str] = []
    if comparison.simulated:
        found.append("These numbers were simulated, not measured.")
    if comparison.interim:
        found.append("The comparison was interrupted: nothing is judged yet. The same command with --out continues it.")
    for variant in comparison.variants:
        # A variant that never ran well is told in the answer itself; the others are odd.
        text = failure_text(comparison, variant)
        if text is not None and failed_runs(variant) < runs_of(variant):
            found.append(text)
    told = {lab_note(comparison, variant) for variant in comparison.variants}
    found += comparison.host.warnings
    found += [note for note in comparison.notes if note not in told]
    if comparison.repeated_blocks and not any("repeat" in note or "run again" in note for note in comparison.notes):
        blocks = numbers.plural(comparison.repeated_blocks, "block")
        found.append(f"{blocks} repeated because calibration ran slow; the first attempts are kept and not used.")
    found += _of_effects(comparison)
    cleaned = (" ".join(names.clean(text).split()) for text in found)
    return tuple(dict.fromkeys(text for text in cleaned if text))


def _of_effects(comparison: Comparison) -> list[str]:
    by_warning: dict[str, list[str]] = {}
    inside: list[str] = []
    for effect in comparison.effects:
        for warning in effect.warnings if not nothing_left(comparison, effect) else ():
            by_warning.setdefault(warning, []).append(names.metric_key(effect))
        if effect.verdict == "equivalent" and effect.differs and effect.candidate in reading.candidates(comparison):
            inside.append(f"{names.metric_key(effect)} of {names.label(comparison, effect.candidate)}")
    found = [f"{_some(list(dict.fromkeys(metrics)))}: {warning}" for warning, metrics in by_warning.items()]
    if inside:
        verb = "differs" if len(inside) == 1 else "differ"
        found.append(f"{_some(inside)} {verb} from the base, by less than the margin that counts as equivalent.")
    return found


def _some(items: list[str]) -> str:
    return names.join(items) if len(items) <= 4 else f"{', '.join(items[:3])} and {len(items) - 3} more"
