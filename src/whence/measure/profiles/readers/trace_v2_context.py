"""Which goroutine and which processor each event of a thread belongs to.

A thread keeps its goroutine from the event that starts it (or tells that it was running) to the one that stops it, and
its processor likewise. Only these few events are looked at; their answers are spread over the events between them.
Source: the ordering rules of src/internal/trace/order.go (Go 1.27).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .trace_columns import NONE, Int64, kinds_mask
from .trace_v2_decode import Decoded
from .trace_v2_events import CODE

_RUNNING, _IN_SYSCALL = 2, 3
"""Statuses of goroutines; a processor's are 1 running, 3 in a system call."""
_PROC_RUNNING, _PROC_IN_SYSCALL = 1, 3

_STARTS_GOROUTINE = kinds_mask(("GoStart", "GoCreateSyscall", "GoSwitch", "GoSwitchDestroy"))
_ENDS_GOROUTINE = kinds_mask(("GoDestroy", "GoDestroySyscall", "GoStop", "GoBlock", "GoSyscallEndBlocked"))
_STATUS = kinds_mask(("GoStatus", "GoStatusStack"))
_GOROUTINE = _STARTS_GOROUTINE | _ENDS_GOROUTINE | _STATUS
_SHOWN_AT_ONCE = kinds_mask(("GoStart", "GoCreateSyscall", "GoStatus", "GoStatusStack"))
"""Events that already belong to the goroutine that they name; the others belong to the one before."""

_PROC = kinds_mask(("ProcStart", "ProcStop", "ProcStatus", "GoSyscallBegin", "GoSyscallEndBlocked", "ProcSteal"))
_LOOKED_AT = _GOROUTINE | _PROC


@dataclass(slots=True)
class ThreadState:
    """What a thread was doing at the end of what was read of it so far."""

    goroutine: int = NONE
    proc: int = NONE
    last_ns: int = np.iinfo(np.int64).min
    in_syscall: bool = False
    """It entered a system call and has not taken a processor since, so it may have lost its own."""


@dataclass(slots=True)
class Context:
    """The threads of one generation."""

    threads: dict[int, ThreadState] = field(default_factory=dict)

    def fill(self, thread: int, some: slice, decoded: Decoded, goroutine: Int64, proc: NDArray[np.int32]) -> None:
        """Writes the goroutine and processor of consecutive events of one thread into that part of the columns."""
        state = self.threads.setdefault(thread, ThreadState())
        rows = np.flatnonzero(_LOOKED_AT[decoded.kind[some]])
        kind = decoded.kind[some][rows]
        args = decoded.args(rows + some.start, 3)
        state.goroutine = _fill_goroutines(state, thread, rows, kind, args, goroutine[some])
        state.proc, state.in_syscall = _fill_procs(state, thread, rows, kind, args, proc[some])

    def keep_order(self, thread: int, time_ns: Int64) -> None:
        """Raises times, in place, that lie before an earlier event of the thread.

        Events that follow one another faster than the clock ticks are written one tick apart, so that a batch may run
        ahead of the clock, by which the next one begins. Their order in the file is the true one.
        """
        state = self.threads.setdefault(thread, ThreadState())
        time_ns[0] = max(int(time_ns[0]), state.last_ns)
        np.maximum.accumulate(time_ns, out=time_ns)
        state.last_ns = int(time_ns[-1])


def _fill_goroutines(
    state: ThreadState, thread: int, places: Int64, kind: NDArray[np.uint8], args: Int64, goroutine: Int64
) -> int:
    rows = np.flatnonzero(_GOROUTINE[kind])
    code = kind[rows]
    status, where = args[2, rows], args[1, rows]
    own = (status == _RUNNING) | ((status == _IN_SYSCALL) & (where == thread))
    kept = np.flatnonzero(~_STATUS[code] | own)
    rows, code = rows[kept], code[kept]
    values = np.where(_ENDS_GOROUTINE[code], NONE, args[0, rows])
    return _spread(goroutine, places[rows] + ~_SHOWN_AT_ONCE[code], values, state.goroutine)


def _fill_procs(
    state: ThreadState, thread: int, places: Int64, kind: NDArray[np.uint8], args: Int64, proc: NDArray[np.int32]
) -> tuple[int, bool]:
    rows = np.flatnonzero(_PROC[kind])
    code, first, second, third = kind[rows], args[0, rows], args[1, rows], args[2, rows]
    stops = code == CODE["ProcStop"]
    has_one = (second == _PROC_RUNNING) | (second == _PROC_IN_SYSCALL)
    takes = (code == CODE["ProcStart"]) | ((code == CODE["ProcStatus"]) & has_one)
    # A thread that steals its own processor back starts it anew.
    loses = stops | ((code == CODE["ProcSteal"]) & (third == thread))
    order = np.arange(1, len(rows) + 1)
    last_enter = np.maximum.accumulate(np.where(code == CODE["GoSyscallBegin"], order, 0))
    last_change = np.maximum.accumulate(np.where(takes | loses, order, -1 if state.in_syscall else 0))
    in_syscall = last_enter > last_change
    loses |= (code == CODE["GoSyscallEndBlocked"]) & in_syscall
    kept = np.flatnonzero(takes | loses)
    fits = takes & (first >= 0) & (first < 1 << 31)
    values = np.where(fits, first, NONE)[kept]
    last = _spread(proc, (places[rows] + stops)[kept], values, state.proc)
    return last, bool(in_syscall[-1]) if len(rows) else state.in_syscall


def _spread(column: NDArray[np.signedinteger], places: Int64, values: Int64, before: int) -> int:
    """Fills a column with `before`, and values[i] from places[i] (ascending) on; returns the last value."""
    if not len(places):
        column[:] = before
        return before
    bounds = np.concatenate(([0], places, [len(column)]))
    column[:] = np.repeat(np.concatenate(([before], values)).astype(column.dtype), np.diff(bounds))
    return int(values[-1])
