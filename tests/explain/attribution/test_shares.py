"""From fitted shares to causes: names, kinds, deltas that add up, blame, and what undoing gains."""

from __future__ import annotations

import math

import pytest

from whence.evidence.attribution import Cause, Total
from whence.evidence.variant import Setting, parse_variant
from whence.explain.attribution.levers import Lever, Levers
from whence.explain.attribution.shares import causes_of, delta_per_point, fitted_total, joint_effects, leftover
from whence.stats import attribution as stats
from whence.stats.unexplained import Unexplained

WIDE = math.inf


def share(name: str, points: float, half: float = 0.01, *, blamed: bool = True) -> stats.Share:
    return stats.Share(
        name=name, share=points, low=points - half, high=points + half, p=0.5, p_adjusted=0.5, blamed=blamed
    )  # fmt: skip


def joint(a: str, b: str, points: float, *, real: bool, half: float = 0.01) -> stats.Interaction:
    low, high = points - half, points + half
    return stats.Interaction(between=(a, b), share=points, low=low, high=high, p_adjusted=0.5, real=real)


def fitted(
    *shares: stats.Share,
    undo: tuple[stats.Undo, ...] = (),
    interactions: tuple[stats.Interaction, ...] = (),
    unexplained: Unexplained | None = None,
    half: float = 0.01,
) -> stats.Attribution:
    points = math.fsum(s.share for s in shares)
    low, high = (math.exp(points + end) if math.isfinite(end) else end for end in (-half, half))
    return stats.Attribution(
        total=stats.Total(ratio=math.exp(points), low=max(low, 0.0), high=high),
        shares=shares,
        interactions=interactions,
        undo=undo,
        unexplained=unexplained,
        lack_of_fit=None,
        run_sd=0.01,
        layout_sd=None,
        warnings=(),
    )


def lever(name: str, **fields: object) -> Lever:
    sides = {"off": (Setting(name, "0"),), "on": (Setting(name, "1"),), "written": f"{name}=1"}
    return Lever(**{"name": name, "kind": "environment", "is_build": False, **sides, **fields})  # type: ignore[arg-type]


def levers_of(*levers: Lever) -> Levers:
    base, candidate = (",".join(f"{x.name}={level}" for x in levers) for level in (0, 1))
    return Levers(base=parse_variant(base), candidate=parse_variant(candidate), levers=levers)


def causes(found: stats.Attribution, levers: Levers, base: float = 100.0) -> tuple[Cause, ...]:
    return causes_of(found, levers, fitted_total(found, (base,)))


def test_the_largest_share_stands_first_whatever_its_sign():
    found = causes(fitted(share("A", 0.02), share("B", -0.30), share("C", 0.10)), levers_of(*map(lever, "ABC")))
    assert [c.name for c in found] == ["B", "C", "A"]


def test_a_cause_has_kind_and_setting_of_its_lever():
    levers = levers_of(lever("A", kind="module", written="mod.a.b/c=v2.0.0"))
    (cause,) = causes(fitted(share("A", 0.1)), levers)
    assert (cause.kind, cause.setting, cause.part_of) == ("module", "mod.a.b/c=v2.0.0", None)


@pytest.mark.parametrize("points", [(0.4, 0.2), (0.3, -0.3), (0.25, -0.249999999999), (-0.5, -0.1)])
def test_deltas_add_up_to_the_difference_of_the_medians(points: tuple[float, float]):
    found = fitted(share("A", points[0]), share("B", points[1]))
    total = fitted_total(found, (90.0, 100.0, 130.0))
    assert total.base_value == 100.0 and total.candidate_value is not None
    deltas = [c.delta for c in causes_of(found, levers_of(lever("A"), lever("B")), total)]
    assert math.fsum(d for d in deltas if d is not None) == pytest.approx(total.candidate_value - 100, abs=1e-6)


def test_a_delta_has_the_ends_of_its_share():
    (cause,) = causes(fitted(share("A", 0.1, half=0.02)), levers_of(lever("A")))
    assert cause.delta is not None and cause.delta_low is not None and cause.delta_high is not None
    assert cause.delta_low / cause.delta == pytest.approx(0.8)
    assert cause.delta_high / cause.delta == pytest.approx(1.2)


def test_without_a_base_value_there_are_shares_but_no_deltas():
    found = fitted(share("A", 0.1))
    total = fitted_total(found, (math.nan, math.nan))
    assert (total.base_value, total.candidate_value, total.delta) == (None, None, None)
    (cause,) = causes_of(found, levers_of(lever("A")), total)
    assert (cause.share, cause.delta, cause.delta_low) == (0.1, None, None)


def total_with(ratio: float | None, base: float | None) -> Total:
    ends = dict.fromkeys(("low", "high", "candidate_value", "delta", "delta_low", "delta_high"))
    return Total(ratio=ratio, base_value=base, **ends)


@pytest.mark.parametrize(
    ("ratio", "base", "scale"),
    [(math.e, 10.0, 10 * (math.e - 1)), (1.0, 10.0, 10.0), (None, 10.0, None), (2.0, None, None), (0.0, 10.0, None)],
)
def test_the_units_of_a_point(ratio: float | None, base: float | None, scale: float | None):
    assert delta_per_point(total_with(ratio, base)) == (None if scale is None else pytest.approx(scale))


@pytest.mark.parametrize("far", [WIDE, 800.0])
def test_what_runs_cannot_bound_has_no_ends_and_no_infinite_number(far: float):
    undo = stats.Undo(names=("A",), share=-0.1, low=-WIDE, high=far)
    found = fitted(share("A", 0.1, half=WIDE), undo=(undo,), half=WIDE)
    total = fitted_total(found, (100.0,))
    (cause,) = causes_of(found, levers_of(lever("A"), lever("B")), total)
    assert (cause.low, cause.high, cause.delta_low, cause.delta_high) == (None,) * 4
    assert cause.undo is not None and cause.undo.high is None
    assert (total.high, total.delta_high) == (None, None)


def test_below_a_hundredth_of_the_change_nobody_is_blamed_however_surely_it_is_there():
    small, large = share("A", 0.0009, half=0.0001), share("B", 0.1)
    found = {c.name: c.blamed for c in causes(fitted(small, large), levers_of(lever("A"), lever("B")))}
    assert found == {"A": False, "B": True}


def test_where_shares_cancel_the_hundredth_is_of_the_largest_share():
    shares = share("A", 0.2), share("B", -0.2), share("C", 0.0015, half=0.0001)
    found = {c.name: c.blamed for c in causes(fitted(*shares), levers_of(*map(lever, "ABC")))}
    assert found == {"A": True, "B": True, "C": False}


def test_a_share_that_is_not_sure_is_not_blamed_though_it_is_large():
    (cause,) = causes(fitted(share("A", 0.2, blamed=False)), levers_of(lever("A")))
    assert not cause.blamed


def test_levers_varied_only_together_are_one_cause_that_names_all_of_them_once():
    levers = levers_of(lever("A", entangled_with=("B", "X")), lever("B"))
    (cause,) = causes(fitted(share("A + B", 0.1)), levers)
    assert cause.name == "A"
    assert cause.entangled_with == ("B", "X")


def test_undoing_is_written_as_a_variant_and_is_a_ratio_to_the_candidate():
    undo = stats.Undo(names=("A",), share=-0.1, low=-0.12, high=-0.08)
    found = fitted(share("A", 0.1), share("B", 0.05), undo=(undo,))
    by_name = {c.name: c.undo for c in causes(found, levers_of(lever("A"), lever("B")))}
    assert by_name["B"] is None
    undone = by_name["A"]
    assert undone is not None and undone.change == "A=0,B=1"
    assert (undone.ratio, undone.low, undone.high) == pytest.approx([math.exp(v) for v in (-0.1, -0.12, -0.08)])


def test_taking_back_what_others_need_takes_them_back_too():
    undo = stats.Undo(names=("A", "B"), share=-0.15, low=-0.2, high=-0.1)
    found = fitted(share("A", 0.1), share("B", 0.05), undo=(undo,))
    first = causes(found, levers_of(lever("A"), lever("B", needs="A")))[0]
    assert first.undo is not None and first.undo.change == "A=0,B=0"


@pytest.mark.parametrize(("values", "median"), [((3.0, 1.0, 2.0), 2.0), ((4.0, 1.0, 2.0, 3.0), 2.5), ((7.0,), 7.0)])
def test_the_total_stands_on_the_median_of_the_runs_that_gave_a_value(values: tuple[float, ...], median: float):
    total = fitted_total(fitted(share("A", math.log(1.5))), (*values, math.nan, math.inf))
    assert total.base_value == median
    assert total.candidate_value == pytest.approx(1.5 * median)
    assert total.delta == pytest.approx(0.5 * median)


def test_joint_effects_that_are_real_stand_first_then_by_size():
    found = fitted(
        share("A", 0.1),
        interactions=(
            joint("A", "B", 0.09, real=False),
            joint("A", "C", -0.02, real=True),
            joint("B", "C", 0.01, real=True),
            joint("B", "D", -0.10, real=False, half=WIDE),
        ),
    )
    effects = joint_effects(found)
    assert [e.between for e in effects] == [("A", "C"), ("B", "C"), ("B", "D"), ("A", "B")]
    assert (effects[2].low, effects[2].high) == (None, None)


def test_an_effect_that_cannot_be_told_from_others_says_from_which():
    told = stats.Interaction(
        between=("A", "B"), share=0.1, low=0.0, high=0.2, p_adjusted=0.1, real=False, or_between=(("C", "D"),)
    )
    (effect,) = joint_effects(fitted(share("A", 0.1), interactions=(told,)))
    assert effect.or_between == (("C", "D"),)


@pytest.mark.parametrize(
    ("unexplained", "ends"),
    [
        (Unexplained(share=0.02, low=0.01, high=0.03, own_runs=False), (0.02, 0.01, 0.03)),
        (Unexplained(share=0.02, low=-WIDE, high=WIDE, own_runs=True), (0.02, None, None)),
    ],
)
def test_what_is_left_over_is_told_with_the_ends_it_has(unexplained: Unexplained, ends: tuple[float | None, ...]):
    left = leftover(fitted(share("A", 0.1), unexplained=unexplained))
    assert left is not None and (left.share, left.low, left.high) == ends


def test_nothing_to_hold_the_shares_against_is_no_leftover():
    assert leftover(fitted(share("A", 0.1))) is None
