"""The events of Go's execution trace, format v2, as data: one row an event.

Source: src/internal/trace/tracev2/events.go (Go 1.25–1.27), src/internal/trace/event/go122/event.go (Go 1.22–1.24) and
src/internal/trace/version/version.go. An argument's name says what it holds; behind an underscore stands its type
(`reason_string`: a string id); `stack` is a stack id, `g`, `m`, `p` a goroutine, thread, processor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Event(NamedTuple):
    """One kind of event. `timed`: occurs in a batch of events, its first argument the time since the one before."""

    code: int
    name: str
    args: tuple[str, ...]
    since: int
    """Minor version of the first trace format that has it."""
    timed: bool = True


def _timed(code: int, name: str, args: str = "", since: int = 22) -> Event:
    return Event(code, name, ("dt", *args.split()), since)


def _structural(code: int, name: str, args: str = "", since: int = 22) -> Event:
    return Event(code, name, tuple(args.split()), since, timed=False)


EVENTS: tuple[Event, ...] = (
    _structural(1, "EventBatch", "gen m time size"),
    _structural(2, "Stacks"),
    _structural(3, "Stack", "id nframes"),
    _structural(4, "Strings"),
    _structural(5, "String", "id"),
    _structural(6, "CPUSamples"),
    _structural(7, "CPUSample", "time m p g stack"),
    _structural(8, "Frequency", "freq"),
    _timed(9, "ProcsChange", "procs_value stack"),
    _timed(10, "ProcStart", "p p_seq"),
    _timed(11, "ProcStop"),
    _timed(12, "ProcSteal", "p p_seq m"),
    _timed(13, "ProcStatus", "p pstatus"),
    _timed(14, "GoCreate", "new_g new_stack stack"),
    _timed(15, "GoCreateSyscall", "new_g"),
    _timed(16, "GoStart", "g g_seq"),
    _timed(17, "GoDestroy"),
    _timed(18, "GoDestroySyscall"),
    _timed(19, "GoStop", "reason_string stack"),
    _timed(20, "GoBlock", "reason_string stack"),
    _timed(21, "GoUnblock", "g g_seq stack"),
    _timed(22, "GoSyscallBegin", "p_seq stack"),
    _timed(23, "GoSyscallEnd"),
    _timed(24, "GoSyscallEndBlocked"),
    _timed(25, "GoStatus", "g m gstatus"),
    _timed(26, "STWBegin", "kind_string stack"),
    _timed(27, "STWEnd"),
    _timed(28, "GCActive", "gc_seq"),
    _timed(29, "GCBegin", "gc_seq stack"),
    _timed(30, "GCEnd", "gc_seq"),
    _timed(31, "GCSweepActive", "p"),
    _timed(32, "GCSweepBegin", "stack"),
    _timed(33, "GCSweepEnd", "swept_value reclaimed_value"),
    _timed(34, "GCMarkAssistActive", "g"),
    _timed(35, "GCMarkAssistBegin", "stack"),
    _timed(36, "GCMarkAssistEnd"),
    _timed(37, "HeapAlloc", "heapalloc_value"),
    _timed(38, "HeapGoal", "heapgoal_value"),
    _timed(39, "GoLabel", "label_string"),
    _timed(40, "UserTaskBegin", "task parent_task name_string stack"),
    _timed(41, "UserTaskEnd", "task stack"),
    _timed(42, "UserRegionBegin", "task name_string stack"),
    _timed(43, "UserRegionEnd", "task name_string stack"),
    _timed(44, "UserLog", "task key_string value_string stack"),
    _timed(45, "GoSwitch", "g g_seq", since=23),
    _timed(46, "GoSwitchDestroy", "g g_seq", since=23),
    _timed(47, "GoCreateBlocked", "new_g new_stack stack", since=23),
    _timed(48, "GoStatusStack", "g m gstatus stack", since=23),
    _structural(49, "ExperimentalBatch", "exp gen m time", since=23),
    _structural(50, "Sync", since=25),
    Event(51, "ClockSnapshot", ("dt", "mono", "sec", "nsec"), 25, timed=False),
    _structural(52, "EndOfGeneration", since=26),
    # The alloc/free experiment. Its codes have the high bit set and are written as one byte, not as a varint.
    _timed(128, "Span", "id npages_value kindclass", since=23),
    _timed(129, "SpanAlloc", "id npages_value kindclass", since=23),
    _timed(130, "SpanFree", "id", since=23),
    _timed(131, "HeapObject", "id type", since=23),
    _timed(132, "HeapObjectAlloc", "id type", since=23),
    _timed(133, "HeapObjectFree", "id", since=23),
    _timed(134, "GoroutineStack", "id order", since=23),
    _timed(135, "GoroutineStackAlloc", "id order", since=23),
    _timed(136, "GoroutineStackFree", "id", since=23),
)

VERSIONS = (22, 23, 25, 26)
"""Minor Go versions that trace headers name; Go 1.24 writes 23's, Go 1.27 writes 26's."""
CODE: dict[str, int] = {event.name: event.code for event in EVENTS}
NAME: dict[int, str] = {event.code: event.name for event in EVENTS}
EXPERIMENTAL = 128
"""From this code on, an event's code shares its varint with the time that follows."""


def argument_counts(version: int) -> np.ndarray:
    """Returns how many arguments, time included, a timed event of each of 256 codes has; 0: no such event."""
    counts = np.zeros(256, np.uint8)
    for event in EVENTS:
        if event.timed and event.since <= version:
            counts[event.code] = len(event.args)
    return counts
