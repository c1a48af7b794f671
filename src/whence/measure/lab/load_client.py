"""Starts the load beside a server: the built-in client or any command, as a process of its own; reads what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from whence.evidence.errors import WhenceError
from whence.evidence.run import Sample
from whence.evidence.subject import Load
from whence.golang import benchfmt
from whence.measure.lab import isolation
from whence.measure.lab.probes import Reading

LATE_NS = 1_000_000
"""A built-in client whose own sends are later than this at the 99th percentile adds to the latencies: it says so."""


class LoadFailed(WhenceError):
    """The load generator itself did not work, so the server was not measured."""


class LoadClient:
    """One load, running. `descriptor` becomes readable when it ends."""

    def __init__(self, load: Load, host: str, port: int, cwd: Path | None, affinity: tuple[int, ...]) -> None:
        self._load = load
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `close`)
        self._error = tempfile.TemporaryFile()  # noqa: SIM115
        if load.command is None:
            asked = {
                "host": host, "port": port, "path": load.path, "rate": load.rate_per_second, "seconds": load.seconds,
            }  # fmt: skip
            script = Path(__file__).with_name("load.py")
            command = [sys.executable, "-I", "-S", str(script), json.dumps(asked)]
        else:
            command = ["/bin/sh", "-c", load.command.replace("{port}", str(port))]
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._error,
            start_new_session=True,
        )
        self.descriptor = os.pidfd_open(self._process.pid)
        isolation.raise_autogroup(
            self._process.pid
        )  # the server has it too: a starved client would look like a slow server
        rest = os.sched_getaffinity(0) - set(affinity)
        if affinity and rest:
            os.sched_setaffinity(self._process.pid, rest)

    def ended(self) -> bool:
        return self._process.poll() is not None

    def result(self) -> Reading:
        """Returns what the load reports, once it has ended. Raises LoadFailed when it did not work."""
        self._out.seek(0)
        text = self._out.read().decode(errors="replace")
        if self._process.returncode:
            self._error.seek(0)
            said = self._error.read().decode(errors="replace").strip().splitlines()
            what = "the built-in load client" if self._load.command is None else f"the load {self._load.command!r}"
            raise LoadFailed(
                f"{what} ended with exit code {self._process.returncode} ({said[-1] if said else 'it wrote nothing'}). "
                "Run it by hand against the server, then repair --load."
            )
        if self._load.command is None:
            return read_result(json.loads(text))
        samples, declarations = benchfmt.samples(text)
        return Reading(samples=samples, declarations=declarations)

    def close(self) -> None:
        """Ends a load that still runs."""
        if not self.ended():
            self._process.kill()
            self._process.wait()
        os.close(self.descriptor)
        self._out.close()
        self._error.close()


def read_result(found: dict[str, float | None]) -> Reading:
    """Returns samples and notes of the built-in client's result; no latency when the server did not keep up."""
    requests, errors = _number(found["requests"]), _number(found["errors"])
    samples = [
        Sample("errors", errors, "count"),
        Sample("saturated", _number(found["saturated"]), "count"),
        Sample("requests", requests, "count"),
        Sample("achieved-rate", _number(found["achieved_rate"]), "ops/s"),
    ]
    host = {"load-client-cpu-s": _number(found["client_cpu_s"]), "load-connections": _number(found["connections"])}
    notes: list[str] = []
    if found["saturated"]:
        notes.append(
            f"saturated: {found['achieved_rate']:.0f} of {found['rate']:g} requests a second were answered; "
            "latency beyond it is not compared"
        )
    else:
        for name in ("p50", "p99", "p999"):
            value = found[f"{name}_ns"]
            if value is not None:
                samples.append(Sample(f"{name}-ns", float(value), f"{name}-ns"))
    if errors:
        notes.append(f"errors: {errors:.0f} of {requests:.0f} requests failed; latency is that of the others")
    late = found["lateness_p99_ns"]
    if late is not None:
        host["load-lateness-p99-ns"] = float(late)
        if late > LATE_NS:
            notes.append(f"the load client was late itself by {late / 1e6:.1f} ms (p99); latencies include that")
    return Reading(samples=tuple(samples), host=host, notes=tuple(notes))


def _number(value: float | None) -> float:
    return 0.0 if value is None else float(value)
