"""CPU time, wall time and time to first output.

`cpu` is user plus system seconds of the process and of the children it waited for, from the `rusage` it is reaped
with, less what the shell at the gate had used. `wall` runs from the gate to the reaping, less the time that the
process was held at its exit stop. `start` ends with the first byte on standard output.
"""

from __future__ import annotations

from pathlib import Path

from whence.evidence.run import Sample
from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.probe import Ending, Probe, Reading


class CpuProbe(Probe):
    def __init__(self, options: RunOptions) -> None:
        super().__init__(options)
        self._at_gate_s = 0.0
        self._run_queue_at_gate_s = 0.0
        self._run_queue_s: float | None = None

    def before(self, pid: int) -> None:
        self._at_gate_s, self._run_queue_at_gate_s = read_schedstat(pid) or (0.0, 0.0)

    def at_exit(self, pid: int) -> None:
        per_thread = [read_schedstat(pid, thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
        self._run_queue_s = sum(delays[1] for delays in per_thread if delays is not None) - self._run_queue_at_gate_s

    def after(self, ending: Ending) -> Reading:
        if ending.outcome in {"oom", "timeout"}:
            return Reading()
        usage = ending.usage
        samples = [
            Sample("cpu", max(usage.ru_utime + usage.ru_stime - self._at_gate_s, 0.0), "s"),
            Sample("wall", ending.seconds, "s"),
        ]
        if ending.first_output_s is not None:
            samples.append(Sample("start", ending.first_output_s, "s"))
        host = {"cpu-user-s": usage.ru_utime, "cpu-system-s": usage.ru_stime}
        if self._run_queue_s is not None:
            host["run-queue-delay-s"] = max(self._run_queue_s, 0.0)
        return Reading(samples=tuple(samples), host=host)


def read_schedstat(pid: int, thread: str | None = None) -> tuple[float, float] | None:
    """Returns (seconds on a CPU, seconds runnable but waiting) of a thread, by default the first one of `pid`."""
    try:
        text = Path(f"/proc/{pid}/task/{thread or pid}/schedstat").read_bytes()
        on_cpu, waiting = text.split()[:2]
    except (OSError, ValueError):
        return None
    return int(on_cpu) / 1e9, int(waiting) / 1e9
