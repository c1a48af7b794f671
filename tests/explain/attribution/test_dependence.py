"""How a change depends on a parameter: sign changes and where they are."""

import math

import pytest

from whence.evidence.attribution import Point
from whence.evidence.errors import BadInput
from whence.explain.attribution.dependence import dependence, parse_over


def point(value: str, ratio: float, half: float = 0.001) -> Point:
    return Point(value=value, ratio=ratio, low=ratio * math.exp(-half), high=ratio * math.exp(half))


def test_the_crossover_of_a_step_is_the_first_value_on_the_other_side():
    seen: list[str] = []

    def measure(value: str) -> Point:
        seen.append(value)
        return point(value, 1.2 if float(value) < 1017 else 0.41)

    found = dependence(parse_over("arg.size=16,64,256,900,1024,4096"), measure, refine=True)
    assert (found.low, found.crossover, found.high) == (1016, 1017, 1017)
    assert found.depends
    assert len(seen) <= 6 + 8


def test_without_a_sign_change_there_is_no_crossover_but_a_dependence_is_said():
    found = dependence(parse_over("arg.size=1,2,3"), lambda v: point(v, 1 + float(v) / 10), refine=True)
    assert found.crossover is None
    assert found.depends


def test_values_that_are_no_numbers_keep_their_order():
    found = dependence(parse_over("arg.shape=slice,chan"), lambda v: point(v, 1.1), refine=True)
    assert [p.value for p in found.points] == ["slice", "chan"]
    assert not found.depends


def test_a_sign_that_cannot_be_told_ends_the_narrowing():
    def measure(value: str) -> Point:
        x = float(value)
        return Point(value=value, ratio=math.exp(x / 1000), low=math.exp(x / 1000 - 0.2), high=math.exp(x / 1000 + 0.2))

    found = dependence(parse_over("arg.x=-1000,1000"), measure, refine=True)
    assert found.crossover == pytest.approx(0, abs=1)
    assert (found.low, found.high) == (-1000, 1000)


@pytest.mark.parametrize("text", ["size=1,2", "arg.=1", "arg.size", "arg.size=", "arg.size=,"])
def test_a_sweep_without_a_parameter_or_values_is_refused(text: str):
    with pytest.raises(BadInput, match="--over"):
        parse_over(text)
