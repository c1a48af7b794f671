"""A grid is read as variants are, and what cannot be simulated is said before anything is computed."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.sweeping.grid import parse_axis, points_of
from whence.explain.simulator.whatif.asking import Surroundings

AROUND = Surroundings(go="1.27", cpu=2.0, memory=1 << 30)


def test_the_last_axis_runs_fastest() -> None:
    points = points_of([parse_axis("GOGC=50,off"), parse_axis("GOMAXPROCS=1,2")], AROUND)
    assert [point.settings for point in points] == [
        {"GOGC": gogc, "GOMAXPROCS": procs} for gogc in ("50", "off") for procs in ("1", "2")
    ]
    assert [(p.config.gogc, p.config.processors) for p in points if p.config] == [(50, 1), (50, 2), (-1, 1), (-1, 2)]


def test_none_leaves_a_setting_out_even_where_the_surroundings_have_it() -> None:
    points = points_of([parse_axis("memory=none,256MiB"), parse_axis("cpu=none,0.5")], AROUND)
    found = [(p.config.container_memory, p.config.cpus) for p in points if p.config]
    assert found == [(None, None), (None, 0.5), (256 << 20, None), (256 << 20, 0.5)]
    limits = points_of([parse_axis("GOMEMLIMIT=none,100MiB")], AROUND)
    assert [p.config.memory_limit for p in limits if p.config] == [None, 100 << 20]


def test_points_that_contradict_themselves_stay_in_the_grid_with_the_reason() -> None:
    points = points_of([parse_axis("memory=64MiB,256MiB"), parse_axis("GOMEMLIMIT=100MiB")], AROUND)
    assert [point.config is None for point in points] == [True, False]
    assert "lies above the container's memory" in points[0].refusal
    with pytest.raises(BadInput, match="lies above the container's memory"):
        points_of([parse_axis("memory=64MiB"), parse_axis("GOMEMLIMIT=100MiB")], AROUND)


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ((), "at least one --grid"),
        (("GOGC=50", "GOGC=100"), "--grid GOGC is given twice"),
        (("GOGC=50,abc",), "cannot read GOGC=abc"),
        (("FOO=1",), "FOO is not simulated"),
        (("GOGC=none",), "GOGC always has a value"),
        (tuple(f"arg.a{n}=1,2,3,4,5,6,7,8,9,10" for n in range(7)), "10,000,000 points"),
    ],
)
def test_what_is_no_grid_is_refused(grid: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        points_of([parse_axis(text) for text in grid], AROUND)


@pytest.mark.parametrize("text", ["GOGC", "GOGC=", "=50", "GOGC=50,,100", "GOGC=50,50"])
def test_what_is_no_axis_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--grid"):
        parse_axis(text)


def test_a_comma_inside_a_value_is_escaped() -> None:
    assert parse_axis(r"arg.objects=64B\,1KiB,256B").values == ("64B,1KiB", "256B")
