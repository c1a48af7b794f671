"""CPU time of assists and marking workers, from when a trace's goroutines ran on a processor.

An assist counts from GCMarkAssistBegin to GCMarkAssistEnd of its goroutine, or to the end of marking, less the time
that the goroutine was off its processor. A worker's run counts from the label that says what it works as (dedicated,
fractional, idle) to the moment at which its goroutine stops. The runtime's own count of workers is lower: it ends when
a worker finds nothing more to mark, not when it has given its processor away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.gc.run import Bounds, Int64
from whence.measure.profiles.readers.trace_columns import Events
from whence.measure.profiles.readers.trace_v2_events import CODE

KINDS = ("dedicated", "fractional", "idle")
_NS = 1e-9
_OFF, _ON, _LABEL, _ASSIST, _ASSISTED = 0, 1, 2, 5, 6
_STOPS = ("GoStop", "GoBlock", "GoDestroy", "GoSwitch", "GoSwitchDestroy")


@dataclass(slots=True)
class Running:
    """Switches of goroutines as columns in time order, gathered block by block."""

    time_ns: list[Int64] = field(default_factory=list)
    goroutine: list[Int64] = field(default_factory=list)
    what: list[NDArray[np.int8]] = field(default_factory=list)
    """0 stops, 1 starts, 2–4 works as a worker of a kind, 5 and 6 begins and ends an assist."""

    def add(self, events: Events, strings: Mapping[int, str]) -> None:
        """Adds the switches among these events."""
        if not len(events):
            return
        what = np.full(len(events), -1, np.int8)
        what[np.isin(events.kind, [CODE[name] for name in _STOPS])] = _OFF
        what[events.kind == CODE["GoStart"]] = _ON
        what[events.kind == CODE["GCMarkAssistBegin"]] = _ASSIST
        what[events.kind == CODE["GCMarkAssistEnd"]] = _ASSISTED
        goroutine = np.where(what == _ON, events.args[0], events.goroutine)
        labels = np.flatnonzero(events.kind == CODE["GoLabel"])
        for label in np.unique(events.args[0][labels]).tolist():
            text = strings.get(label, "")
            for place, kind in enumerate(KINDS):
                if text == f"GC ({kind})":
                    what[labels[events.args[0][labels] == label]] = _LABEL + place
        kept = np.flatnonzero(what >= 0)
        self.time_ns.append(events.time_ns[kept])
        self.goroutine.append(goroutine[kept])
        self.what.append(what[kept])


def cpu_by_cycle(running: Running, begin: Int64, marked: Int64, finisher: Int64) -> dict[str, Bounds]:
    """Returns CPU seconds of each collection, from its beginning until it was `marked`, by kind ("assist", `KINDS`).

    `finisher`: the goroutine that ended marking. Its last stint is partly spent on bringing all processors to agree
    that nothing is left, which the runtime does not count as marking; so it counts for the upper bounds only.
    """
    found = {kind: Bounds(np.zeros(len(begin)), np.zeros(len(begin))) for kind in ("assist", *KINDS)}
    if not running.time_ns or not len(begin):
        return found
    rows = _ordered(running)
    for place, kind in enumerate(KINDS):
        labels = np.flatnonzero(rows.what == _LABEL + place)
        _add(found[kind], rows, labels, _next(rows, _OFF)[labels], begin, marked, finisher)
    begun = np.flatnonzero(rows.what == _ASSIST)
    _add(
        found["assist"], rows, begun, _next(rows, _ASSISTED, among=(_ASSIST, _ASSISTED))[begun], begin, marked, finisher
    )
    return found


class _Rows(NamedTuple):
    """Switches in the order of goroutine, then time."""

    time_ns: Int64
    goroutine: Int64
    what: NDArray[np.int8]


def _ordered(running: Running) -> _Rows:
    time_ns, goroutine = np.concatenate(running.time_ns), np.concatenate(running.goroutine)
    order = np.lexsort((np.arange(len(time_ns)), goroutine))
    return _Rows(time_ns[order], goroutine[order], np.concatenate(running.what)[order])


_NEVER = np.iinfo(np.int64).max


def _next(rows: _Rows, what: int, among: tuple[int, ...] = ()) -> Int64:
    """Returns, for each row, when the same goroutine's next row (of those `among`) is `what`; never, if it is not."""
    chosen = np.flatnonzero(np.isin(rows.what, among)) if among else np.arange(len(rows.what))
    found = np.full(len(rows.what), _NEVER)
    here, then = chosen[:-1], chosen[1:]
    fits = (rows.goroutine[here] == rows.goroutine[then]) & (rows.what[then] == what)
    found[here[fits]] = rows.time_ns[then[fits]]
    return found


def _add(
    sums: Bounds, rows: _Rows, first: NDArray[np.intp], until: Int64, begin: Int64, marked: Int64, finisher: Int64
) -> None:
    """Adds the time that the goroutines of rows `first` ran from there until a moment, or until all was marked."""
    if not len(first):
        return
    start = rows.time_ns[first]
    cycle = np.searchsorted(begin, start, "right") - 1
    inside = (cycle >= 0) & (start < marked[cycle])
    first, start, until, cycle = first[inside], start[inside], until[inside], cycle[inside]
    end = np.minimum(until, marked[cycle])
    last = (until >= marked[cycle]) & (rows.goroutine[first] == finisher[cycle])
    length = np.maximum(end - start - _off_between(rows, first, end), 0) * _NS
    np.add.at(sums.high, cycle, length)
    np.add.at(sums.low, cycle, np.where(last, 0.0, length))


def _off_between(rows: _Rows, first: NDArray[np.intp], end: Int64) -> Int64:
    """Returns the ns from each row to the moment `end` that its goroutine was off its processor."""
    time_ns, what = rows.time_ns, rows.what
    change = np.flatnonzero(np.append(True, rows.goroutine[1:] != rows.goroutine[:-1]))
    switches = np.flatnonzero((what == _OFF) | (what == _ON))
    pairs = (what[switches[:-1]] == _OFF) & (what[switches[1:]] == _ON)
    pairs &= rows.goroutine[switches[:-1]] == rows.goroutine[switches[1:]]
    stops, starts = switches[:-1][pairs], switches[1:][pairs]
    off = np.zeros(len(time_ns), np.int64)
    off[starts] = time_ns[starts] - time_ns[stops]
    off = off.cumsum()
    # The last row of the same goroutine not behind the end, by one key for goroutine and time.
    place = np.searchsorted(change, np.arange(len(time_ns)), "right") - 1
    span = int(time_ns.max() - time_ns.min()) + 2
    unit = max(1, span * (len(change) + 1) >> 62)
    key = place * (span // unit) + (time_ns - time_ns.min()) // unit
    last = np.searchsorted(key, place[first] * (span // unit) + (end - time_ns.min()) // unit, "right") - 1
    last = np.maximum(last, first)
    switch = np.searchsorted(switches, last, "right") - 1
    at = switches[np.maximum(switch, 0)]
    open_stop = (switch >= 0) & (at >= first) & (what[at] == _OFF)
    return off[last] - off[first] + np.where(open_stop, np.maximum(end - time_ns[at], 0), 0)
