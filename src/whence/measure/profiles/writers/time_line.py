"""What goes on at each moment of a trace, event by event, as slices with a beginning and an end."""

from __future__ import annotations

from typing import NamedTuple

from whence.measure.profiles.readers.trace_columns import Generation

Entry = dict[str, object]
"""One entry of the document, its fields those of the format."""
PROCESSORS, SYSTEM_CALLS, GARBAGE, USER = 1, 2, 3, 4
_COLLECTIONS, _STOPPED = 1, 2
_RUNNING, _IN_SYSCALL = 2, 3
"""Goroutine states of GoStatus."""
_ENDS = frozenset({"GoStop", "GoBlock", "GoDestroy", "GoSwitchDestroy", "GoSyscallBegin", "GoSwitch", "ProcStop"})
_COUNTERS = {"HeapAlloc": "heap allocated (bytes)", "HeapGoal": "heap goal (bytes)", "ProcsChange": "GOMAXPROCS"}


class _Open(NamedTuple):
    """A slice that has begun."""

    name: str
    time_ns: int
    goroutine: int


class TimeLine:
    """Turns events, in time order, into entries; remembers what has begun and not ended."""

    def __init__(self) -> None:
        self.last_ns = 0
        self._names: dict[int, str] = {}
        self._tracks: dict[tuple[int, int], _Open] = {}
        """Slices that cannot overlap, by process and thread of the document."""
        self._spans: dict[tuple[str, int], list[str]] = {}
        """Slices that can, by category and id; the names of those open, outermost first."""
        self._said: set[tuple[int, int]] = set()

    def enter(self, generation: Generation) -> None:
        """Takes up the tables that ids of the events to come refer to."""
        self._generation = generation

    def add(
        self, kind: str, time_ns: int, thread: int, proc: int, goroutine: int, a: int, b: int, c: int, d: int
    ) -> list[Entry]:
        """Returns the entries that this event completes."""
        self.last_ns = max(self.last_ns, time_ns)
        if kind.startswith("Go"):
            return self._goroutine(kind, time_ns, thread, proc, goroutine, (a, b, c, d))
        if kind in _COUNTERS:
            name = _COUNTERS[kind]
            return [{"ph": "C", "pid": GARBAGE, "ts": time_ns / 1000, "name": name, "args": {"value": a}}]
        if kind in ("GCBegin", "GCActive"):
            return self._begin(GARBAGE, _COLLECTIONS, f"collection {a}", time_ns, goroutine)
        if kind == "GCEnd":
            return self._end(GARBAGE, _COLLECTIONS, time_ns)
        if kind == "STWBegin":
            return self._begin(GARBAGE, _STOPPED, self._text(a), time_ns, goroutine)
        if kind == "STWEnd":
            return self._end(GARBAGE, _STOPPED, time_ns)
        if kind == "ProcStop":
            return self._end(PROCESSORS, proc, time_ns)
        if kind.startswith("GCMarkAssist"):
            who = a if kind == "GCMarkAssistActive" else goroutine
            return self._span(kind, "mark assist", who, f"assist of goroutine {who}", GARBAGE, time_ns)
        if kind.startswith("GCSweep"):
            who = a if kind == "GCSweepActive" else proc
            return self._span(kind, "sweep", who, f"sweep on P {who}", GARBAGE, time_ns)
        return self._user(kind, time_ns, goroutine, a, b, c)

    def ended(self) -> list[Entry]:
        """Returns what is still going on, ended now."""
        entries: list[Entry] = []
        for process, thread in list(self._tracks):
            entries += self._end(process, thread, self.last_ns, "end of trace")
        for (category, number), names in self._spans.items():
            entries += [_asynchronous("e", category, number, name, self.last_ns) for name in reversed(names)]
        return entries

    def _goroutine(
        self, kind: str, time_ns: int, thread: int, proc: int, goroutine: int, args: tuple[int, int, int, int]
    ) -> list[Entry]:
        a, b, c, d = args
        entries: list[Entry] = []
        if kind in ("GoCreate", "GoCreateBlocked"):
            self._names[a] = self._leaf(b) or self._names.get(a, "")
        elif kind == "GoStatusStack" and a not in self._names:
            self._names[a] = self._root(d)
        if kind in _ENDS:
            why = self._text(a) if kind in ("GoStop", "GoBlock") else "system call" if kind == "GoSyscallBegin" else ""
            entries += self._end(PROCESSORS, proc, time_ns, why)
        if kind == "GoSyscallBegin" and thread >= 0:
            entries += self._begin(SYSTEM_CALLS, thread, self._name(goroutine), time_ns, goroutine)
        elif kind in ("GoSyscallEnd", "GoSyscallEndBlocked", "GoDestroySyscall"):
            entries += self._end(SYSTEM_CALLS, thread, time_ns)
        if kind in ("GoStart", "GoSwitch", "GoSwitchDestroy") and proc >= 0:
            entries += self._begin(PROCESSORS, proc, self._name(a), time_ns, a)
        elif kind == "GoSyscallEnd" and proc >= 0:
            entries += self._begin(PROCESSORS, proc, self._name(goroutine), time_ns, goroutine)
        elif kind in ("GoStatus", "GoStatusStack") and b == thread:
            entries += self._found(c, time_ns, thread, proc, a)
        return entries

    def _found(self, state: int, time_ns: int, thread: int, proc: int, goroutine: int) -> list[Entry]:
        """Begins what was going on before the trace began."""
        if state == _RUNNING and proc >= 0 and (PROCESSORS, proc) not in self._tracks:
            return self._begin(PROCESSORS, proc, self._name(goroutine), time_ns, goroutine)
        if state == _IN_SYSCALL and (SYSTEM_CALLS, thread) not in self._tracks:
            return self._begin(SYSTEM_CALLS, thread, self._name(goroutine), time_ns, goroutine)
        return []

    def _user(self, kind: str, time_ns: int, goroutine: int, a: int, b: int, c: int) -> list[Entry]:
        if kind == "UserTaskBegin":
            return self._span(kind, "task", a, self._text(c), USER, time_ns)
        if kind == "UserTaskEnd":
            return self._span(kind, "task", a, "", USER, time_ns)
        if kind.startswith("UserRegion"):
            return self._span(kind, "region", goroutine, self._text(b), USER, time_ns)
        name = f"{self._text(b)}: {self._text(c)}"
        return [{"ph": "i", "s": "p", "pid": USER, "tid": goroutine, "ts": time_ns / 1000, "name": name}]

    def _begin(self, process: int, thread: int, name: str, time_ns: int, goroutine: int) -> list[Entry]:
        entries: list[Entry] = []
        if (process, thread) in self._tracks:
            if process == GARBAGE and thread == _COLLECTIONS:
                return entries  # told again at the start of a generation
            entries = self._end(process, thread, time_ns)
        self._tracks[process, thread] = _Open(name, time_ns, goroutine)
        if process in (PROCESSORS, SYSTEM_CALLS) and (process, thread) not in self._said:
            self._said.add((process, thread))
            label = f"P {thread}" if process == PROCESSORS else f"M {thread}"
            entries.append(
                {"ph": "M", "pid": process, "tid": thread, "name": "thread_name", "args": {"name": label}},
            )
        return entries

    def _end(self, process: int, thread: int, time_ns: int, why: str = "") -> list[Entry]:
        begun = self._tracks.pop((process, thread), None)
        if begun is None:
            return []
        arguments: Entry = {"goroutine": begun.goroutine} if begun.goroutine >= 0 else {}
        if why:
            arguments["ended by"] = why
        entry: Entry = {"ph": "X", "pid": process, "tid": thread, "ts": begun.time_ns / 1000}
        entry |= {"dur": max(time_ns - begun.time_ns, 0) / 1000, "name": begun.name, "args": arguments}
        return [entry]

    def _span(self, kind: str, category: str, number: int, name: str, process: int, time_ns: int) -> list[Entry]:
        """Begins or ends a slice that may overlap others; an end without a beginning is none."""
        open_names = self._spans.setdefault((category, number), [])
        if kind.endswith("Begin") or (kind.endswith("Active") and not open_names):
            open_names.append(name)
            return [_asynchronous("b", category, number, name, time_ns, process)]
        if kind.endswith("End") and open_names:
            return [_asynchronous("e", category, number, open_names.pop(), time_ns, process)]
        return []

    def _name(self, goroutine: int) -> str:
        return self._names.get(goroutine) or f"goroutine {goroutine}"

    def _text(self, string_id: int) -> str:
        return self._generation.strings.get(string_id, "") or "(unnamed)"

    def _leaf(self, stack_id: int) -> str:
        frames = self._generation.stacks.frames(stack_id)
        return self._function(frames.start) if frames.start < frames.stop else ""

    def _root(self, stack_id: int) -> str:
        frames = self._generation.stacks.frames(stack_id)
        return self._function(frames.stop - 1) if frames.start < frames.stop else ""

    def _function(self, frame: int) -> str:
        return self._generation.strings.get(int(self._generation.stacks.function[frame]), "")


def _asynchronous(phase: str, category: str, number: int, name: str, time_ns: int, process: int = 0) -> Entry:
    process = process or (USER if category in ("task", "region") else GARBAGE)
    entry: Entry = {"ph": phase, "cat": category, "id2": {"local": f"{category} {number}"}, "pid": process}
    return entry | {"tid": 0, "ts": time_ns / 1000, "name": name}
