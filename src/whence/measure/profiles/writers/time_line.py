"""What goes on at each moment of a trace, event by event, as slices with a beginning and an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from whence.measure.profiles.readers.trace_columns import Generation
from whence.measure.profiles.writers.tracks import GARBAGE, PROCESSORS, SYSTEM_CALLS, USER, Entry, Tracks

COLLECTIONS, STOPPED = 1, 2
"""Threads of the collector's process in the document."""
_RUNNING, _IN_SYSCALL = 2, 3
"""Goroutine states of GoStatus."""
_COUNTERS = {"HeapAlloc": "heap allocated (bytes)", "HeapGoal": "heap goal (bytes)", "ProcsChange": "GOMAXPROCS"}


class Moment(NamedTuple):
    """One event: where and when it happened, and its arguments."""

    time_ns: int
    thread: int
    proc: int
    goroutine: int
    a: int
    b: int
    c: int
    d: int


class TimeLine:
    """Turns events, in time order, into entries of the document."""

    def __init__(self) -> None:
        self.tracks = Tracks()
        self._names: dict[int, str] = {}
        self.handlers: dict[str, Callable[[Moment], list[Entry]]] = {
            **dict.fromkeys(("GoCreate", "GoCreateBlocked"), self._created),
            "GoStart": self._started,
            **dict.fromkeys(("GoStop", "GoBlock"), self._stopped),
            **dict.fromkeys(("GoDestroy", "ProcStop"), self._left),
            **dict.fromkeys(("GoSwitch", "GoSwitchDestroy"), self._switched),
            "GoSyscallBegin": self._system_call,
            "GoSyscallEnd": self._system_call_over,
            **dict.fromkeys(("GoSyscallEndBlocked", "GoDestroySyscall"), self._system_call_left),
            **dict.fromkeys(("GoStatus", "GoStatusStack"), self._found),
            **dict.fromkeys(("GCBegin", "GCActive"), self._collection),
            "GCEnd": lambda at: self.tracks.end(GARBAGE, COLLECTIONS, at.time_ns),
            "STWBegin": lambda at: self.tracks.begin(GARBAGE, STOPPED, self._text(at.a), at.time_ns, at.goroutine),
            "STWEnd": lambda at: self.tracks.end(GARBAGE, STOPPED, at.time_ns),
            **{kind: self._counter(name) for kind, name in _COUNTERS.items()},
            "GCMarkAssistBegin": lambda at: self._assist(at, at.goroutine, again=False),
            "GCMarkAssistActive": lambda at: self._assist(at, at.a, again=True),
            "GCMarkAssistEnd": lambda at: self.tracks.over("mark assist", at.goroutine, at.time_ns),
            "GCSweepBegin": lambda at: self._sweep(at, at.proc, again=False),
            "GCSweepActive": lambda at: self._sweep(at, at.a, again=True),
            "GCSweepEnd": lambda at: self.tracks.over("sweep", at.proc, at.time_ns),
            "UserTaskBegin": lambda at: self.tracks.going("task", at.a, self._text(at.c), at.time_ns, USER),
            "UserTaskEnd": lambda at: self.tracks.over("task", at.a, at.time_ns),
            "UserRegionBegin": lambda at: self.tracks.going("region", at.goroutine, self._text(at.b), at.time_ns, USER),
            "UserRegionEnd": lambda at: self.tracks.over("region", at.goroutine, at.time_ns),
            "UserLog": self._log,
        }
        """What each kind of event does; those of other kinds change nothing that is drawn."""

    def enter(self, generation: Generation) -> None:
        """Takes up the tables that ids of the events to come refer to."""
        self._generation = generation

    def _created(self, at: Moment) -> list[Entry]:
        frames = self._generation.stacks.frames(at.b)
        if frames.start < frames.stop:
            self._names[at.a] = self._function(frames.start)
        return []

    def _started(self, at: Moment) -> list[Entry]:
        return self.tracks.begin(PROCESSORS, at.proc, self._name(at.a), at.time_ns, at.a) if at.proc >= 0 else []

    def _stopped(self, at: Moment) -> list[Entry]:
        return self.tracks.end(PROCESSORS, at.proc, at.time_ns, self._text(at.a))

    def _left(self, at: Moment) -> list[Entry]:
        return self.tracks.end(PROCESSORS, at.proc, at.time_ns)

    def _switched(self, at: Moment) -> list[Entry]:
        return self._left(at) + self._started(at)

    def _system_call(self, at: Moment) -> list[Entry]:
        entries = self.tracks.end(PROCESSORS, at.proc, at.time_ns, "system call")
        if at.thread >= 0:
            name = self._name(at.goroutine)
            entries += self.tracks.begin(SYSTEM_CALLS, at.thread, name, at.time_ns, at.goroutine)
        return entries

    def _system_call_left(self, at: Moment) -> list[Entry]:
        return self.tracks.end(SYSTEM_CALLS, at.thread, at.time_ns)

    def _system_call_over(self, at: Moment) -> list[Entry]:
        """The goroutine goes on where it was, still with its P."""
        return self._system_call_left(at) + self._started(at._replace(a=at.goroutine))

    def _found(self, at: Moment) -> list[Entry]:
        """Begins what was going on before the trace began."""
        if at.d and at.a not in self._names:
            frames = self._generation.stacks.frames(at.d)
            if frames.start < frames.stop:
                self._names[at.a] = self._function(frames.stop - 1)
        if at.b != at.thread:
            return []
        if at.c == _RUNNING and not self.tracks.busy(PROCESSORS, at.proc):
            return self._started(at)
        if at.c == _IN_SYSCALL and not self.tracks.busy(SYSTEM_CALLS, at.thread):
            return self.tracks.begin(SYSTEM_CALLS, at.thread, self._name(at.a), at.time_ns, at.a)
        return []

    def _collection(self, at: Moment) -> list[Entry]:
        """One that is going on is told again at the start of a generation."""
        if self.tracks.busy(GARBAGE, COLLECTIONS):
            return []
        return self.tracks.begin(GARBAGE, COLLECTIONS, f"collection {at.a}", at.time_ns, at.goroutine)

    def _counter(self, name: str) -> Callable[[Moment], list[Entry]]:
        return lambda at: [
            {"ph": "C", "pid": GARBAGE, "ts": at.time_ns / 1000, "name": name, "args": {"value": at.a}},
        ]

    def _assist(self, at: Moment, goroutine: int, *, again: bool) -> list[Entry]:
        name = f"assist of goroutine {goroutine}"
        return self.tracks.going("mark assist", goroutine, name, at.time_ns, GARBAGE, again=again)

    def _sweep(self, at: Moment, proc: int, *, again: bool) -> list[Entry]:
        return self.tracks.going("sweep", proc, f"sweep on P {proc}", at.time_ns, GARBAGE, again=again)

    def _log(self, at: Moment) -> list[Entry]:
        name = f"{self._text(at.b)}: {self._text(at.c)}"
        return [{"ph": "i", "s": "p", "pid": USER, "tid": at.goroutine, "ts": at.time_ns / 1000, "name": name}]

    def _name(self, goroutine: int) -> str:
        return self._names.get(goroutine) or f"goroutine {goroutine}"

    def _text(self, string_id: int) -> str:
        return self._generation.strings.get(string_id, "") or "(unnamed)"

    def _function(self, frame: int) -> str:
        return self._generation.strings.get(int(self._generation.stacks.function[frame]), "")
