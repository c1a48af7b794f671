"""One real run told three ways: its execution trace, its gctrace and its MemStats must agree."""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.golang import toolchains
from whence.measure.profiles.gc.from_log import from_log
from whence.measure.profiles.gc.from_trace import from_trace
from whence.measure.profiles.gc.run import Bounds, GcRun
from whence.measure.profiles.gc.story import story
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
    # The trace tells the end of a stop twice: the collector is done, and the world runs again. Its events are written
    # within microseconds of the moments that the runtime takes for its own count, unless a busy host takes the
    # processor away in between.
    slack_s = 20e-6
    agree = (trace.pauses.low - slack_s <= log.pauses.high) & (trace.pauses.high + slack_s >= log.pauses.low)
    assert agree.mean() >= 0.8


@pytest.mark.real
def test_heaps_and_goals_of_each_cycle_agree(told: tuple[GcRun, GcRun, dict[str, int]]) -> None:
    trace, log, _ = told
    assert within(trace.heap_start.low, log.heap_start).all()
    assert within(trace.live.low, log.live).all()
    assert within(trace.goal.low, log.goal)[1:].all()
    # A cycle's last allocations may fall behind the trace's last event of them.
    assert within(trace.heap_end.low, log.heap_end).mean() > 0.8


@pytest.mark.real
def test_assists_agree_apart_from_what_a_busy_host_puts_between_two_clocks(
    told: tuple[GcRun, GcRun, dict[str, int]],
) -> None:
    """A trace's event and the runtime's own clock reading lie some instructions apart; a host that takes the processor
    away in between adds its time slice, so only the size is compared."""
    trace, log, _ = told
    slack_s = 0.03
    assert trace.assists.high.sum() >= 0.75 * log.assists.low.sum() - slack_s
    assert trace.assists.low.sum() <= 1.25 * log.assists.high.sum() + slack_s


def within(values: np.ndarray, bounds: Bounds) -> np.ndarray:
    return (values >= bounds.low - 1) & (values <= bounds.high + 1)


V1 = Path.home() / "go/pkg/mod/golang.org/toolchain@v0.0.1-go1.21.13.linux-amd64/src/internal/trace/testdata"


@pytest.mark.skipif(not V1.exists(), reason="SKIPPED go1.21.13 with its recorded traces is not on this machine")
def test_traces_of_older_formats_tell_cycles_but_not_the_workers_cpu() -> None:
    with open(V1 / "stress_1_21_good", "rb") as file:
        found = story(from_trace(read_trace(file)))
    assert found.cycles.total > 300
    assert found.work is not None
    assert found.work.share is None
    assert any("do not tell marking workers" in note for note in found.notes)


@pytest.mark.skipif(not V1.exists(), reason="SKIPPED go1.21.13 with its recorded traces is not on this machine")
def test_a_trace_that_breaks_off_is_refused_or_told_as_far_as_it_goes() -> None:
    whole = (V1 / "stress_1_21_good").read_bytes()
    for length in (len(whole) // 2, 40, 16):
        try:
            told = story(from_trace(read_trace(io.BytesIO(whole[:length]))))
        except BadInput as error:
            assert "\n" not in str(error)
        else:
            assert any("part of the trace" in note for note in told.notes) or told.cycles.total == 0
