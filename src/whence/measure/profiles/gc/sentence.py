"""The first sentence: how often the collector ran, what it took, and what limited the program longest."""

from __future__ import annotations

from whence.evidence.gc_story import CycleCounts, Pauses, Stretch, StretchKind, Work
from whence.measure.profiles.gc.run import GcRun
from whence.measure.profiles.gc.wording import amount_text, moment, times

WEIGHT: dict[StretchKind, float] = {
    "cpu-limiter": 8.0, "memory-limit": 4.0, "stopped": 3.0, "assist": 2.0, "back-to-back": 2.0,
    "growth": 0.5, "idle": 0.1,
}  # fmt: skip
"""What is told first, at equal length: the rarer and the harder on the program, the higher."""


def sentence(
    run: GcRun, counts: CycleCounts, pauses: Pauses | None, work: Work | None, stretches: tuple[Stretch, ...]
) -> str:
    """Returns one sentence in plain words."""
    if not counts.total:
        return f"The collector did not run in {moment(run.finish_s - run.begin_s)}."
    opening = f"The collector ran {times(counts.total)}"
    if not run.timed:
        stopped = amount_text(pauses.total) if pauses is not None else "an unknown time"
        return f"{opening} and stopped the program for {stopped} in all."
    opening += f" in {moment(run.finish_s - run.begin_s)}"
    if work is not None and work.share is not None:
        opening += f" and used {amount_text(work.share)} of the CPU"
    elif pauses is not None:
        opening += f" and stopped the program for {amount_text(pauses.total)}"
    told = _told(stretches, run.finish_s - run.begin_s)
    return f"{opening}; {told}." if told else f"{opening}; nothing shows that it limited the program."


def _told(stretches: tuple[Stretch, ...], length: float) -> str:
    if not stretches:
        return ""
    chosen = max(stretches, key=lambda stretch: WEIGHT[stretch.kind] * (stretch.to_s - stretch.from_s))
    if chosen.kind == "idle" and chosen.to_s - chosen.from_s < 0.5 * length:
        return ""
    whole = chosen.to_s - chosen.from_s >= 0.95 * length
    when = "all the time" if whole else f"from {moment(chosen.from_s)} to {moment(chosen.to_s)}"
    return f"{when} {_words(chosen)}"


def _words(stretch: Stretch) -> str:
    found = {measure.name: amount_text(measure.amount) for measure in stretch.measures}
    return {
        "cpu-limiter": f"the collector ran into the cap of its CPU ({found.get('collector', '')} taken)",
        "memory-limit": f"the heap ran at the memory limit and collections took {found.get('collector', '')} of the"
        " CPU",
        "stopped": f"the world was stopped {found.get('stopped', '')} of the time",
        "assist": f"goroutines that allocate spent {found.get('assists', '')} of the CPU marking",
        "back-to-back": "one collection followed the other",
        "growth": f"the live heap grew from {found.get('from', '')} to {found.get('to', '')}",
        "idle": "it rested",
    }[stretch.kind]
