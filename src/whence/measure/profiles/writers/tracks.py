"""Slices of a time line: those of a track, of which one goes on at a time, and those that may overlap others."""

from __future__ import annotations

from typing import NamedTuple

Entry = dict[str, object]
"""One entry of the document, its fields those of the Trace Event Format."""
PROCESSORS, SYSTEM_CALLS, GARBAGE, USER = 1, 2, 3, 4
"""The document's processes: groups of tracks."""
_LABELS = {PROCESSORS: "P", SYSTEM_CALLS: "M"}


class _Open(NamedTuple):
    name: str
    time_ns: int
    goroutine: int


class _Span(NamedTuple):
    name: str
    process: int


class Tracks:
    """Remembers what has begun and not ended."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], _Open] = {}
        self._spans: dict[tuple[str, int], list[_Span]] = {}
        """By category and number, outermost first."""
        self._labelled: set[tuple[int, int]] = set()

    def busy(self, process: int, thread: int) -> bool:
        return (process, thread) in self._open

    def begin(self, process: int, thread: int, name: str, time_ns: int, goroutine: int) -> list[Entry]:
        """Begins a slice of a track; what went on there ends."""
        entries = self.end(process, thread, time_ns)
        self._open[process, thread] = _Open(name, time_ns, goroutine)
        if process in _LABELS and (process, thread) not in self._labelled:
            self._labelled.add((process, thread))
            label = {"name": f"{_LABELS[process]} {thread}"}
            entries.append({"ph": "M", "pid": process, "tid": thread, "name": "thread_name", "args": label})
        return entries

    def end(self, process: int, thread: int, time_ns: int, why: str = "") -> list[Entry]:
        """Ends the slice of a track, if there is one."""
        begun = self._open.pop((process, thread), None)
        if begun is None:
            return []
        arguments: Entry = {"goroutine": begun.goroutine} if begun.goroutine >= 0 else {}
        if why:
            arguments["ended by"] = why
        return [
            {
                "ph": "X",
                "pid": process,
                "tid": thread,
                "ts": begun.time_ns / 1000,
                "dur": max(time_ns - begun.time_ns, 0) / 1000,
                "name": begun.name,
                "args": arguments,
            }
        ]

    def going(
        self, category: str, number: int, name: str, time_ns: int, process: int, *, again: bool = False
    ) -> list[Entry]:
        """Begins a slice that may overlap others; with `again`, only when none of its number goes on."""
        spans = self._spans.setdefault((category, number), [])
        if again and spans:
            return []
        spans.append(_Span(name, process))
        return [_asynchronous("b", category, number, spans[-1], time_ns)]

    def over(self, category: str, number: int, time_ns: int) -> list[Entry]:
        """Ends the innermost such slice; an end without a beginning is none."""
        spans = self._spans.get((category, number))
        return [_asynchronous("e", category, number, spans.pop(), time_ns)] if spans else []

    def ended(self, time_ns: int) -> list[Entry]:
        """Returns what is still going on, ended now."""
        entries: list[Entry] = []
        for process, thread in list(self._open):
            entries += self.end(process, thread, time_ns, "end of trace")
        for (category, number), spans in self._spans.items():
            entries += [_asynchronous("e", category, number, span, time_ns) for span in reversed(spans)]
        return entries


def _asynchronous(phase: str, category: str, number: int, span: _Span, time_ns: int) -> Entry:
    return {
        "ph": phase,
        "cat": category,
        "id2": {"local": f"{category} {number}"},
        "pid": span.process,
        "tid": 0,
        "ts": time_ns / 1000,
        "name": span.name,
    }
