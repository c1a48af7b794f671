"""What was odd about a comparison, in words: each note says what looks wrong, why it matters, and what to do. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from whence.evidence.comparison import Effect, Plan
from whence.evidence.metric import BUILT_IN, Metric, layout_sensitive
from whence.evidence.run import BlockEnd, JournalLine, Run
from whence.stats.judge import pairs_for_family

_SAYS_WHY = re.compile(r"^(panic|fatal error|SIG\w+): |\berror\b|flag provided but not defined", re.IGNORECASE)

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def notes(
    lines: Sequence[JournalLine],
    used: Sequence[Run],
    plan: Plan,
    chosen: Sequence[Metric],
    judged: Sequence[Effect],
    *,
    layout_fixed: frozenset[str],
) -> tuple[str, ...]:
    """Returns the notes in the order of their weight."""
    found: list[str] = []
    fatal = {v.name: v.known_fatal for v in plan.built if v.known_fatal}
    releases = {v.name: v.go for v in plan.built}
    found += _failures(used, fatal)
    found += _family(plan, judged)
    found += _plan(plan)
    found += [f"{v.name}: {line}." for v in plan.built for line in v.ignored]
    found += _layout(chosen, layout_fixed, releases)
    found += _repeats(lines)
    found += _missing(used, judged)
    found += _one_sided(used, chosen)
    found += _readings(used, chosen)
    return tuple(dict.fromkeys(found))


def _one_sided(used: Sequence[Run], chosen: Sequence[Metric]) -> list[str]:
    """Units that some variants print and others do not: they cannot be compared, and were not asked for."""
    printed: dict[str, set[tuple[str | None, str]]] = {}
    for run in used:
        if run.ok:
            units = {(s.benchmark, s.metric) for s in run.samples if s.benchmark is not None}
            printed.setdefault(run.variant, set()).update(units)
    if len(printed) < 2:
        return []
    everywhere = set.intersection(*printed.values())
    judged = {(metric.benchmark, metric.unit) for metric in chosen}
    found: list[str] = []
    for pair in sorted(set.union(*printed.values()) - everywhere - judged, key=str):
        who = [variant for variant, units in printed.items() if pair in units]
        found.append(f"only {', '.join(who)} printed {pair[0]} in {pair[1]}, so it is not compared.")
    return found


def _readings(used: Sequence[Run], chosen: Sequence[Metric]) -> list[str]:
    """What single readings had to say; of memory only where memory is judged."""
    memory = any(metric.where == "kernel" and metric.family == "memory" for metric in chosen)
    said = [n for run in used for n in dict.fromkeys(run.notes) if memory or not n.startswith("memory: ")]
    alike: dict[str, list[str]] = {}
    for note in said:
        alike.setdefault(_NUMBER.sub("N", note), []).append(note)
    return sorted(_largest(notes) for notes in alike.values())


def _largest(notes: Sequence[str]) -> str:
    """Returns one line for notes that differ in numbers alone."""
    if len(set(notes)) == 1:
        return notes[0]
    largest = max(notes, key=lambda note: [float(number) for number in _NUMBER.findall(note)])
    return f"{largest} (the most of {len(notes)} runs that say so)"


def _failures(used: Sequence[Run], fatal: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for variant in dict.fromkeys(run.variant for run in used):
        runs = [run for run in used if run.variant == variant]
        failed = [run for run in runs if not run.ok]
        if not failed:
            continue
        words = "died at start" if variant in fatal else describe_failure(failed)
        text = f"{variant} {words} in {len(failed)} of {len(runs)} runs"
        cause = fatal.get(variant) or telling_line(failed[0].message)
        found.append(f"{text}: {cause}" if cause else f"{text}.")
    return found


def describe_failure(failed: Sequence[Run]) -> str:
    """Returns how runs ended, in words: `died at start`, `was killed by SIGSEGV`, `exited with 3`, …"""
    run = failed[0]
    kind = Counter(r.outcome for r in failed).most_common(1)[0][0]
    at_start = kind in {"exit", "signal"} and all(r.seconds < 0.1 and not _printed(r) for r in failed)
    if at_start:
        return "died at start"
    return {
        "exit": f"exited with {run.exit_code}",
        "signal": f"was killed by {run.signal}",
        "oom": "was killed for its memory limit",
        "timeout": "ran into the timeout",
    }.get(kind, "failed")


def telling_line(message: str) -> str:
    """Returns the line of a dying program's last words that says why: an error, what precedes a usage, or the last."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    for line in lines:
        if _SAYS_WHY.search(line):
            return line
    usage = next((i for i, line in enumerate(lines) if line.lower().startswith("usage")), 0)
    return lines[usage - 1] if lines else ""


def _printed(run: Run) -> bool:
    return any(sample.benchmark is not None for sample in run.samples)


def _family(plan: Plan, judged: Sequence[Effect]) -> list[str]:
    noisy = [e for e in judged if e.family == "chosen" and e.p is not None]
    needed = pairs_for_family(len(noisy)) if noisy else 0
    if not needed or plan.pairs >= needed or all(e.verdict != "undetermined" for e in judged):
        return []
    family = f"{len(noisy)} metrics × candidates are corrected for, and " if len(noisy) > 1 else ""
    fewer = ", or choose fewer with --metric" if len(noisy) > 1 else ""
    return [
        f"{family}{plan.pairs} pairs cannot single one out as worse or better: that takes {needed}. "
        f"Use --pairs {needed}{fewer}."
    ]


def _plan(plan: Plan) -> list[str]:
    found: list[str] = []
    if plan.first_block:
        found.append(
            f"the first {plan.first_block} blocks were judged before and do not count here; "
            "over both answers the chance of a false verdict is 2 %, not 1 %."
        )
    ratio = plan.exit_stop_effect.get("cpu-ratio")
    if plan.times_apart and ratio is not None:
        found.append(
            f"holding a process at its exit to read its memory cost {ratio - 1:.1%} CPU in the pilot, "
            "so times come from runs of their own that were left alone."
        )
    if 1 < plan.layouts < plan.pairs:
        found.append(
            f"linking is slow here: {plan.layouts} layouts are shared by the blocks, and times judged on their means."
        )
    return found


def _layout(chosen: Sequence[Metric], fixed: frozenset[str], releases: Mapping[str, str | None]) -> list[str]:
    if not fixed or not any(layout_sensitive(m) for m in chosen):
        return []
    old = sorted({f"go{releases[v]}" for v in fixed if releases.get(v)})
    why = (
        f"{', '.join(old)} cannot link with random layouts (Go 1.23 can)" if old else "the binaries were not built here"
    )
    return [
        f"layout-not-varied: {why}, so effects on times under 10 % stay undetermined. "
        "Compare releases from 1.23 on, or let Whence build the program, to see smaller ones."
    ]


def _repeats(lines: Sequence[JournalLine]) -> list[str]:
    repeated = [line for line in lines if isinstance(line, BlockEnd) and line.status == "repeat"]
    if not repeated:
        return []
    blocks = len({line.block for line in repeated})
    noun = "block was" if blocks == 1 else "blocks were"
    return [f"{blocks} {noun} run again because calibration found the host disturbed (first: {repeated[0].reason})."]


def _missing(used: Sequence[Run], judged: Sequence[Effect]) -> list[str]:
    blocks = len({run.block for run in used})
    short = {e.metric: e.pairs for e in judged if 0 < e.pairs < blocks and e.metric in BUILT_IN}
    return [f"{name} could be read in {pairs} of {blocks} blocks only." for name, pairs in short.items()]
