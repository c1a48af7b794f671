"""Runs one process to its end and returns everything that was read of it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from whence.evidence.errors import WhenceError
from whence.evidence.run import Outcome, Sample
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.launcher import check_program
from whence.measure.lab.probes import Ending, Reading, start_probes
from whence.measure.lab.probes.gctrace import without_gctrace
from whence.measure.lab.probes.runtime_metrics import RUNTIME_METRICS
from whence.measure.lab.running import RunningProcess

_MESSAGE_LINES = 5
_MESSAGE_CHARACTERS = 600


class PrepareFailed(WhenceError):
    """The `--prepare` command did not succeed, so the run was not started."""


def run_process(launch: Launch, options: RunOptions) -> ProcessRecord:
    """Runs `launch` once, alone in a session of its own, and returns its record; a failing program is data.

    Raises BadInput when there is no such program, PrepareFailed, and UnusableEnvironment when this host cannot pin or
    limit as asked.
    """
    environment = {**os.environ, **launch.environment}
    check_program(launch.argv, environment, launch.cwd)
    prepare(launch, options)
    probes, environment = start_probes(options, environment, launch.argv)
    oom_kills = host_oom_kills()
    with RunningProcess(launch, options, probes, environment) as process:
        timed_out = False
        while process.step(options.timeout_s):
            if not timed_out and process.elapsed_s >= options.timeout_s:
                timed_out = True
                process.kill()
        outcome = outcome_of(process, timed_out=timed_out, oom_kills=oom_kills)
        ending = ending_of(process, outcome)
        readings = [probe.after(ending) for probe in probes]
        return record_of(process, ending, readings, timeout_s=options.timeout_s)


def prepare(launch: Launch, options: RunOptions) -> None:
    """Runs the `--prepare` command, outside the measurement. Raises PrepareFailed."""
    if options.prepare is None:
        return
    done = subprocess.run(
        ["/bin/sh", "-c", options.prepare],
        cwd=launch.cwd,
        env={**os.environ, **launch.environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = last_lines(done.stderr or done.stdout) or "it wrote nothing"
        raise PrepareFailed(
            f"the prepare command {options.prepare!r} failed with exit code {done.returncode} ({said}). "
            "Run it by hand, then repair or drop --prepare."
        )


def outcome_of(process: RunningProcess, *, timed_out: bool, oom_kills: int | None) -> Outcome:
    """Returns how an ended process ended. `oom_kills`: what `host_oom_kills` said before it was started."""
    status = process.status
    assert status is not None
    if timed_out:
        return "timeout"
    if process.limits is not None and process.limits.oom_killed():
        return "oom"
    if os.WIFSIGNALED(status):
        by_kernel = oom_kills is not None and (host_oom_kills() or 0) > oom_kills
        return "oom" if os.WTERMSIG(status) == signal.SIGKILL and by_kernel else "signal"
    return "ok" if os.WEXITSTATUS(status) == 0 else "exit"


def ending_of(process: RunningProcess, outcome: Outcome) -> Ending:
    """Returns what probes are told about an ended process."""
    assert process.usage is not None
    return Ending(
        outcome=outcome,
        seconds=process.seconds,
        usage=process.usage,
        first_output_s=process.first_output_s,
        stdout=process.stdout.text(),
        stderr=process.stderr.text(),
        traced=process.traced,
        ended_at=process.ended_at,
    )


def record_of(process: RunningProcess, ending: Ending, readings: list[Reading], *, timeout_s: float) -> ProcessRecord:
    """Puts the readings of all probes together."""
    status = process.status
    assert status is not None
    notes = list(process.notes)
    if process.stdout.lost:
        notes.append(f"standard output: {process.stdout.lost} bytes in its middle were not kept")
    samples: list[Sample] = []
    host = {"held-s": process.held_s, "stops": float(process.stops)}
    throttled_s = None if process.limits is None else process.limits.throttled_s()
    if throttled_s is not None:
        host["cpu-throttled-s"] = throttled_s
    declarations: dict[str, dict[str, str]] = {}
    timeline: tuple[tuple[float, float], ...] = ()
    for reading in readings:
        known_better = {s.metric for s in reading.samples if s.metric in RUNTIME_METRICS}
        samples = [s for s in samples if s.metric not in known_better] + list(reading.samples)
        host |= reading.host
        notes += reading.notes
        declarations |= reading.declarations
        timeline = reading.timeline or timeline
    return ProcessRecord(
        started_at=process.started_at,
        seconds=ending.seconds,
        outcome=ending.outcome,
        exit_code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        signal=signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
        message=message_of(ending, timeout_s),
        samples=tuple(samples),
        timeline=timeline,
        host=host,
        declarations=declarations,
        notes=tuple(notes),
    )


def message_of(ending: Ending, timeout_s: float) -> str:
    """Returns what a failed process said last; for a panic or fatal error of Go, how that report begins."""
    if ending.outcome == "ok":
        return ""
    said = last_lines(without_gctrace(ending.stderr))
    if ending.outcome == "timeout":
        return f"still running after {timeout_s:g} s, killed" + (f"; it said: {said}" if said else "")
    return said


def last_lines(text: str) -> str:
    """Returns the last few lines that are not blank; from a Go crash report, its first few."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    crash = next((i for i, s in enumerate(lines) if s.startswith(("panic: ", "fatal error: ", "runtime: "))), None)
    chosen = lines[-_MESSAGE_LINES:] if crash is None else lines[crash : crash + _MESSAGE_LINES]
    return "\n".join(chosen)[:_MESSAGE_CHARACTERS]


def host_oom_kills(vmstat: Path = Path("/proc/vmstat")) -> int | None:
    """Returns how many processes the kernel has killed for want of memory since boot; None where it does not say."""
    try:
        text = vmstat.read_bytes()
    except OSError:
        return None
    start = text.find(b"\noom_kill ")
    return None if start < 0 else int(text[start + 10 : text.find(b"\n", start + 10)])
