"""The first question: whether anything changed at all."""

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.explain.attribution.total import measure_total


def test_a_change_that_compare_would_call_worse_is_asked_about_further():
    lab = MadeUpLab("a:A=0", "b:A=1", lambda s: 100 * (1.2 if s["A"] == "1" else 1.0), noise=0.005)
    change = measure_total(lab, margin=0.01, most_pairs=40)
    assert change.outcome == "differs"
    assert change.judgement.ratio == pytest.approx(1.2, rel=0.01)
    assert len(change.logs) == 10  # decided at the first look


def test_two_alike_are_equivalent_and_nothing_is_searched_for():
    lab = MadeUpLab("a:A=0", "b:A=1", lambda s: 100.0, noise=0.004)
    assert measure_total(lab, margin=0.01, most_pairs=40).outcome == "equivalent"


def test_noise_too_large_for_the_looks_is_undetermined_with_what_it_would_take():
    lab = MadeUpLab("a:A=0", "b:A=1", lambda s: 100.0, noise=0.4, seed=3)
    change = measure_total(lab, margin=0.01, most_pairs=20)
    assert change.outcome == "undetermined"
    assert len(change.logs) == 20


def test_programs_that_differ_only_as_they_ship_are_seen_in_arms_of_their_own():
    def layout_only(settings):
        return 100.0

    lab = MadeUpLab("a:A=0", "b:A=1", layout_only, metric="cpu", noise=0.002, layout_noise=0.001)
    change = measure_total(lab, margin=0.03, most_pairs=10)
    assert change.shipped is not None


def test_a_metric_that_is_zero_on_one_side_has_no_ratio():
    lab = MadeUpLab("a:A=0", "b:A=1", lambda s: 0.0 if s["A"] == "0" else 5.0, noise=0.0)
    assert measure_total(lab, margin=0.01, most_pairs=10).outcome == "zero"
