"""A sweep gives one hash on any number of workers, and computes nothing twice, however its commands ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
import pytest
import sweep_of_tests as work
from quick_simulation import quick

from whence.evidence.sweep import Sweep
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.sweeping.computing import How
from whence.explain.simulator.sweeping.digests import digest_of_run
from whence.explain.simulator.sweeping.grid import parse_axis
from whence.explain.simulator.sweeping.sweeping import Where, sweep

GRID = [parse_axis(text) for text in work.GRID]
SCRIPT = str(Path(work.__file__))


@pytest.fixture(autouse=True)
def _same_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files may be edited while tests run."""
    monkeypatch.setattr("whence.explain.simulator.sweeping.sweeping.digest_of_simulator", lambda: "of a test")


def swept(out: Path, workers: int = 1, grid: object = None, **how: object) -> Sweep:
    return sweep(
        work.opened(), grid or GRID, out=out, how=How(**how), where=Where(workers=workers), simulate=quick  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_hash_is_the_same_for_any_number_of_workers_and_another_for_another_seed(tmp_path: Path) -> None:
    one = swept(tmp_path / "1")
    assert one.computed == 16
    assert len(one.hash) == 16
    assert {swept(tmp_path / str(n), workers=n).hash for n in (2, 3)} == {one.hash}
    assert swept(tmp_path / "seed", seed=2).hash != one.hash


def test_the_digest_tells_the_last_bit_of_one_number_of_one_column() -> None:
    program = work.opened().programs.workload({})
    run = quick(program, Config(), How())
    column = run.series.rss.copy()
    column[17] = np.nextafter(column[17], 2.0)
    other = run._replace(series=run.series._replace(rss=column))
    assert digest_of_run(run) == digest_of_run(quick(program, Config(), How()))
    assert digest_of_run(other) != digest_of_run(run)
    assert digest_of_run(run._replace(draws={"rss": column})) != digest_of_run(run)


def test_a_grid_that_grows_computes_what_is_new_alone(tmp_path: Path) -> None:
    small = swept(tmp_path / "s", grid=[parse_axis("GOGC=50,100")])
    large = swept(tmp_path / "s", grid=[parse_axis("GOGC=100,50,200")])
    assert (small.computed, large.computed) == (2, 1)
    assert large.points[1].totals == small.points[0].totals


def test_points_that_mean_the_same_are_computed_once(tmp_path: Path) -> None:
    grid = [parse_axis("go=1.18,1.27"), parse_axis("GOMEMLIMIT=none,1GiB")]
    result = swept(tmp_path / "s", grid=grid)
    assert (len(result.points), result.computed) == (4, 3)
    assert result.points[0].totals == result.points[1].totals
    assert [p.settings["GOMEMLIMIT"] for p in result.points] == ["none", "1GiB"] * 2


def test_a_point_that_the_model_refuses_says_why_and_stops_no_other(tmp_path: Path) -> None:
    result = swept(tmp_path / "s", grid=[parse_axis("GOGC=66,67")])
    assert [(p.outcome, p.message) for p in result.points] == [
        ("refused", "66 is not simulated. Take 67."),
        ("done", ""),
    ]


def test_killed_in_the_middle_it_goes_on_and_computes_nothing_twice(tmp_path: Path) -> None:
    counted, out = tmp_path / "counted", tmp_path / "out"
    counted.mkdir()
    environment = {**os.environ, "COUNTED_IN": str(counted)}
    command = [sys.executable, SCRIPT, str(out), "2"]
    first = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    points = out / "points.jsonl"
    while not points.exists() or points.read_bytes().count(b"\n") < 4:
        assert first.poll() is None
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait()
    stored = [msgspec.json.decode(line)["configuration"] for line in points.read_bytes().splitlines(keepends=True)
              if line.endswith(b"\n")]  # fmt: skip
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    told_hash, computed = second.stdout.split()
    assert int(computed) == 16 - len(stored)
    assert told_hash == swept(tmp_path / "whole").hash
    lines = [msgspec.json.decode(line)["configuration"] for line in points.read_bytes().splitlines()]
    assert sorted(lines) == sorted(set(lines))
    times = [len(path.read_text().split()) for path in counted.iterdir()]
    assert len(times) == 16
    assert sum(times) <= 16 + 2, "at most the points in flight may have been begun twice"


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'whence[cluster]'")
def test_a_cluster_gives_the_same_hash(tmp_path: Path) -> None:
    there = sweep(work.opened(), GRID, out=tmp_path / "ray", where=Where(workers=2, cluster="ray"), simulate=quick)
    assert there.computed == 16
    assert there.hash == swept(tmp_path / "here").hash
