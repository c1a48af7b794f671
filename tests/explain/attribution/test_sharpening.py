"""The whole change measured more precisely, to hold its parts against; and what a side that fails is told as."""

from __future__ import annotations

import math

import msgspec
import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.run import Run
from whence.explain.attribution.total import Change, measure_total, pairs_to_sharpen, sharpened, total_of
from whence.measure.trials import Row

PLENTY = 1e6


def lab(size: float = 1.2, noise: float = 0.05, **more: object) -> MadeUpLab:
    return MadeUpLab("a:A=0", "b:A=1", lambda s: 100 * (size if s["A"] == "1" else 1.0), noise=noise, **more)  # type: ignore[arg-type]


def measured(made: MadeUpLab) -> Change:
    return measure_total(made, margin=0.01, most_pairs=10)


def half_width(change: Change, pairs: int) -> float:
    """Of the whole change after so many pairs, from the scatter of those there are."""
    estimate = change.estimate
    assert estimate is not None
    return 1.96 * estimate.error * math.sqrt(len(change.logs) / pairs)


def test_so_many_pairs_are_added_as_make_the_interval_as_narrow_as_wanted_and_no_more():
    made = lab()
    change = measured(made)
    more = pairs_to_sharpen(change, budget_s=PLENTY)
    assert half_width(change, 10 + more) <= 0.012 < half_width(change, 10 + more - 1)
    assert len(sharpened(made, change, more).logs) == 10 + more


def test_a_large_change_need_not_be_known_as_finely():
    small, large = (pairs_to_sharpen(measured(lab(size, 0.1)), budget_s=PLENTY) for size in (1.2, 5.0))
    assert large < small / 10


def test_what_is_precise_already_takes_no_more_pairs():
    assert pairs_to_sharpen(measured(lab(noise=0.002)), budget_s=PLENTY) == 0


def test_a_metric_without_scatter_takes_no_more_pairs():
    made = MadeUpLab("a:A=0", "b:A=1", lambda s: 7.0 + (s["A"] == "1"), metric="binary-size", noise=0.0)
    change = measured(made)
    assert change.exact and pairs_to_sharpen(change, budget_s=PLENTY) == 0


@pytest.mark.parametrize(("budget", "pairs"), [(0.0, 0), (1.05, 5), (0.19, 0)])
def test_no_more_pairs_than_the_budget_allows(budget: float, pairs: int):
    change = measured(lab(noise=0.3, size=9.0))
    assert change.seconds_a_run == pytest.approx(0.1)
    assert pairs_to_sharpen(change, budget_s=budget) == pairs


def test_the_verdict_stays_as_it_was_and_nothing_is_run_for_no_pairs():
    made = lab()
    change = measured(made)
    asked = list(made.asked)
    assert sharpened(made, change, 0) == change and made.asked == asked
    better = sharpened(made, change, 20)
    assert msgspec.structs.replace(better, logs=change.logs) == change


def test_pairs_that_cannot_be_had_leave_the_change_as_it_is():
    made = lab()
    change = measured(made)
    made._refuses = lambda settings: "gone"  # pyright: ignore[reportPrivateUsage]
    assert sharpened(made, change, 5) == change


class Failing(MadeUpLab):
    """The candidate ends otherwise in some blocks."""

    blocks: range = range(100)
    ending: Run

    def _run(self, stage: str, number: int, row: Row) -> Run:
        run = super()._run(stage, number, row)
        fails = row.variant.get("A") == "1" and row.block in self.blocks
        ended = self.ending
        changes = {"outcome": ended.outcome, "exit_code": ended.exit_code, "signal": ended.signal}
        return msgspec.structs.replace(run, **changes, message=ended.message, samples=()) if fails else run


def ended(outcome: str, **fields: object) -> Run:
    known = {"id": "r", "kind": "counted", "variant": "v", "block": 0, "started_at": 0.0, "seconds": 0.1}
    return Run(**{**known, "outcome": outcome, **fields})  # type: ignore[arg-type]


def failing(ending: Run, blocks: range = range(100)) -> Change:
    made = Failing("a:A=0", "b:A=1", lambda s: 100.0 * (1.5 if s["A"] == "1" else 1.0), noise=0.002)
    made.ending, made.blocks = ending, blocks
    return measured(made)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (ended("exit", exit_code=2, message="panic: no\n\ngoroutine 1"), "candidate: exit 2: panic: no goroutine 1"),
        (ended("signal", signal="SIGKILL"), "candidate: SIGKILL"),
        (ended("signal"), "candidate: signal"),
        (ended("timeout", message="after 600 s"), "candidate: timeout: after 600 s"),
    ],
)
def test_a_side_that_never_gives_a_value_is_a_failure_told_in_one_line(ending: Run, words: str):
    change = failing(ending)
    assert (change.outcome, change.failure) == ("failed", words)
    assert change.logs == () and change.estimate is None
    assert change.total().ratio is None


def test_one_run_that_fails_does_not_take_the_answer_away():
    change = failing(ended("exit", exit_code=1), range(3, 4))
    assert change.outcome == "differs" and len(change.logs) == 9
    assert change.failure == "candidate: exit 1"


def test_two_that_are_zero_alike_are_equivalent_and_not_a_question_of_ratios():
    made = MadeUpLab("a:A=0", "b:A=1", lambda s: 0.0, noise=0.0)
    assert measured(made).outcome == "equivalent"


@pytest.mark.parametrize(
    ("ratio", "base", "delta"),
    [(1.5, 100.0, 50.0), (None, 100.0, None), (1.5, None, None), (math.inf, 100.0, None), (math.nan, 1.0, None)],
)
def test_a_delta_is_the_ratio_on_the_base_where_both_are_numbers(
    ratio: float | None, base: float | None, delta: float | None
):
    assert total_of(ratio, -math.inf, math.inf, base, None).delta == delta
    assert total_of(ratio, -math.inf, math.inf, base, None).low is None


def test_the_sharper_runs_are_a_stage_of_their_own_so_that_going_on_finds_them():
    made = lab()
    sharpened(made, measured(made), 3)
    assert set(made.asked) == {"total", "total-sharper"}


def test_a_single_pair_has_no_scatter_to_go_by():
    change = failing(ended("exit", exit_code=1), range(1, 100))
    assert len(change.logs) == 1 and change.estimate is None
    assert pairs_to_sharpen(change, budget_s=PLENTY) == 0
