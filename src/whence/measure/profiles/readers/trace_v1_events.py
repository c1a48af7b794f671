"""The events of Go's execution trace, format v1 (Go 1.11–1.21), as data: each with the event of v2 that says the same.

Source: src/internal/trace/parser.go (Go 1.11–1.21), src/internal/trace/tracev1.go and internal/tracev1/parser.go (Go
1.27); names of stops of the world: src/runtime/proc.go (Go 1.21).
"""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One kind of event. `numbers` stand on the wire, the time (ticks since the event before) first where it has one.

    `args` says what each argument of the v2 event is: the place of a number (the time not counted), or a text.
    """

    code: int
    name: str
    numbers: int
    becomes: str = ""
    """Name of the v2 event; empty: read apart, or left out."""
    args: tuple[int | str, ...] = ()


OWN_PROC = "the event's own processor"
STW_KIND = "the name of the stop's kind"
LOGGED = "the text that follows the event"

BATCH, FREQUENCY, STACK, STRING, USER_REGION, USER_LOG, CPU_SAMPLE = 1, 2, 3, 37, 47, 48, 49

EVENTS: tuple[Event, ...] = (
    Event(1, "Batch", 2),
    Event(2, "Frequency", 1),
    Event(3, "Stack", 2),
    Event(4, "Gomaxprocs", 3, "ProcsChange", (0, 1)),
    Event(5, "ProcStart", 2, "ProcStart", (OWN_PROC,)),
    Event(6, "ProcStop", 1, "ProcStop"),
    Event(7, "GCStart", 3, "GCBegin", (0, 1)),
    Event(8, "GCDone", 1, "GCEnd"),
    Event(9, "GCSTWStart", 2, "STWBegin", (STW_KIND,)),
    Event(10, "GCSTWDone", 1, "STWEnd"),
    Event(11, "GCSweepStart", 2, "GCSweepBegin", (0,)),
    Event(12, "GCSweepDone", 3, "GCSweepEnd", (0, 1)),
    Event(13, "GoCreate", 4, "GoCreate", (0, 1, 2)),
    Event(14, "GoStart", 3, "GoStart", (0, 1)),
    Event(15, "GoEnd", 1, "GoDestroy"),
    Event(16, "GoStop", 2, "GoBlock", ("forever", 0)),
    Event(17, "GoSched", 2, "GoStop", ("runtime.Gosched", 0)),
    Event(18, "GoPreempt", 2, "GoStop", ("preempted", 0)),
    Event(19, "GoSleep", 2, "GoBlock", ("sleep", 0)),
    Event(20, "GoBlock", 2, "GoBlock", ("", 0)),
    Event(21, "GoUnblock", 4, "GoUnblock", (0, 1, 2)),
    Event(22, "GoBlockSend", 2, "GoBlock", ("chan send", 0)),
    Event(23, "GoBlockRecv", 2, "GoBlock", ("chan receive", 0)),
    Event(24, "GoBlockSelect", 2, "GoBlock", ("select", 0)),
    Event(25, "GoBlockSync", 2, "GoBlock", ("sync", 0)),
    Event(26, "GoBlockCond", 2, "GoBlock", ("sync.(*Cond).Wait", 0)),
    Event(27, "GoBlockNet", 2, "GoBlock", ("network", 0)),
    Event(28, "GoSysCall", 2, "GoSyscallBegin", ("", 0)),
    Event(29, "GoSysExit", 4, "GoSyscallEndBlocked"),
    Event(30, "GoSysBlock", 1),
    Event(31, "GoWaiting", 2, "GoStatus", (0, "no thread", "waiting")),
    Event(32, "GoInSyscall", 2, "GoStatus", (0, "no thread", "in a system call")),
    Event(33, "HeapAlloc", 2, "HeapAlloc", (0,)),
    Event(34, "HeapGoal", 2, "HeapGoal", (0,)),
    Event(35, "TimerGoroutine", 1),
    Event(36, "FutileWakeup", 1),
    Event(37, "String", 0),
    Event(38, "GoStartLocal", 2, "GoStart", (0,)),
    Event(39, "GoUnblockLocal", 3, "GoUnblock", (0, "", 1)),
    Event(40, "GoSysExitLocal", 3, "GoSyscallEndBlocked"),
    Event(41, "GoStartLabel", 4, "GoStart", (0, 1)),
    Event(42, "GoBlockGC", 2, "GoBlock", ("GC mark assist wait for work", 0)),
    Event(43, "GCMarkAssistStart", 2, "GCMarkAssistBegin", (0,)),
    Event(44, "GCMarkAssistDone", 1, "GCMarkAssistEnd"),
    Event(45, "UserTaskCreate", 5, "UserTaskBegin", (0, 1, 2, 3)),
    Event(46, "UserTaskEnd", 3, "UserTaskEnd", (0, 1)),
    Event(47, "UserRegion", 5, "UserRegionBegin", (0, 2, 3)),
    Event(48, "UserLog", 4, "UserLog", (0, 1, LOGGED, 2)),
    Event(49, "CPUSample", 5),
)

CONSTANTS = {"": 0, "no thread": -1, "waiting": 4, "in a system call": 3}
"""Texts in `args` of events other than goroutine stops, as numbers."""

STOPS: tuple[str, ...] = (
    "unknown",
    "GC mark termination",
    "GC sweep termination",
    "write heap dump",
    "goroutine profile",
    "goroutine profile cleanup",
    "all goroutines stack trace",
    "read mem stats",
    "AllThreadsSyscall",
    "GOMAXPROCS",
    "start trace",
    "stop trace",
    "CountPagesInUse (test)",
    "ReadMetricsSlow (test)",
    "ReadMemStatsSlow (test)",
    "PageCachePagesLeaked (test)",
    "ResetDebugLog (test)",
)
"""Why the world was stopped, by the number in a 1.21 trace; earlier ones write 0 for the second and 1 for the third."""
