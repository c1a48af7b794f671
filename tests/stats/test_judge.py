"""The verdict rule: what docs/methods/verdict.md promises, and a defined answer for every odd kind of data."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.comparison import Effect
from whence.stats.judge import Judgement, Look, Question, judge_family
from whence.stats.sequential import spending

NAN = math.nan
NULLS = ("low", "high", "level", "corrected_low", "corrected_high", "equivalence_low", "equivalence_high")


def question(base, candidate, margin=0.01, **fields) -> Question:
    return Question(key=("rss",), base=tuple(base), candidate=tuple(candidate), margin=margin, **fields)


def judge(base, candidate, margin=0.01, **fields) -> Judgement:
    return judge_family([question(base, candidate, margin, **fields)])[0]


def noisy(ratio: float, sd: float = 0.002, pairs: int = 10, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    base = rng.lognormal(3, 0.05, pairs)
    return base, base * ratio * np.exp(rng.normal(0, sd, pairs))


# --- the rule ---------------------------------------------------------------------------------------------------------


def test_worse_and_better_follow_the_metrics_direction() -> None:
    base, candidate = noisy(1.1)
    assert judge(base, candidate).verdict == "worse"
    assert judge(base, candidate, better="higher").verdict == "better"
    assert judge(candidate, base).verdict == "better"
    assert judge(candidate, base, better="higher").verdict == "worse"


def test_equivalent_comes_first_even_when_the_interval_excludes_one() -> None:
    answer = judge(*noisy(1.004, 0.001))
    assert answer.verdict == "equivalent" and answer.differs
    assert answer.low is not None and answer.low > 1
    assert answer.p_adjusted is not None and answer.p_adjusted <= 0.01


def test_equivalent_without_a_difference_does_not_differ() -> None:
    answer = judge(*noisy(1.0, 0.003, seed=3))
    assert answer.verdict == "equivalent" and not answer.differs


def test_the_margin_decides_between_equivalent_and_worse() -> None:
    base, candidate = noisy(1.02, 0.001)
    assert judge(base, candidate, 0.01).verdict == "worse"
    assert judge(base, candidate, 0.03).verdict == "equivalent"


def test_undetermined_says_how_many_pairs_would_probably_decide() -> None:
    answer = judge(*noisy(1.0, 0.05))
    assert answer.verdict == "undetermined" and not answer.differs
    assert answer.pairs_needed is not None and answer.pairs_needed > 10


def test_decided_questions_need_no_more_pairs() -> None:
    assert judge(*noisy(1.1)).pairs_needed is None


def test_nothing_would_decide_a_margin_of_zero_around_no_effect() -> None:
    base = (1.0, 2.0) * 5
    answer = judge(base, base[1:] + base[:1], 0.0)
    assert answer.ratio == 1.0 and answer.verdict == "undetermined" and answer.pairs_needed is None


def test_a_large_family_needs_pairs_before_anything_can_be_worse() -> None:
    base, candidate = noisy(1.5, pairs=8)
    alone = judge(base, candidate)
    assert alone.verdict == "worse"
    many = judge_family([question(base, candidate)] * 4)[0]
    assert many.verdict == "undetermined" and many.pairs_needed == 10
    assert many.corrected_low is None and many.low is not None


def test_holm_lets_the_clear_question_through_and_holds_the_doubtful_one() -> None:
    clear, doubtful = noisy(1.5, pairs=12), noisy(1.03, 0.03, pairs=12, seed=5)
    first, second = judge_family([question(*clear), question(*doubtful, margin=0.001)])
    assert first.p is not None and first.p_adjusted == pytest.approx(2 * first.p)
    assert first.verdict == "worse"
    assert second.p is not None and 0.01 < second.p < 0.1 and second.verdict == "undetermined"


def test_the_corrected_interval_excludes_one_exactly_when_the_verdict_says_so() -> None:
    rng = np.random.default_rng(6)
    for _ in range(200):
        pairs = int(rng.integers(9, 20))
        family = [question(*noisy(1 + e, 0.02, pairs, int(rng.integers(1e9))), margin=0.0) for e in (0, 0.02, 0.04)]
        for answer in judge_family(family):
            low, high = answer.corrected_low, answer.corrected_high
            excluded = low is not None and high is not None and (low > 1 or high < 1)
            assert excluded == (answer.verdict in {"worse", "better"}) == (answer.p_adjusted <= 0.01)


def test_intervals_nest() -> None:
    answer = judge(*noisy(1.01, 0.01, 12))
    bounds = [
        answer.corrected_low, answer.low, answer.equivalence_low, answer.ratio,
        answer.equivalence_high, answer.high, answer.corrected_high,
    ]  # fmt: skip
    assert bounds == sorted(bounds)


def test_lists_are_read_under_benjamini_hochberg() -> None:
    family = [question(*noisy(1.2, pairs=9, seed=s)) for s in range(4)] + [question(*noisy(1.0, 0.05, 9))]
    holm, listed = judge_family(family), judge_family(family, correction="bh")
    assert [a.verdict for a in holm[:4]] == ["undetermined"] * 4
    assert [a.verdict for a in listed[:4]] == ["worse"] * 4


def test_a_band_widens_every_verdict() -> None:
    base, candidate = noisy(1.012, 0.001)
    assert judge(base, candidate).verdict == "worse"
    assert judge(base, candidate, band=0.02).verdict == "undetermined"
    same = noisy(1.0, 0.001)
    assert judge(*same).verdict == "equivalent"
    assert judge(*same, band=0.02).verdict == "undetermined"
    assert judge(*same, margin=0.03, band=0.02).verdict == "equivalent"


def test_an_early_look_asks_for_more_and_a_single_look_for_nothing_more() -> None:
    base, candidate = noisy(1.1, pairs=10)
    early = judge_family([question(base, candidate)], look=Look((10, 30), 0))[0]
    assert early.verdict == "undetermined" and early.level is None
    only = judge_family([question(base, candidate)], look=Look((10,), 0))[0]
    assert (only.verdict, only.low, only.high) == ("worse", judge(base, candidate).low, judge(base, candidate).high)


def test_the_adjusted_p_of_a_look_is_compared_with_alpha() -> None:
    look = Look((12, 20), 0)
    base, candidate = noisy(1.3, pairs=12)
    answer = judge_family([question(base, candidate)], look=look)[0]
    assert answer.p_adjusted == pytest.approx(answer.p * 0.01 / spending(look.looks, 0.01)[0])
    assert (answer.p_adjusted <= 0.01) == (answer.verdict == "worse")
    replanned = judge_family([question(base, candidate)], spent=spending(look.looks, 0.01)[0])[0]
    assert replanned.p_adjusted == answer.p_adjusted


# --- figures ----------------------------------------------------------------------------------------------------------


def test_reported_figures() -> None:
    base, candidate = noisy(1.1)
    answer = judge(base, candidate)
    sd = float(np.std(np.log(candidate / base), ddof=1))
    assert answer.detectable == pytest.approx(2.8 * sd / math.sqrt(10))
    assert answer.sd_log == pytest.approx(sd)
    assert answer.level == pytest.approx(0.951171875)
    assert answer.base_value == pytest.approx(float(np.median(base)))
    assert answer.candidate_value == pytest.approx(float(np.median(candidate)))
    assert answer.pairs == 10 and not answer.exact


def test_every_field_of_an_effect_can_be_filled() -> None:
    shared = set(Judgement.__struct_fields__) & set(Effect.__struct_fields__)
    assert shared >= {
        "ratio", "low", "high", "verdict", "differs", "exact", "pairs", "detectable", "p", "p_adjusted",
        "corrected_low", "corrected_high", "pairs_needed", "level", "base_value", "candidate_value", "warnings",
    }  # fmt: skip


def test_the_smallest_p_of_six_pairs_is_one_thirtysecond() -> None:
    assert judge([40.0] * 6, [50.0] * 6).p == 2 / 2**6


def test_order_of_questions_is_kept_and_no_questions_have_no_answers() -> None:
    family = [
        Question(key=(name,), base=(1.0,) * 8, candidate=(2.0,) * 8, margin=0.0, declared_exact=name == "b")
        for name in "abc"
    ]
    assert [a.key for a in judge_family(family)] == [("a",), ("b",), ("c",)]
    assert judge_family([]) == ()


# --- exact metrics ----------------------------------------------------------------------------------------------------


def test_exact_metrics_need_no_test_and_two_runs_a_side_do() -> None:
    answer = judge([3.0, 3.0], [4.0, 4.0], 0.0, declared_exact=True)
    assert (answer.verdict, answer.differs, answer.exact, answer.p, answer.p_adjusted) == (
        "worse",
        True,
        True,
        None,
        None,
    )
    assert answer.ratio == answer.low == answer.high == 4 / 3
    same = judge([3.0, 3.0], [3.0, 3.0], 0.0, declared_exact=True)
    assert (same.verdict, same.differs, same.ratio, same.warnings) == ("equivalent", False, 1.0, ())


def test_exact_metrics_inside_a_margin_are_equivalent_and_differ() -> None:
    answer = judge([100.0] * 2, [105.0] * 2, 0.05, declared_exact=True)
    assert answer.verdict == "equivalent" and answer.differs


def test_exact_metrics_do_not_enlarge_the_family() -> None:
    base, candidate = noisy(1.5, pairs=8)
    exact = question([3.0] * 2, [3.0] * 2, 0.0, declared_exact=True)
    assert judge_family([question(base, candidate), exact, exact, exact])[0].verdict == "worse"


def test_declared_exact_with_spread_is_judged_as_noisy_and_says_so() -> None:
    answer = judge([3.0] * 9 + [4.0], [3.0] * 10, 0.0, declared_exact=True)
    assert not answer.exact and answer.p is not None
    assert any("spread" in w for w in answer.warnings)


def test_spread_in_an_unpaired_run_still_makes_a_metric_noisy() -> None:
    answer = judge([3.0, 3.0, 9.0], [3.0, 3.0, NAN], 0.0, declared_exact=True)
    assert not answer.exact


def test_exact_zeros() -> None:
    gone = judge([3.0] * 2, [0.0] * 2, 0.0, declared_exact=True)
    assert (gone.verdict, gone.ratio, gone.exact) == ("better", 0.0, True)
    new = judge([0.0] * 2, [3.0] * 2, 0.0, declared_exact=True)
    assert (new.verdict, new.ratio, new.low, new.exact, new.differs) == ("worse", None, None, True, True)
    none = judge([0.0] * 2, [0.0] * 2, 0.0, declared_exact=True)
    assert (none.verdict, none.ratio) == ("equivalent", 1.0)


def test_one_exact_run_a_side_is_compared_and_said() -> None:
    answer = judge([3.0], [4.0], 0.0, declared_exact=True)
    assert answer.exact and any("trust" in w for w in answer.warnings)


# --- odd data ---------------------------------------------------------------------------------------------------------


def test_constants_that_differ_have_an_interval_of_no_width() -> None:
    answer = judge([40.0] * 8, [50.0] * 8)
    assert (answer.verdict, answer.exact) == ("worse", False)
    assert answer.ratio == answer.low == answer.high == pytest.approx(1.25)
    assert answer.p == 2 / 2**8


def test_constants_that_agree_are_equivalent() -> None:
    answer = judge([40.0] * 8, [40.0] * 8, 0.0)
    assert (answer.verdict, answer.ratio, answer.low, answer.high, answer.p) == ("equivalent", 1.0, 1.0, 1.0, 1.0)
    assert not answer.exact and not answer.differs


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_zeros_or_negatives_everywhere_are_equal(value: float) -> None:
    answer = judge([value] * 8, [value] * 8)
    assert (answer.verdict, answer.ratio, answer.low, answer.base_value) == ("equivalent", 1.0, 1.0, value)


def test_a_base_of_zero_has_no_ratio_but_a_direction() -> None:
    answer = judge([0.0] * 8, [3.0, 4.0] * 4)
    assert answer.verdict == "worse" and answer.p == 2 / 2**8
    assert answer.ratio is None and all(getattr(answer, name) is None for name in NULLS)
    assert any("zero" in w for w in answer.warnings)


def test_negative_values_are_judged_by_their_differences() -> None:
    answer = judge([-2.0, 1.0] * 4, [2.0, 5.0] * 4)
    assert answer.verdict == "worse" and answer.ratio is None and answer.detectable is None
    assert any("negative" in w for w in answer.warnings)
    undecided = judge([-2.0, 1.0] * 4, [1.0, -2.0] * 4)
    assert undecided.verdict == "undetermined"
    same = judge([-2.0, 1.0] * 4, [-2.0, 1.0] * 4)
    assert same.verdict == "equivalent" and same.ratio is None


def test_missing_values_cost_their_pair_only() -> None:
    base, candidate = noisy(1.1, pairs=10)
    base[3], candidate[7] = NAN, math.inf
    answer = judge(base, candidate)
    kept = [i for i in range(10) if i not in (3, 7)]
    assert answer.pairs == 8 and answer.ratio == judge(base[kept], candidate[kept]).ratio
    assert any("2 of 10 pairs" in w for w in answer.warnings)


def test_no_value_at_all_is_undetermined() -> None:
    for base, candidate in (([], []), ([1.0] * 8, [NAN] * 8), ([NAN] * 8, [NAN] * 8)):
        answer = judge(base, candidate)
        assert answer.verdict == "undetermined" and answer.pairs == 0 and answer.base_value is None
        assert answer.warnings and answer.pairs_needed == 8


@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_below_six_pairs_there_is_an_estimate_but_no_interval_and_no_verdict(pairs: int) -> None:
    answer = judge(*noisy(3.0, pairs=pairs))
    assert answer.verdict == "undetermined" and answer.ratio == pytest.approx(3.0, rel=0.01)
    assert all(getattr(answer, name) is None for name in (*NULLS, "p", "p_adjusted"))
    assert answer.pairs_needed == 8 and not answer.differs


def test_unpaired_sides_need_not_have_one_length() -> None:
    base, candidate = noisy(1.1, pairs=12)
    answer = judge(base[:7], candidate, paired=False)
    assert answer.pairs == 7 and answer.level is not None and answer.level >= 0.95
    assert judge(base[:5], candidate, paired=False).low is None
    assert judge([40.0] * 8, [50.0] * 8, paired=False).verdict == "worse"
    assert judge([], candidate, paired=False).verdict == "undetermined"
    assert any("2 of" in w for w in judge([NAN, *base], [NAN, *candidate], paired=False).warnings)


def test_pairs_of_different_length_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="cannot be paired"):
        judge([1.0], [1.0, 2.0])


def test_extreme_magnitudes_never_become_nan_or_infinite() -> None:
    for low, high in ((5e-324, 1.7e308), (1e-300, 1e300), (-1.7e308, 1.7e308), (0.0, 1.7e308)):
        for base, candidate in ((low, high), (high, low)):
            answer = judge([base] * 8, [candidate] * 8)
            for name in answer.__struct_fields__:
                value = getattr(answer, name)
                assert not isinstance(value, float) or math.isfinite(value)


# --- properties -------------------------------------------------------------------------------------------------------

numbers = st.one_of(st.floats(0.5, 2.0), st.sampled_from([0.0, 1.0, -1.0, NAN, math.inf]), st.integers(1, 4).map(float))
pairs_of_numbers = st.lists(st.tuples(numbers, numbers), min_size=0, max_size=12)
positive_pairs = st.lists(st.tuples(st.floats(0.5, 2.0), st.floats(0.5, 2.0)), min_size=6, max_size=14)


@given(pairs_of_numbers, st.booleans(), st.booleans(), st.sampled_from([0.0, 0.01, 0.5]))
@settings(max_examples=200, deadline=None)
def test_any_numbers_have_an_answer_that_is_valid_json(rows, paired, declared_exact, margin) -> None:
    base, candidate = [r[0] for r in rows], [r[1] for r in rows]
    answer = judge(base, candidate, margin, paired=paired, declared_exact=declared_exact)
    for name in answer.__struct_fields__:
        value = getattr(answer, name)
        assert not isinstance(value, float) or math.isfinite(value)
    assert msgspec.json.decode(msgspec.json.encode(answer))["verdict"] == answer.verdict
    assert (answer.pairs_needed is None) or answer.verdict == "undetermined"
    assert (answer.low is None) == (answer.high is None)
    if answer.low is not None and answer.ratio is not None and answer.high is not None:
        assert answer.low <= answer.ratio * (1 + 1e-12) and answer.ratio <= answer.high * (1 + 1e-12)


@given(positive_pairs, st.booleans())
@settings(max_examples=80, deadline=None)
def test_swapping_the_sides_inverts_the_ratio_and_the_verdict(rows, paired) -> None:
    base, candidate = [r[0] for r in rows], [r[1] for r in rows]
    one, other = judge(base, candidate, paired=paired), judge(candidate, base, paired=paired)
    opposite = {"worse": "better", "better": "worse"}
    assert other.verdict == opposite.get(one.verdict, one.verdict)
    assert other.p == pytest.approx(one.p, rel=1e-9)
    assert one.ratio * other.ratio == pytest.approx(1.0)
    assert one.low * other.high == pytest.approx(1.0)


@given(positive_pairs, st.sampled_from([2.0**-20, 1024.0, 3.0, 1e-9]))
@settings(max_examples=80, deadline=None)
def test_the_unit_does_not_matter(rows, scale) -> None:
    base, candidate = [r[0] for r in rows], [r[1] for r in rows]
    one, other = judge(base, candidate), judge([b * scale for b in base], [c * scale for c in candidate])
    assert one.ratio == pytest.approx(other.ratio)
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


@given(positive_pairs, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_blocks_does_not_matter(rows, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one = judge([r[0] for r in rows], [r[1] for r in rows])
    other = judge([r[0] for r in shuffled], [r[1] for r in shuffled])
    for name in ("verdict", "p", "low", "high", "base_value", "candidate_value"):
        assert getattr(one, name) == getattr(other, name)


def test_repeating_every_block_narrows_the_interval_but_keeps_the_estimate() -> None:
    base, candidate = noisy(1.05, 0.02)
    one, twice = judge(base, candidate), judge([*base, *base], [*candidate, *candidate])
    assert twice.ratio == pytest.approx(one.ratio, rel=2e-3)
    assert twice.high / twice.low < one.high / one.low
