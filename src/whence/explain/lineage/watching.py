"""Watches one idle process that dropped its memory, and says when it may end."""

from __future__ import annotations

from pathlib import Path

import msgspec

from whence.evidence.lineage import Ending
from whence.evidence.run import Sample
from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes import Ending as ProcessEnding
from whence.measure.lab.probes import Probe, Reading
from whence.measure.lab.probes.memory import Resident, read_process, read_status

SHARE_BACK = 0.9
"""Memory counts as given back when this share of what was dropped is no longer resident, or is lazily free."""
SETTLE_S = 15.0
"""How long a process is watched on after that."""
EARLY_S, EARLY_EVERY_S, LATE_EVERY_S = 20.0, 0.5, 5.0
"""The page tables are read (5 ms at 200 MB) every half second at first, then every five seconds."""
STEADY_EVERY_S = 0.5


class Memory(msgspec.Struct, kw_only=True):
    """What is known of one process so far. Times are seconds since the process started; `dropped_at` is the drop."""

    dropped_bytes: float
    dropped_at: float | None = None
    before: int = 0
    peak: int = 0
    rss: int = 0
    lazy_free: int = 0
    """Now; `most_lazy` is the most it was: pages that are used again are lazily free no longer."""
    most_lazy: int = 0
    back_at: float | None = None
    lazy_at: float | None = None
    timeline: list[tuple[float, float]] = []

    @property
    def settled_at(self) -> float | None:
        """When nothing more is expected to happen; None while something is."""
        times = [at for at in (self.back_at, self.lazy_at) if at is not None]
        return min(times) + SETTLE_S if times else None

    @property
    def ending(self) -> Ending:
        if self.back_at is not None:
            return "back"
        return "lazy" if self.lazy_at is not None else "never"

    def see(self, at: float, resident: Resident) -> None:
        """Takes in a reading of the process `at` seconds after its start."""
        self.rss, self.peak = resident.rss, max(self.peak, resident.peak)
        if self.dropped_at is None:
            self.before = max(self.before, resident.rss)
            return
        if resident.lazy_free is not None:
            self.lazy_free = resident.lazy_free
            self.most_lazy = max(self.most_lazy, resident.lazy_free)
        if self.back_at is None and self.rss <= self.before - SHARE_BACK * self.dropped_bytes:
            self.back_at = at
        if self.lazy_at is None and self.lazy_free >= SHARE_BACK * self.dropped_bytes:
            self.lazy_at = at
        self.timeline.append((round(at - self.dropped_at, 3), float(self.rss)))


class WatchingProbe(Probe):
    """Reads the process from outside, about twice a second; the process itself sleeps and is not disturbed."""

    def __init__(self, options: RunOptions, memory: Memory) -> None:
        super().__init__(options)
        self.memory = memory
        self._status = Path()
        self._next_light = 0.0
        self._next_full = 0.0

    def before(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")

    def at_tick(self, pid: int, elapsed_s: float) -> None:
        dropped_at = self.memory.dropped_at
        if dropped_at is not None and elapsed_s >= self._next_full:
            early = elapsed_s - dropped_at < EARLY_S
            self._next_full = elapsed_s + (EARLY_EVERY_S if early else LATE_EVERY_S)
            resident = read_process(pid)
        elif dropped_at is None or elapsed_s >= self._next_light:
            self._next_light = elapsed_s + STEADY_EVERY_S
            resident = self._light()
        else:
            return
        if resident is not None:
            self.memory.see(elapsed_s, resident)

    def _light(self) -> Resident | None:
        try:
            return read_status(self._status.read_bytes())
        except OSError:
            return None

    def at_exit(self, pid: int) -> None:
        """The process is held: its last state to the page. The end is no moment of giving back."""
        resident = read_process(pid)
        if resident is not None and self.memory.dropped_at is not None:
            self.memory.rss, self.memory.peak = resident.rss, max(self.memory.peak, resident.peak)

    def after(self, ending: ProcessEnding) -> Reading:
        memory = self.memory
        if memory.dropped_at is None:
            return Reading(notes=("the program ended before it dropped its memory",))
        values = {
            "rss-before": (memory.before, "B"),
            "rss-after": (memory.rss, "B"),
            "rss-peak": (memory.peak, "B"),
            "lazy-free-most": (memory.most_lazy, "B"),
            "waited": (ending.seconds - memory.dropped_at, "s"),
        }
        for name, at in (("back", memory.back_at), ("lazy", memory.lazy_at)):
            if at is not None:
                values[name] = (at - memory.dropped_at, "s")
        samples = tuple(Sample(name, float(value), unit) for name, (value, unit) in values.items())
        return Reading(samples=samples, timeline=tuple(memory.timeline))
