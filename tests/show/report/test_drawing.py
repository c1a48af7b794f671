"""Axes and the forest: every effect has its place, large and small ones on one axis, and the picture stands alone."""

from __future__ import annotations

import itertools
import math
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from whence.show.report import forest, scale

from . import factories as make
from .test_twins import ANY_COMPARISON, COMPARISONS

RATIO = st.floats(min_value=1e-6, max_value=1e6)


@given(st.lists(RATIO, min_size=1, max_size=6), st.lists(st.sampled_from([0.0, 0.01, 0.03, 0.05]), max_size=3))
def test_an_axis_keeps_the_order_of_ratios_and_holds_them_all(ratios: list[float], margins: list[float]) -> None:
    axis = scale.ratio_axis(ratios, margins)
    places = [axis.at(ratio) for ratio in sorted(ratios)]
    assert places == sorted(places) and all(0 <= place <= 100 for place in places)
    assert all(axis.holds(ratio) for ratio in ratios)
    assert any(tick.label == "same" for tick in axis.ticks())


def test_three_and_a_half_and_a_margin_of_one_percent_are_both_readable() -> None:
    axis = scale.ratio_axis([3.47, 1.004, 0.996], [0.01])
    assert axis.stretched
    assert axis.at(1.01) - axis.at(0.99) > 15
    assert axis.at(1.004) - axis.at(0.996) > 5
    assert axis.at(3.47) > 90


def test_twice_and_half_are_equally_far_from_no_change() -> None:
    axis = scale.ratio_axis([0.5, 2.0], [0.01])
    assert math.isclose(axis.at(2.0) - axis.at(1.0), axis.at(1.0) - axis.at(0.5), abs_tol=0.02)


def test_ticks_do_not_touch() -> None:
    for ratios in ([1.0], [0.98, 1.01], [0.1, 40.0], [1.5], [0.001, 1.2]):
        places = [tick.at for tick in scale.ratio_axis(ratios, [0.01]).ticks()]
        assert all(b - a > 10 for a, b in itertools.pairwise(places))


@given(st.lists(st.floats(-1e9, 1e9), max_size=5))
def test_an_upright_axis_holds_its_values_and_has_round_ticks(values: list[float]) -> None:
    axis = scale.value_axis(values)
    assert all(0 <= axis.at(value) <= 100 for value in values)
    assert 1 <= len(axis.values()) <= 13


def test_the_margin_and_the_band_lie_around_no_change() -> None:
    comparison = make.demo()
    drawing = forest.forest(comparison, comparison.effects, forest.measured_bands(comparison))
    assert drawing.has_margin and drawing.has_band
    for group in drawing.groups:
        for row in group.rows:
            assert row.bar.margin is not None and row.bar.margin[0] < drawing.same < row.bar.margin[1]
            assert row.bar.band is not None and row.bar.band[0] <= drawing.same <= row.bar.band[1]


def test_what_differs_is_drawn_first_when_there_is_too_much() -> None:
    comparison = make.benchmarks(forest.MOST_ROWS)
    drawing = forest.forest(comparison, comparison.effects)
    rows = [row for group in drawing.groups for row in group.rows]
    assert len(rows) == forest.MOST_ROWS and drawing.left_out == forest.MOST_ROWS
    differing = sum(e.verdict in {"worse", "better"} for e in comparison.effects)
    assert sum(row.verdict in {"worse", "better"} for row in rows) == differing


@ANY_COMPARISON
@given(COMPARISONS)
def test_the_picture_of_any_comparison_is_xml(comparison: object) -> None:
    ET.fromstring(forest.standalone(comparison))  # type: ignore[arg-type]


def test_the_picture_says_the_sentence_and_every_verdict_in_words() -> None:
    text = forest.standalone(make.demo())
    assert "Resident memory is 3.467 × as large" in text
    assert all(word in text for word in ("▲ worse", "▼ better", "= equivalent", "? not enough data"))
    assert "prefers-color-scheme" in text and "href" not in text
