"""What is accepted as a remedy, what is a palliative, and what is neither."""

import math
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from tests.explain.made_up_lab import Formula, MadeUpLab

from whence.evidence.attribution import RejectedRemedy, Remedy
from whence.evidence.metric import Metric
from whence.evidence.run import Run, Sample
from whence.evidence.variant import Variant, changed
from whence.explain.advice.judge import Tried, blocks_for, within_budget
from whence.explain.advice.propose import Proposal, Situation, difference
from whence.measure.trials import Row


class Lab(MadeUpLab):
    """Reads CPU beside the metric, and lets runs of some settings fail."""

    cpu: Formula = staticmethod(lambda settings: 1.0)
    fails: Formula = staticmethod(lambda settings: 0.0)

    def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]:
        return tuple(
            self._beside(run, {s.key: s.value for s in row.variant.settings})
            for row, run in zip(rows, super().run(stage, rows), strict=True)
        )

    def _beside(self, run: Run, settings: Mapping[str, str]) -> Run:
        if self.fails(settings):
            return msgspec.structs.replace(
                run, outcome="exit", exit_code=2, message="\nout of memory\ngoroutine 1", samples=()
            )
        beside = (Sample("cpu", self.cpu(settings), "s"), Sample("p99-ns", 5.0, "ns"))
        return msgspec.structs.replace(run, samples=(*run.samples, *beside))

    def value(self, run: Run, metric: str | None = None) -> float:
        wanted = metric or self.metric.name
        return next((s.value for s in run.samples if s.metric == wanted), math.nan)


def lab(formula: Formula, base: str = "a:A=0", candidate: str = "b:A=1", **more) -> Lab:
    return Lab(base, candidate, formula, **({"noise": 0.002} | more))


def sides(trials: Lab) -> Situation:
    base, candidate = trials.settled.variants
    return Situation(
        base=base,
        candidate=candidate,
        metric=trials.metric,
        release=None,
        fixed_in=None,
        newest_carries=None,
        candidate_value=None,
    )


def remedy(trials: Lab, changes: Mapping[str, str | None] | None, *, takes_back: bool) -> Proposal:
    candidate = trials.settled.variants[1]
    variant: Variant | None = None if changes is None else changed(candidate, changes)
    change = "a line" if variant is None else difference(candidate, variant)
    return Proposal(change=change, variant=variant, takes_back=takes_back, for_cause="A", why="w", source="s")


def judged(trials: Lab, *proposals: Proposal, change: float = math.log(2.0), margin: float = 0.01, blocks: int = 8):
    tried = Tried(trials, sides(trials), margin=margin, exact=False, change=change)
    return tried.judge(proposals, blocks)


def only(outcome: tuple[tuple[Remedy, ...], tuple[RejectedRemedy, ...]]) -> Remedy | RejectedRemedy:
    (one,) = (*outcome[0], *outcome[1])
    return one


def doubled(settings: Mapping[str, str]) -> float:
    """A=1 doubles it; B halves it on both sides; C takes back what A does."""
    value = 200.0 if settings.get("A") == "1" and "C" not in settings else 100.0
    return value / 2 if "B" in settings else value


def test_what_takes_the_cause_back_is_accepted_against_the_plain_base_with_its_price():
    trials = lab(doubled)
    trials.cpu = lambda s: 1.5 if "C" in s else 1.0
    found = only(judged(trials, remedy(trials, {"C": "1"}, takes_back=True)))
    assert isinstance(found, Remedy) and found.measured
    assert found.ratio == pytest.approx(1.0, abs=0.01) and found.low is not None and found.low < 1.01
    assert found.price["cpu"] == pytest.approx(1.5) and found.price["p99-ns"] == 1.0


def test_what_lowers_both_sides_alike_is_a_palliative():
    trials = lab(doubled)
    found = only(judged(trials, remedy(trials, {"B": "1"}, takes_back=False)))
    assert isinstance(found, RejectedRemedy) and found.palliative and found.measured
    assert found.ratio == pytest.approx(1.0, abs=0.01), "remedied candidate ÷ plain base, though that is no remedy"


def test_a_setting_under_which_the_difference_goes_is_a_remedy():
    trials = lab(doubled)
    assert isinstance(only(judged(trials, remedy(trials, {"C": "1"}, takes_back=False))), Remedy)


def test_a_setting_that_only_brings_the_base_up_to_the_candidate_is_none():
    trials = lab(lambda s: 200.0 if s.get("A") == "1" or "B" in s else 100.0)
    found = only(judged(trials, remedy(trials, {"B": "1"}, takes_back=False)))
    assert isinstance(found, RejectedRemedy) and not found.palliative
    assert "changes nothing" in found.why


@pytest.mark.parametrize(
    ("left", "words"),
    [(200.0, "changes nothing"), (150.0, "only in part: it is still ×1.5"), (300.0, "makes it worse")],
)
def test_what_does_not_take_the_difference_away_is_rejected_in_words(left: float, words: str):
    trials = lab(lambda s: left if "C" in s else 200.0 if s.get("A") == "1" else 100.0)
    found = only(judged(trials, remedy(trials, {"C": "1"}, takes_back=True)))
    assert isinstance(found, RejectedRemedy) and words in found.why and not found.palliative


def test_a_newer_version_that_is_better_than_the_base_is_accepted_and_says_so():
    trials = lab(lambda s: 80.0 if "C" in s else 200.0 if s.get("A") == "1" else 100.0)
    found = only(judged(trials, remedy(trials, {"C": "1"}, takes_back=True)))
    assert isinstance(found, Remedy) and found.why.endswith("better than the base")


def test_more_is_better_turns_every_direction():
    def rate(settings: Mapping[str, str]) -> float:
        return 1e4 / doubled(settings)

    trials = lab(rate)
    trials.metric = Metric(name="rss", unit="ops/s", better="higher")
    raised, back = remedy(trials, {"B": "1"}, takes_back=False), remedy(trials, {"C": "1"}, takes_back=True)
    accepted, rejected = judged(trials, raised, back, change=-math.log(2.0))
    assert [r.change for r in accepted] == ["C=1"]
    assert rejected[0].palliative and "raises both" in rejected[0].why


def test_what_cannot_be_built_is_rejected_with_the_reason_and_nothing_is_run_for_it():
    trials = lab(doubled, refuses=lambda s: "go1.26 has no switch noswissmap" if "C" in s else None)
    found = only(judged(trials, remedy(trials, {"C": "1"}, takes_back=True)))
    assert isinstance(found, RejectedRemedy) and not found.measured
    assert found.why == "cannot be built: go1.26 has no switch noswissmap"
    assert trials.asked == []


def test_what_does_not_run_is_rejected_with_the_first_line_it_wrote():
    trials = lab(doubled)
    trials.fails = lambda s: "C" in s
    found = only(judged(trials, remedy(trials, {"C": "1"}, takes_back=True)))
    assert isinstance(found, RejectedRemedy) and found.why == "does not run: exit 2: out of memory"


@pytest.mark.parametrize("how", ["is refused", "fails"])
def test_a_setting_that_the_base_cannot_take_is_held_against_the_plain_base(how: str):
    def on_the_base(settings: Mapping[str, str]) -> bool:
        return "C" in settings and settings["A"] == "0"

    trials = lab(doubled, refuses=lambda s: "unknown" if how == "is refused" and on_the_base(s) else None)
    trials.fails = lambda s: how == "fails" and on_the_base(s)
    assert isinstance(only(judged(trials, remedy(trials, {"C": "1"}, takes_back=False))), Remedy)


def test_too_much_noise_is_not_enough_data_with_what_it_would_take():
    trials = lab(doubled, noise=0.1)
    found = only(judged(trials, remedy(trials, {"C": "1"}, takes_back=True)))
    assert isinstance(found, RejectedRemedy) and "blocks would tell" in found.why


def test_an_improvement_needs_no_remedy():
    trials = lab(doubled)
    assert judged(trials, remedy(trials, {"C": "1"}, takes_back=True), change=-0.5) == ((), ())
    assert trials.asked == []


def test_remedies_are_listed_cheapest_first_and_untried_ones_last():
    def back(settings: Mapping[str, str]) -> float:
        return 100.0 if settings.get("A") == "0" or {"C", "D"} & settings.keys() else 200.0

    trials = lab(back)
    trials.cpu = lambda s: 1.3 if "C" in s else 1.0
    accepted, _ = judged(
        trials,
        remedy(trials, None, takes_back=True),
        remedy(trials, {"C": "1"}, takes_back=True),
        remedy(trials, {"D": "1"}, takes_back=True),
    )
    assert [(r.change, r.measured) for r in accepted] == [("D=1", True), ("C=1", True), ("a line", False)]


def test_all_variants_run_in_the_same_blocks_of_one_stage_in_an_order_that_resuming_repeats():
    seen: list[list[Row]] = []

    class Watched(Lab):
        def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]:
            seen.append(list(rows))
            return super().run(stage, rows)

    for _ in range(2):
        trials = Watched("a:A=0", "b:A=1", doubled, noise=0.002)
        judged(trials, remedy(trials, {"B": "1"}, takes_back=False))
        assert trials.asked == ["remedies"]
    first, second = ([(r.block, r.variant.name, r.layout) for r in rows] for rows in seen)
    assert first == second
    assert {name for _, name, _ in first} == {"base", "candidate", "candidate, B=1", "base, B=1"}
    assert len({tuple(n for b, n, _ in first if b == block) for block in range(8)}) > 1, "the order is drawn anew"


def test_exact_metrics_need_few_blocks_and_noisy_ones_at_least_seven():
    ask = {"margin": 0.01, "seconds_a_block": 1.0, "budget_s": 1000.0}
    assert blocks_for(run_sd=0.0, exact=True, **ask) == 3
    assert blocks_for(run_sd=0.0001, exact=False, **ask) == 7
    assert blocks_for(run_sd=0.5, exact=False, **ask) == 40
    assert blocks_for(run_sd=0.5, exact=False, **(ask | {"budget_s": 20.0})) == 20
    assert blocks_for(run_sd=0.5, exact=False, **(ask | {"budget_s": 1.0})) == 7


def test_a_small_budget_tries_the_first_remedies_and_still_tells_the_untried():
    trials = lab(doubled)
    setting, back = remedy(trials, {"B": "1"}, takes_back=False), remedy(trials, {"C": "1"}, takes_back=True)
    told = remedy(trials, None, takes_back=True)
    proposals = (back, setting, told)
    assert within_budget(proposals, exact=False, seconds_a_run=1.0, budget_s=1e3) == proposals
    assert within_budget(proposals, exact=False, seconds_a_run=1.0, budget_s=1.0) == (back, told)
