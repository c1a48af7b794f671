"""Simulations that pass through measured points."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.simulation import SimulatedComparison
from whence.explain.simulator.whatif.asking import Opened, Question, answer
from whence.explain.simulator.whatif.calibrating import parse_point


def value(found: SimulatedComparison, index: int, metric: str) -> tuple[float, float]:
    one = next(v for v in found.simulations[index].totals if v.metric == metric)
    return one.value, one.high - one.low


def test_the_measured_points_are_met_and_what_lies_between_becomes_surer(opened: Opened) -> None:
    variants = ("GOGC=50", "GOGC=100", "GOGC=200")
    plain = answer(Question(program=opened, variants=variants, replicas=12))
    points = tuple(parse_point(text) for text in ("GOGC=50 rss-peak=30MB cpu=2s", "GOGC=200 rss-peak=60MB cpu=1500ms"))
    found = answer(Question(program=opened, variants=variants, replicas=12, measured=points))
    assert value(found, 0, "rss-peak")[0] == pytest.approx(30e6)
    assert value(found, 2, "rss-peak")[0] == pytest.approx(60e6)
    assert value(found, 0, "cpu")[0] == pytest.approx(2.0)
    assert 30e6 < value(found, 1, "rss-peak")[0] < 60e6
    relative = [value(one, 1, "rss-peak")[1] / value(one, 1, "rss-peak")[0] for one in (plain, found)]
    assert relative[1] < relative[0]
    assert value(found, 1, "gc-cycles") == value(plain, 1, "gc-cycles")  # was not measured
    assert max(found.simulations[2].columns.rss) > 50e6  # the picture moves too


def test_one_point_scales(opened: Opened) -> None:
    variants = ("GOGC=50", "GOGC=200")
    plain = answer(Question(program=opened, variants=variants, replicas=6))
    point = parse_point("GOGC=50 cpu=10s")
    found = answer(Question(program=opened, variants=variants, replicas=6, measured=(point,)))
    scale = 10.0 / value(plain, 0, "cpu")[0]
    assert value(found, 1, "cpu")[0] == pytest.approx(value(plain, 1, "cpu")[0] * scale)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["GOGC=50 rss-peak=60MB", "GOGC=200 rss-peak=30MB"], "falls where"),
        (["GOGC=100 rss-peak=30MB", "GOGC=101 rss-peak=31MB"], "hardly differ"),
    ],
)
def test_points_that_contradict_are_refused(opened: Opened, texts: list[str], told: str) -> None:
    points = tuple(parse_point(text) for text in texts)
    with pytest.raises(BadInput, match=told):
        answer(Question(program=opened, variants=("GOGC=50", "GOGC=100"), replicas=6, measured=points))


@pytest.mark.parametrize("text", ["GOGC=50", "GOGC=50 rss-peak=fast", "GOGC=50 rss-peak=-3MB", "colour=red cpu=1s"])
def test_malformed_points_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_point(text)
