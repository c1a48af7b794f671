"""One real run told three ways: its execution trace, its gctrace and its MemStats must agree."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from whence.golang import toolchains
from whence.measure.profiles.gc.from_log import from_log
from whence.measure.profiles.gc.from_trace import from_trace
from whence.measure.profiles.gc.run import Bounds, GcRun
from whence.measure.profiles.readers import runtime_log
from whence.measure.profiles.readers.trace import read_trace

PROGRAM = Path(__file__).parent / "phases"
MIB = 1 << 20


@pytest.fixture(scope="module", params=["1.21.13", "local"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GcRun, GcRun, dict[str, int]]:
    """Returns the run as its trace and as its log tell it, and its last MemStats."""
    toolchain = toolchains.find(request.param)
    if toolchain is None:
        pytest.skip(f"SKIPPED go{request.param} is not on this machine; whence toolchain fetch {request.param}")
    folder = tmp_path_factory.mktemp("phases")
    cache = Path(os.environ.get("GOCACHE") or Path.home() / ".cache" / "go-build")
    environment = toolchains.clean_environment(toolchain, gopath=folder / "gopath", gocache=cache)
    binary, trace = folder / "phases", folder / "trace"
    subprocess.run([toolchain.go, "build", "-o", binary, "."], cwd=PROGRAM, env=environment, check=True)
    run = subprocess.run(
        [binary],
        env={
            "GODEBUG": "gctrace=1",
            "TRACE": str(trace),
            "PHASES": "grow:20 churn:0.3:2 rest:0.1 grow:20 churn:0.2 force:2",
        },
        capture_output=True,
        check=True,
    )
    log = runtime_log.read(run.stderr)
    with open(trace, "rb") as file:
        return from_trace(read_trace(file)), from_log(log, slice(0, len(log.cycles))), json.loads(run.stdout)


@pytest.mark.real
def test_all_three_count_the_same_cycles(told: tuple[GcRun, GcRun, dict[str, int]]) -> None:
    trace, log, stats = told
    assert len(trace) == len(log) == stats["NumGC"]


@pytest.mark.real
def test_pause_totals_agree_within_what_gctrace_cuts_off(told: tuple[GcRun, GcRun, dict[str, int]]) -> None:
    trace, log, stats = told
    total_s = stats["PauseTotalNs"] * 1e-9
    assert log.pauses.low.sum() <= total_s <= log.pauses.high.sum()
    # The trace tells the end of a stop twice: the collector is done, and the world runs again. Each of its events is
    # written within microseconds of the moment that the runtime takes for its own count.
    slack_s = 5e-6 * 2 * len(trace)
    assert trace.pauses.low.sum() - slack_s <= total_s <= trace.pauses.high.sum() + slack_s


@pytest.mark.real
def test_heaps_and_goals_of_each_cycle_agree(told: tuple[GcRun, GcRun, dict[str, int]]) -> None:
    trace, log, _ = told
    assert within(trace.heap_start.low, log.heap_start).all()
    assert within(trace.live.low, log.live).all()
    assert within(trace.goal.low, log.goal)[1:].all()
    # A cycle's last allocations may fall behind the trace's last event of them.
    assert within(trace.heap_end.low, log.heap_end).mean() > 0.8


@pytest.mark.real
def test_assists_agree_within_a_tenth(told: tuple[GcRun, GcRun, dict[str, int]]) -> None:
    trace, log, _ = told
    assert trace.assists.high.sum() >= 0.9 * log.assists.low.sum()
    assert trace.assists.low.sum() <= 1.1 * log.assists.high.sum() + 1e-3


def within(values: np.ndarray, bounds: Bounds) -> np.ndarray:
    return (values >= bounds.low - 1) & (values <= bounds.high + 1)
