"""Servers under load: what is measured, and each way in which one can fail."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.subject import Load
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.load_client import LoadFailed, read_result
from whence.measure.lab.service import cpu_seconds, free_port, run_service

MIB = 1 << 20
Read = Callable[[ProcessRecord, str], float | None]
SERVER = str(Path(__file__).parent / "programs" / "server.py")

real = pytest.mark.real


def serve(*mode: str, load: Load, timeout_s: float = 30.0) -> ProcessRecord:
    launch = Launch(argv=(sys.executable, "-S", SERVER, "{port}", *mode), load=load)
    return run_service(launch, RunOptions(timeout_s=timeout_s))


def short(**changes: object) -> Load:
    return Load(**{"rate_per_second": 120.0, "seconds": 1.0, **changes})  # type: ignore[arg-type]


@real
def test_a_server_is_measured_under_load_and_its_own_way_to_end_is_accepted(read: Read) -> None:
    record = serve(load=short(ready_url="http://127.0.0.1:{port}/"))
    assert record.outcome == "ok", record.message
    rss, start, peak = (read(record, name) for name in ("rss", "rss-start", "rss-peak"))
    assert rss and start and peak and MIB < start <= rss <= peak
    assert read(record, "errors") == 0 and read(record, "requests") == 120
    cpu, per_request = read(record, "cpu"), read(record, "cpu-ns/req")
    assert cpu and per_request and per_request == pytest.approx(cpu / 120 * 1e9)
    if read(record, "saturated") == 0:
        median, tail = read(record, "p50-ns"), read(record, "p99-ns")
        assert median and tail and 0 < median <= tail
    assert read(record, "p999-ns") is None, "120 requests have no 99.9th percentile"
    begun = read(record, "start")
    assert begun and begun < record.seconds and record.exit_code is None and record.timeline


@real
def test_saturation_is_said_and_leaves_no_latency(read: Read) -> None:
    record = serve("slow", load=short(rate_per_second=60.0, seconds=1.5))
    assert record.outcome == "ok" and read(record, "saturated") == 1
    assert read(record, "p50-ns") is None and read(record, "p99-ns") is None
    assert any("latency beyond it is not compared" in note for note in record.notes)


@real
def test_answers_that_are_errors_are_counted(read: Read) -> None:
    record = serve(load=short(path="/missing", seconds=0.5))
    assert read(record, "errors") == 60 and read(record, "p50-ns") is None


@real
def test_a_server_that_dies_under_load_is_an_outcome(read: Read) -> None:
    record = serve("die", load=short())
    assert (record.outcome, record.exit_code) == ("exit", 7)
    assert "ended during the load" in record.message and record.samples == ()


@real
def test_a_server_that_never_listens_times_out_and_says_for_what() -> None:
    record = serve("deaf", load=short(), timeout_s=0.5)
    assert record.outcome == "timeout"
    assert record.message.startswith("did not serve port") and "not listening" in record.message


@real
@pytest.mark.parametrize("code", [0, 4])
def test_a_program_that_ends_before_it_serves_is_an_exit_whatever_its_code(code: int) -> None:
    launch = Launch(argv=("/bin/sh", "-c", f"echo no config >&2; exit {code}"), load=short())
    record = run_service(launch, RunOptions(timeout_s=10))
    assert (record.outcome, record.exit_code) == ("exit", code)
    assert record.message == "ended before it served\nno config"


@real
def test_any_load_generator_may_report_in_benchmark_lines(read: Read) -> None:
    fetch = "import sys, urllib.request as u; [u.urlopen(f'http://127.0.0.1:{sys.argv[1]}/').read() for _ in range(9)]"
    command = f"{sys.executable} -S -c \"{fetch}\" {{port}} && echo 'BenchmarkFetch 9 1500 p99-ns'"
    record = serve(load=Load(command=command))
    assert record.outcome == "ok" and read(record, "p99-ns") == 1500
    cpu = read(record, "cpu")
    assert cpu and cpu > 0 and read(record, "rss")


@real
def test_a_load_generator_that_does_not_work_is_named() -> None:
    with pytest.raises(LoadFailed, match=r"'echo no such host >&2; exit 3' ended with exit code 3 \(no such host\)"):
        serve(load=Load(command="echo no such host >&2; exit 3"))


def test_a_server_without_a_load_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no load"):
        run_service(Launch(argv=("x",)), RunOptions())


def test_a_free_port_lies_below_those_of_clients() -> None:
    highest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1024 < free_port() < highest for _ in range(20))


def test_cpu_of_a_live_process_is_read_from_its_clock() -> None:
    import os
    import time

    before = cpu_seconds(os.getpid())
    until = time.process_time() + 0.02
    while time.process_time() < until:
        pass
    assert cpu_seconds(os.getpid()) - before >= 0.02
    assert cpu_seconds(2**22 - 1) == 0.0


FOUND = {
    "requests": 10000, "answered": 9990, "errors": 10, "rate": 1000, "achieved_rate": 1000.0, "saturated": False,
    "p50_ns": 100, "p99_ns": 200, "p999_ns": 300, "lateness_p99_ns": 2_000_000, "connections": 8, "client_cpu_s": 0.4,
}  # fmt: skip


def test_errors_and_a_late_client_are_said_beside_the_latency() -> None:
    reading = read_result(FOUND)
    assert {s.metric: s.value for s in reading.samples}["p999-ns"] == 300
    assert any("10 of 10000 requests failed" in note for note in reading.notes)
    assert any("late itself by 2.0 ms" in note for note in reading.notes)
    assert read_result({**FOUND, "errors": 0, "lateness_p99_ns": 1000}).notes == ()
