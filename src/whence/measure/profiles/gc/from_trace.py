"""An execution trace as one run: collections, stops, assists and marking workers to the nanosecond.

| part | from |
|---|---|
| a collection | GCBegin to the end of its mark termination |
| pauses | STWBegin to STWEnd of the kinds named after the collector; see below |
| heap at its start and end | the last HeapAlloc before either |
| live | the last HeapAlloc of the mark termination: marking reports there what it found |
| goal | the last HeapGoal before the end of marking |
| assists, workers | the time that their goroutines ran on a processor (see `from_trace_cpu.py`) |

The runtime's own numbers (MemStats, gctrace) end a mark termination when the collector is done; the trace's end of the
stop comes when the world has been started again. Both are told, as bounds. Workers and assists count until the last
mark termination, which one of them carries out. The goal is the one that was set last; with a memory limit the runtime
reckons it anew all the time, and gctrace prints what it was at the end of marking.

Collections that began before tracing or ended after it are left out and counted in a note. Traces of Go 1.21 and older
do not say which goroutines are marking workers, so that the collector's share of the CPU is unknown there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.gc.from_trace_cpu import KINDS, Running, cpu_by_cycle
from whence.measure.profiles.gc.run import Bounds, Float64, GcRun, Int64, exact, unknown
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.trace_columns import Events, Generation, kinds_mask
from whence.measure.profiles.readers.trace_v2_events import CODE

_NS = 1e-9
_STACKS, _STACKS_SHARE = 2 << 20, 0.05
"""Stacks and globals count towards the goal and are not in a trace: at most this, and this share of what is live."""
_NAMES = (
    "GCBegin", "GCEnd", "GCActive", "STWBegin", "STWEnd", "HeapAlloc", "HeapGoal", "ProcsChange",
    "GCMarkAssistBegin", "GCMarkAssistEnd", "GoLabel", "GoStart", "GoStop", "GoBlock", "GoDestroy", "GoSwitch",
    "GoSwitchDestroy",
)  # fmt: skip
_FEW = kinds_mask(tuple(name for name in _NAMES if not name.startswith("Heap") and not name.startswith("Go")))
_SWEEP, _MARK = "sweep termination", "mark termination"


@dataclass(slots=True)
class _Series:
    """Times and values, appended block by block."""

    time_ns: list[Int64] = field(default_factory=list)
    value: list[Int64] = field(default_factory=list)

    def add(self, events: Events) -> None:
        if len(events):
            self.time_ns.append(events.time_ns)
            self.value.append(events.args[0])

    def joined(self) -> tuple[Int64, Int64]:
        if not self.time_ns:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return np.concatenate(self.time_ns), np.concatenate(self.value)


class Stop(NamedTuple):
    """One stop of the world (ns), why, and the goroutine that stopped it."""

    begin: int
    end: int
    kind: str
    goroutine: int


@dataclass(slots=True)
class _Read:
    """What is kept of a trace: a few numbers a collection and a few a switch of goroutines meanwhile."""

    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    open_stop: tuple[int, str, int] | None = None
    heap: _Series = field(default_factory=_Series)
    goal: _Series = field(default_factory=_Series)
    procs: _Series = field(default_factory=_Series)
    running: Running = field(default_factory=Running)
    first_ns: int | None = None
    last_ns: int = 0
    version: int = 0
    damage: str = ""


def from_trace(generations: Iterable[Generation]) -> GcRun:
    """Returns the run that a trace shows, up to where it is damaged. Raises DamagedInput when nothing is readable."""
    read = _Read()
    try:
        for generation in generations:
            _add(read, generation)
    except DamagedInput as error:
        if read.first_ns is None:
            raise
        read.damage = str(error)
    begin, end, left_out = _cycles(read)
    sweep, done, mark, finish = _pauses(read, begin, end)
    sweep_s, done_s, mark_s = _seconds(sweep), _seconds(done), _seconds(mark)
    heap_ns, heap = read.heap.joined()
    goal_ns, goal = read.goal.joined()
    procs_ns, procs = read.procs.joined()
    origin = read.first_ns or 0
    stopped_at, finisher = _mark_stops(read, begin, end)
    cpu = cpu_by_cycle(read.running, begin, stopped_at, finisher)
    workers = read.version >= 22
    rows, live = len(begin), _within(heap_ns, heap, stopped_at, end)
    nothing = unknown(rows)
    dedicated, fractional, idle = (cpu[kind] if workers else nothing for kind in KINDS)
    many = _before(procs_ns, procs, begin)
    many = np.where(np.isnan(many), procs[0] if len(procs) else 0, many).astype(np.int64)
    return GcRun(
        source="execution trace",
        timed=True,
        begin_s=0.0,
        finish_s=max(read.last_ns - origin, 0) * _NS,
        number=np.arange(1, rows + 1),
        count=np.ones(rows, np.int64),
        start_s=_seconds(begin - origin),
        end_s=_seconds(finish - origin),
        busy_s=_seconds(finish - begin),
        sweep_pause=exact(sweep_s),
        mark_pause=Bounds(done_s, mark_s),
        assists=cpu["assist"],
        background=dedicated.plus(fractional),
        dedicated=dedicated,
        fractional=fractional,
        idle=idle,
        stopped_cpu=Bounds((sweep_s + done_s) * many, (sweep_s + mark_s) * many),
        heap_start=exact(_before(heap_ns, heap, begin)),
        heap_end=exact(_before(heap_ns, heap, stopped_at)),
        live=exact(live),
        goal=exact(_before(goal_ns, goal, stopped_at)),
        stacks=Bounds(np.zeros(rows), _STACKS + _STACKS_SHARE * live),
        procs=many,
        forced=np.full(rows, -1, np.int64),
        has_memory_limit=read.version not in (11,),
        notes=_notes(read, left_out, workers),
    )


def _seconds(ns: Int64) -> Float64:
    return ns.astype(np.float64) * _NS


def _add(read: _Read, generation: Generation) -> None:
    read.version = read.version or generation.version
    collecting = len(read.begins) > len(read.ends)
    for block in generation.read_blocks(kinds_mask(_NAMES)):
        if not len(block):
            continue
        if read.first_ns is None:
            read.first_ns = int(block.time_ns[0])
        read.last_ns = int(block.time_ns[-1])
        few = block.take(np.flatnonzero(_FEW[block.kind]))
        _add_few(read, few, generation.strings)
        read.goal.add(block.of("HeapGoal"))
        read.heap.add(_wanted(block.of("HeapAlloc"), few))
        collecting = _add_running(read, block, few, generation, collecting)


def _add_few(read: _Read, events: Events, strings: Mapping[int, str]) -> None:
    names = {code: name for name, code in CODE.items()}
    columns = (events.kind, events.time_ns, events.args[0], events.goroutine)
    for kind, time, value, goroutine in zip(*(column.tolist() for column in columns), strict=True):
        name = names[kind]
        if name == "GCBegin":
            read.begins.append(time)
        elif name == "GCEnd":
            read.ends.append(time)
        elif name == "STWBegin":
            read.open_stop = (time, strings.get(value, ""), goroutine)
        elif name == "STWEnd" and read.open_stop is not None:
            read.stops.append(Stop(read.open_stop[0], time, *read.open_stop[1:]))
            read.open_stop = None
        elif name == "ProcsChange":
            read.procs.time_ns.append(np.array([time]))
            read.procs.value.append(np.array([value]))


def _wanted(heap: Events, few: Events) -> Events:
    """Keeps the heap's size around every moment of the collector's, and at the ends of the block."""
    if len(heap) < 64:
        return heap
    marks = few.time_ns[np.isin(few.kind, [CODE[name] for name in ("GCBegin", "GCEnd", "STWBegin", "STWEnd")])]
    places = np.searchsorted(heap.time_ns, marks)
    rows = np.unique(np.clip(np.concatenate([places - 1, places, [0, len(heap) - 1]]), 0, len(heap) - 1))
    return heap.take(rows)


def _add_running(read: _Read, block: Events, few: Events, generation: Generation, collecting: bool) -> bool:
    """Hands over the switches of goroutines that lie within collections; returns whether one is open at the end."""
    edges = few.take(np.isin(few.kind, [CODE["GCBegin"], CODE["GCEnd"]]))
    opens = np.cumsum(np.where(edges.kind == CODE["GCBegin"], 1, -1)) + int(collecting)
    state = np.concatenate([[int(collecting)], opens])[np.searchsorted(edges.time_ns, block.time_ns, "right")]
    # What switches just before the end of marking may end a worker's time, so its neighbour is kept as well.
    inside = (state > 0) | (np.roll(state, 1) > 0)
    read.running.add(block.take(np.flatnonzero(inside)), generation.strings)
    return bool(len(opens) and opens[-1] > 0) if len(opens) else collecting


def _cycles(read: _Read) -> tuple[Int64, Int64, int]:
    """Pairs each beginning with the next end; returns those and how many had only one of both."""
    begins, ends = np.array(read.begins, np.int64), np.array(read.ends, np.int64)
    places = np.searchsorted(ends, begins)
    paired = places < len(ends)
    begins = begins[paired]
    return begins, ends[places[paired]], int((~paired).sum()) + len(ends) - int(paired.sum())


def _pauses(read: _Read, begin: Int64, end: Int64) -> tuple[Int64, Int64, Int64, Int64]:
    """Returns, in ns a collection: stopped to end sweeping; to end marking until it was done, and until the world ran
    again; and the moment at which the last stop ended."""
    sweep, done, mark = (np.zeros(len(begin), np.int64) for _ in range(3))
    finish = end.copy()
    for start, stop, kind, _ in read.stops:
        row = int(np.searchsorted(begin, start, "right")) - 1
        if row < 0 or start > end[row] or "GC" not in kind:
            continue
        if _SWEEP in kind:
            sweep[row] += stop - start
        elif _MARK in kind:
            mark[row] += stop - start
            done[row] += max(0, min(stop, int(end[row])) - start)
            finish[row] = max(finish[row], stop)
    return sweep, done, mark, finish


def _mark_stops(read: _Read, begin: Int64, end: Int64) -> tuple[Int64, Int64]:
    """Returns when the world was stopped for the last time to end marking, and by which goroutine; the collection's end
    and -1 where it is unknown."""
    found, goroutine = end.copy(), np.full(len(end), -1, np.int64)
    for stop in read.stops:
        row = int(np.searchsorted(begin, stop.begin, "right")) - 1
        if row >= 0 and stop.begin <= end[row] and _MARK in stop.kind:
            found[row], goroutine[row] = stop.begin, stop.goroutine
    return found, goroutine


def _before(time_ns: Int64, values: Int64, at: Int64) -> Float64:
    """Returns the last value not after each moment, NaN before the first."""
    places = np.searchsorted(time_ns, at, "right") - 1
    found = np.full(len(at), np.nan)
    found[places >= 0] = values[places[places >= 0]]
    return found


def _within(time_ns: Int64, values: Int64, at: Int64, until: Int64) -> Float64:
    """Returns the last value between two moments, NaN when there is none."""
    places: NDArray[np.intp] = np.searchsorted(time_ns, until, "right") - 1
    found = np.full(len(at), np.nan)
    inside = places >= 0
    inside[inside] &= time_ns[places[inside]] >= at[inside]
    found[inside] = values[places[inside]]
    return found


def _notes(read: _Read, left_out: int, workers: bool) -> tuple[str, ...]:
    notes = ["Times run from the beginning of the trace."]
    if left_out:
        notes.append(f"{left_out} collection{'' if left_out == 1 else 's'} that began before or ended after the trace"
                     f" {'is' if left_out == 1 else 'are'} left out.")  # fmt: skip
    if not workers:
        notes.append("Traces of Go 1.21 and older do not tell marking workers; their CPU is unknown.")
    if read.damage:
        notes.append(f"Only a part of the trace is told: {read.damage}")
    return tuple(notes)
