"""Runs one process with probes of this room beside the lab's, and may act while it runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from whence.evidence.run import Sample
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.launcher import check_program
from whence.measure.lab.probes import Ending, Probe, Reading, start_probes
from whence.measure.lab.process import ending_of, host_oom_kills, outcome_of, record_of
from whence.measure.lab.running import RunningProcess
from whence.measure.profiles.readers import gctrace

BEGINS, ENDS = "load begins\n", "load ends\n"
Step = Callable[[RunningProcess], None]


class CollectorProbe(Probe):
    """Adds up what the release's own trace (`GODEBUG=gctrace=1`) says of the CPU of collections under the load: stops,
    assists, background and idle marking. Before Go 1.5 a trace has no CPU times."""

    def after(self, ending: Ending) -> Reading:
        cpu_ns = collector_ns(ending.stderr)
        return Reading() if cpu_ns is None else Reading(samples=(Sample("gc-cpu-ns", cpu_ns, "ns"),))


def collector_ns(trace: str) -> float | None:
    """Returns the CPU-nanoseconds of all collections between the marks of the load; None where none is told."""
    _, begins, rest = trace.partition(BEGINS)
    under_load, ends, _ = rest.partition(ENDS)
    if not begins or not ends:
        return None
    cycles = gctrace.read(under_load.encode())
    if len(cycles) == 0 or bool(cycles.old.any()):
        return None
    return float(cycles.cpu_ms.sum()) * 1e6


def run_part(launch: Launch, options: RunOptions) -> ProcessRecord:
    """As the lab's `run_process`, and with the collector's CPU when the program prints its trace."""
    environment = {**os.environ, **launch.environment}
    probes, environment = start_probes(options, environment, launch.argv)
    return run_probed(launch, options, [*probes, CollectorProbe(options)], environment, lambda process: None)


def run_probed(
    launch: Launch, options: RunOptions, probes: Sequence[Probe], environment: dict[str, str], step: Step
) -> ProcessRecord:
    """Runs a process to its end under these probes; `step` is called whenever something may have happened."""
    check_program(launch.argv, environment, launch.cwd)
    oom_kills = host_oom_kills()
    with RunningProcess(launch, options, list(probes), environment) as process:
        while process.step(options.timeout_s):
            if process.elapsed_s >= options.timeout_s:
                process.kill()
            step(process)
        outcome = outcome_of(process, timed_out=process.killed, oom_kills=oom_kills)
        ending = ending_of(process, outcome)
        readings = [probe.after(ending) for probe in probes]
        return record_of(process, ending, readings, timeout_s=options.timeout_s)
