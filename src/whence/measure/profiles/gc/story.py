"""The story of one run: from what a runtime printed, counted or traced to `GCStory`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from whence.evidence.errors import BadInput
from whence.evidence.gc_story import GCStory
from whence.measure.profiles.gc import summary
from whence.measure.profiles.gc.from_log import from_log, runs_of
from whence.measure.profiles.gc.from_snapshots import from_snapshots
from whence.measure.profiles.gc.limits import find_limits
from whence.measure.profiles.gc.points import points, releases
from whence.measure.profiles.gc.run import GcRun
from whence.measure.profiles.gc.sentence import sentence
from whence.measure.profiles.gc.stretches import stretches
from whence.measure.profiles.readers import runtime_log
from whence.measure.profiles.readers.runtime_log import RuntimeLog
from whence.measure.profiles.readers.snapshot import Snapshot


def story(
    source: RuntimeLog | Sequence[Snapshot] | GcRun,
    *,
    gogc_percent: float | None = None,
    memory_limit_bytes: int | None = None,
    program: int | None = None,
) -> GCStory:
    """Returns the story of a log, of snapshots in their order, or of columns that another source was read into.

    `gogc_percent` (inf for off) and `memory_limit_bytes`: what the program ran with, if known. `program`: which of
    several programs whose collections stand in one log, counted from 1; without it the one with most collections.
    Raises BadInput when there is nothing to tell.
    """
    run = _run(source, program)
    limits = find_limits(run, gogc_percent=gogc_percent, memory_limit_bytes=memory_limit_bytes)
    counts, stops, cpu = summary.cycles(run), summary.pauses(run), summary.work(run)
    found = stretches(run, limits)
    return GCStory(
        source=run.source,
        sentence=sentence(run, counts, stops, cpu, found),
        timed=run.timed,
        from_s=run.begin_s,
        to_s=run.finish_s,
        processors=int(np.median(run.procs)) if len(run) and run.procs[0] > 0 else None,
        cycles=counts,
        pauses=stops,
        work=cpu,
        heap=summary.heap(run, limits, memory_limit_bytes),
        scavenging=summary.scavenging(run),
        stretches=found,
        points=points(run),
        releases=releases(run),
        notes=(*run.notes, *((limits.note,) if limits.note else ())),
    )


def story_of_log(data: bytes, **known: float | int | None) -> GCStory:
    """Returns the story of a log's content; see `story`."""
    return story(runtime_log.read(data), **known)  # pyright: ignore[reportArgumentType]


def _run(source: RuntimeLog | Sequence[Snapshot] | GcRun, program: int | None) -> GcRun:
    if isinstance(source, GcRun):
        return source
    return _run_of(source, program) if isinstance(source, RuntimeLog) else from_snapshots(source)


def _run_of(log: RuntimeLog, program: int | None) -> GcRun:
    programs = runs_of(log)
    if not programs:
        raise BadInput(
            f"the log holds no line of a collection ({log.other_lines:,} other lines). Run the program with"
            " GODEBUG=gctrace=1 and give what it printed on standard error."
        )
    if program is not None and not 1 <= program <= len(programs):
        raise BadInput(f"the log holds the collections of {len(programs)} programs; there is no number {program}.")
    longest = max(range(len(programs)), key=lambda index: programs[index].stop - programs[index].start)
    chosen = program - 1 if program is not None else longest
    run = from_log(log, programs[chosen])
    if len(programs) == 1:
        return run
    note = (
        f"Collection numbers begin anew {len(programs) - 1} times: the log holds {len(programs)} programs or starts;"
        f" this is number {chosen + 1}, {'the one asked for' if program is not None else 'the longest'}."
    )
    return replace(run, notes=(note, *run.notes))
