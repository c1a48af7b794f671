"""Runs one server under load and returns what it cost: the server is measured, the load beside it is not.

The server is never traced: its memory is read while it lives, after the load, so a stop cannot disturb a latency.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.evidence.run import Outcome, Sample
from whence.evidence.subject import Load
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.launcher import check_program
from whence.measure.lab.load_client import LoadClient
from whence.measure.lab.probes import Probe, Reading, start_probes
from whence.measure.lab.probes.gctrace import without_gctrace
from whence.measure.lab.probes.memory import descendants, read_status
from whence.measure.lab.process import ending_of, host_oom_kills, last_lines, outcome_of, prepare, record_of
from whence.measure.lab.running import RunningProcess

READY_S = 60.0
"""A server that does not answer after this long has failed, however long a run may take."""
STOP_S = 10.0
"""How long a server may take to stop after SIGTERM before it is killed."""
_LOOPBACKS = ("127.0.0.1", "::1")


def run_service(launch: Launch, options: RunOptions) -> ProcessRecord:
    """Starts `launch` on a free port, waits until it serves, loads it with `launch.load`, stops it with SIGTERM.

    A server that dies or never serves is an outcome. Raises BadInput without a load or a program, LoadFailed when the
    load generator does not work on a living server, and what `run_process` raises.
    """
    load = launch.load
    if load is None:
        raise BadInput(f"{launch.argv[0]} is run as a server but has no load. Give --load CMD or --rate N.")
    port = free_port()
    launch = msgspec.structs.replace(
        launch,
        argv=tuple(word.replace("{port}", str(port)) for word in launch.argv),
        environment={**launch.environment, "PORT": str(port)},
    )
    options = msgspec.structs.replace(options, exit_stop=False)
    environment = {**os.environ, **launch.environment}
    check_program(launch.argv, environment, launch.cwd)
    prepare(launch, options)
    probes, environment = start_probes(options, environment, launch.argv)
    oom_kills = host_oom_kills()
    with RunningProcess(launch, options, probes, environment) as process:
        run = _ServiceRun(process, probes, load, port, launch.cwd, options)
        run.run()
        outcome = run.outcome(outcome_of(process, timed_out=run.timed_out, oom_kills=oom_kills))
        ending = ending_of(process, outcome)
        readings = [*(probe.after(ending) for probe in probes)]
        record = record_of(process, ending, readings, timeout_s=options.timeout_s)
        return run.complete(record)


class _ServiceRun:
    """The life of one server: ready, loaded, read, stopped."""

    def __init__(
        self,
        process: RunningProcess,
        probes: list[Probe],
        load: Load,
        port: int,
        cwd: Path | None,
        options: RunOptions,
    ) -> None:
        self._process, self._probes, self._load, self._port, self._cwd = process, probes, load, port, cwd
        self._options = options
        self._samples: list[Sample] = []
        self._reading = Reading()
        self._problem = ""
        self._loaded = False
        self._asked_to_stop = False
        self.timed_out = False

    def run(self) -> None:
        host = self._wait_until_ready()
        if host is not None:
            self._read_start()
            self._loaded = self._run_load(host)
        if self._loaded:
            for probe in self._probes:
                probe.at_exit(self._process.pid)
        self._stop()

    def _wait_until_ready(self) -> str | None:
        """Returns the address that answers; None when the server ended or did not answer in time."""
        limit_s = min(self._options.timeout_s, READY_S)
        wait_s = 0.002
        while self._process.step(self._process.elapsed_s + wait_s):
            host = answering(self._port, self._load.ready_url)
            if host is not None:
                return host
            if self._process.elapsed_s >= limit_s:
                self.timed_out = True
                what = self._load.ready_url or f"port {self._port}"
                self._problem = f"did not serve {what} within {limit_s:g} s"
                return None
            wait_s = min(wait_s * 1.2, 0.05)
        self._problem = "ended before it served"
        return None

    def _read_start(self) -> None:
        self._samples.append(Sample("start", self._process.elapsed_s, "s"))
        try:
            resident = read_status(Path(f"/proc/{self._process.pid}/status").read_bytes())
        except OSError:
            return
        if resident is not None:
            self._samples.append(Sample("rss-start", float(resident.rss), "B"))

    def _run_load(self, host: str) -> bool:
        """Returns whether the server outlived its load."""
        client = LoadClient(self._load, host, self._port, self._cwd, self._options.affinity)
        self._process.watch(client.descriptor)
        cpu_before_s, started = cpu_seconds(self._process.pid), time.perf_counter()
        try:
            while not client.ended():
                if not self._process.step(self._options.timeout_s):
                    self._problem = "ended during the load"
                    return False
                if self._process.elapsed_s >= self._options.timeout_s:
                    self.timed_out = True
                    self._problem = f"the load did not end within {self._options.timeout_s:g} s"
                    return False
            wall_s = time.perf_counter() - started
            cpu_s = cpu_seconds(self._process.pid) - cpu_before_s
            if not self._process.step(0.0):
                self._problem = "ended during the load"
                return False
            self._reading = client.result()
        finally:
            self._process.unwatch(client.descriptor)
            client.close()
        self._samples += [Sample("cpu", cpu_s, "s"), Sample("wall", wall_s, "s")]
        requests = next((s.value for s in self._reading.samples if s.metric == "requests"), 0.0)
        if requests:
            self._samples.append(Sample("cpu-ns/req", cpu_s / requests * 1e9, "ns"))
        return True

    def _stop(self) -> None:
        if self._process.status is None and not self.timed_out:
            self._asked_to_stop = True
            os.kill(self._process.pid, signal.SIGTERM)
            limit_s = self._process.elapsed_s + STOP_S
            while self._process.step(limit_s) and self._process.elapsed_s < limit_s:
                pass
            if self._process.status is None:
                self._process.notes.append(f"did not stop within {STOP_S:g} s of SIGTERM and was killed")
        if self._process.status is None:
            self._process.kill()
            while self._process.step(self._process.elapsed_s + 1.0):
                pass

    def outcome(self, seen: Outcome) -> Outcome:
        """Returns the outcome of the run: how a server ends after our SIGTERM is its own business, before it is not."""
        if seen in {"oom", "timeout"}:
            return seen
        if self._loaded and self._asked_to_stop:
            crashed = seen == "signal" and not self._stopped_by_us()
            return "signal" if crashed else "ok"
        return "exit" if seen == "ok" else seen

    def _stopped_by_us(self) -> bool:
        status = self._process.status
        return status is not None and os.WTERMSIG(status) in {signal.SIGTERM, signal.SIGKILL}

    def complete(self, record: ProcessRecord) -> ProcessRecord:
        """Returns the record with what was read around the load in place of what only fits a program."""
        if record.outcome != "ok":
            said = last_lines(without_gctrace(self._process.stderr.text()))
            message = "\n".join(part for part in (self._problem, said) if part)
            return msgspec.structs.replace(record, samples=(), message=message)
        own = {sample.metric for sample in self._samples}
        kept = [sample for sample in record.samples if sample.metric not in own]
        return msgspec.structs.replace(
            record,
            exit_code=None,
            signal=None,
            samples=(*kept, *self._samples, *self._reading.samples),
            host=record.host | self._reading.host,
            declarations=record.declarations | self._reading.declarations,
            notes=(*record.notes, *self._reading.notes),
        )


def cpu_seconds(pid: int) -> float:
    """Returns user plus system seconds of a live process, ended threads included, and of its live descendants.

    Read from the CPU clock that Linux gives every process (clock_getcpuclockid(3)), in nanoseconds; 0 when it is gone.
    """
    total = 0.0
    for member in (pid, *descendants(pid)):
        try:
            total += time.clock_gettime((~member << 3) | 2)
        except OSError:
            continue
    return total


def free_port() -> int:
    """Returns a port nobody listens on, below those that the kernel gives to clients. Raises UnusableEnvironment."""
    try:
        highest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        highest = 32768
    for _ in range(200):
        port = random.SystemRandom().randrange(min(15000, highest - 1000), highest)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            try:
                trial.bind(("", port))
            except OSError:
                continue
            return port
    raise UnusableEnvironment("found no free TCP port for the server. Close programs that listen, then run again.")


def answering(port: int, ready_url: str | None) -> str | None:
    """Returns the loopback address at which something accepts connections, once `ready_url` (if any) answers well."""
    for host in _LOOPBACKS:
        try:
            socket.create_connection((host, port), timeout=1.0).close()
        except OSError:
            continue
        if ready_url is None or _answers_well(ready_url.replace("{port}", str(port))):
            return host
    return None


def _answers_well(url: str) -> bool:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=1.0) as answer:
            return answer.status < 400
    except (OSError, ValueError, urllib.error.URLError):
        return False
