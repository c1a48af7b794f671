"""`whence simulate sweep` prints one row or one JSON point a combination, goes on where it was, refuses in one line."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from whence.measure.executing import clusters

from .conftest import Whence

PROGRAM = ("simulate", "sweep", "--alloc-rate", "200MB/s", "--live", "20MB", "--duration", "2s", "--replicas", "6")
GRID = ("--grid", "GOGC=50,100", "--grid", "GOMEMLIMIT=none,1GiB", "--out", "swept", "--quiet")


@pytest.fixture(autouse=True)
def _same_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files may be edited while tests run."""
    monkeypatch.setattr("whence.explain.simulator.sweeping.sweeping.digest_of_simulator", lambda: "of a test")


def test_a_grid_is_computed_once_and_then_read(here: Whence, folder: Path) -> None:
    first = here(*PROGRAM, *GRID, "--workers", 1, "--json", "-").document
    assert first["schema"] == "whence.sweep/1"
    assert first["simulated"] is True
    points = first["points"]
    assert isinstance(points, list)
    assert [point["settings"] for point in points] == [
        {"GOGC": gogc, "GOMEMLIMIT": limit} for gogc in ("50", "100") for limit in ("none", "1GiB")
    ]
    cycles = [point["totals"]["gc-cycles"]["value"] for point in points]
    assert cycles[0] > 1.5 * cycles[2] > 0, "half the heap growth, about twice the collections"
    assert all(p["totals"]["rss"]["low"] <= p["totals"]["rss"]["value"] <= p["totals"]["rss"]["high"] for p in points)
    again = here(*PROGRAM, *GRID, "--json", "-").document
    assert (first["computed"], again["computed"], again["workers"]) == (4, 0, 0)
    assert (again["hash"], again["points"]) == (first["hash"], points)
    told = here(*PROGRAM, *GRID)
    assert told.code == 0
    text = " ".join(told.out.split())
    assert f"Hash of all results {first['hash']}." in text
    assert "0 of 4 points computed" in text
    assert (folder / "swept" / "sweep.json").exists()
    refusal = here(*PROGRAM, *GRID, "--seed", 2).refusal
    assert refusal.startswith("swept holds a sweep with seed 1, not 2.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "at least one --grid"),
        (("--grid", "GOGC=abc"), "Go cannot read GOGC=abc"),
        (("--grid", "go=1.99"), "Go 1.99 has no model"),
        (("--grid", "FOO=1"), "FOO is not simulated"),
        (("--grid", "GOGC=50", "--grid", "GOGC=100"), "is given twice"),
        (("--grid", "GOGC=50", "--address", "h:1"), "Give --cluster ray with it"),
        (("--grid", "GOGC=50", "--cluster", "slurm"), "the only cluster known is ray"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    here: Whence, folder: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in here(*PROGRAM, *words, "--out", "swept").refusal
    assert not (folder / "swept").exists()


def test_without_ray_the_line_names_what_to_install(here: Whence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "find_spec", lambda name: None)
    expected = '--cluster ray needs Ray, which is not installed. Run: pip install "whence[cluster]"'
    assert here(*PROGRAM, *GRID, "--cluster", "ray").refusal == expected
    words = ("compare", "a:", "b:X=1", "--subject", "exec:", "--cluster", "ray", "--", "true")
    assert here(*words).refusal == expected


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'whence[cluster]'")
def test_a_cluster_of_this_host_prints_json_alone_and_the_same_hash(whence: Whence) -> None:
    there = whence(*PROGRAM, *GRID, "--cluster", "ray", "--workers", 2, "--json", "-", timeout=300)
    assert there.code == 0, there.err
    here = whence(*PROGRAM, "--grid", "GOGC=50,100", "--grid", "GOMEMLIMIT=none,1GiB", "--out", "here", "--json", "-")
    assert (there.document["cluster"], there.document["computed"]) == ("ray", 4)
    assert there.document["hash"] == here.document["hash"]
