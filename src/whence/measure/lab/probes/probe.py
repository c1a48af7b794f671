"""What a probe is: something that reads one kind of number from a process, at fixed moments of its life."""

from __future__ import annotations

import resource

import msgspec

from whence.evidence.run import Outcome, Sample
from whence.measure.lab.launch import RunOptions


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A process that has ended, as far as probes want to know."""

    outcome: Outcome
    seconds: float
    """From the moment it was let through the gate until it was reaped, without the time it was held for reading."""
    usage: resource.struct_rusage
    """User and system time, faults and switches of the process and the children it waited for."""
    first_output_s: float | None
    """Seconds until the first byte on standard output; None when there was none."""
    stdout: str
    stderr: str
    traced: bool
    """Whether the exit stop was armed; without it readings have an age."""
    ended_at: float
    """`time.perf_counter()` when the process was known to be gone."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe has to say about one run."""

    samples: tuple[Sample, ...] = ()
    host: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    declarations: dict[str, dict[str, str]] = {}
    timeline: tuple[tuple[float, float], ...] = ()
    """(seconds since start, resident bytes)."""


class Probe:
    """One probe of one run; the hooks are called in this order, and each does nothing unless it is overridden."""

    def __init__(self, options: RunOptions) -> None:
        self.options = options

    def environment(self, inherited: dict[str, str], argv: tuple[str, ...]) -> dict[str, str]:
        """Returns what is added to the environment of the process, which otherwise is `inherited`."""
        return {}

    def before(self, pid: int) -> None:
        """The process stands at the gate and will be let through next."""

    def at_tick(self, pid: int, elapsed_s: float) -> None:
        """About every 50 ms while the process runs. Must cost well below a millisecond."""

    def at_exit(self, pid: int) -> None:
        """The process (or its thread `pid`) is held at its exit stop; its memory is still there."""

    def at_child_exit(self, pid: int) -> None:
        """A process that it started is held at its exit stop."""

    def after(self, ending: Ending) -> Reading:
        """The process is gone."""
        return Reading()

    def close(self) -> None:
        """Gives back what `environment` or `before` took. Called once, also when the run failed."""
