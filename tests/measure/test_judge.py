"""Which numbers are paired with which, and how gates and margins find their metric."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from whence.evidence.comparison import Effect
from whence.evidence.errors import BadInput
from whence.evidence.gate import parse_gate
from whence.evidence.metric import BUILT_IN, Metric
from whence.evidence.run import Run
from whence.measure import judge

from . import factories as make

RSS = BUILT_IN["rss"]


def family(runs: Sequence[Run], **changes: object) -> judge.Family:
    return judge.Family(**{"table": judge.Table(runs), "base": "a", "margins": {}, **changes})  # type: ignore[arg-type]


def one(runs: Sequence[Run], metric: Metric = RSS, **changes: object) -> Effect:
    return family(runs, **changes).effects([metric], ["b"])[0]


def noisy(factor: float, blocks: int = 8, name: str = "rss") -> list[Run]:
    """Base around 100, candidate `factor` times as much, both with a drift that blocks share."""
    base = [100.0 * (1 + 0.1 * block) * (1 + 0.0003 * (-1) ** block) for block in range(blocks)]
    other = [100.0 * factor * (1 + 0.1 * block) for block in range(blocks)]
    return make.runs({"a": [{name: v} for v in base], "b": [{name: v} for v in other]})


def test_values_are_paired_by_block_so_that_drift_cancels() -> None:
    effect = one(noisy(1.2))
    assert effect.ratio == pytest.approx(1.2, rel=1e-3)
    assert effect.low is not None and effect.high is not None and effect.high - effect.low < 0.002
    assert (effect.verdict, effect.pairs, effect.differs) == ("worse", 8, True)


def test_the_order_in_which_runs_are_listed_changes_nothing() -> None:
    runs = noisy(1.2)
    assert one(runs) == one(runs[::-1])


def test_a_missing_value_costs_its_own_pair_only() -> None:
    runs = [r if (r.variant, r.block) != ("b", 3) else make.run("b", 3, {}) for r in noisy(1.2)]
    assert judge.Table(runs).column("b", "rss")[3] != judge.Table(runs).column("b", "rss")[3]  # NaN
    assert one(runs).pairs == 7


def test_a_failed_run_is_a_missing_value_and_not_a_number() -> None:
    runs = [
        r if (r.variant, r.block) != ("b", 3) else make.run("b", 3, {"rss": 1.0}, outcome="exit", exit_code=1)
        for r in noisy(1.2)
    ]
    effect = one(runs)
    assert effect.pairs == 7 and effect.ratio == pytest.approx(1.2, rel=1e-3)


def test_what_never_ran_has_no_number_and_no_promise() -> None:
    runs = [r if r.variant == "a" else make.run("b", r.block, {}, outcome="signal", signal="SIGSEGV") for r in noisy(1)]
    effect = one(runs)
    assert (effect.verdict, effect.pairs, effect.ratio, effect.pairs_needed) == ("undetermined", 0, None, None)


def test_higher_is_better_turns_the_verdict_around() -> None:
    metric = Metric(name="MB/s", unit="MB/s", benchmark="A", better="higher")
    assert one(noisy(1.2, name="A:MB/s"), metric).verdict == "better"


def test_a_time_in_one_layout_is_not_decided_below_the_layout_band() -> None:
    runs = noisy(1.05, name="cpu")
    assert one(runs, BUILT_IN["cpu"]).verdict == "worse"
    assert one(runs, BUILT_IN["cpu"], layout_fixed=frozenset({"b"})).verdict == "undetermined"
    assert one(noisy(1.3, name="cpu"), BUILT_IN["cpu"], layout_fixed=frozenset({"b"})).verdict == "worse"
    assert one(noisy(1.05), layout_fixed=frozenset({"b"})).verdict == "worse", "memory has no layout"


def test_blocks_that_share_layouts_count_as_so_many_layouts() -> None:
    runs = noisy(1.2, blocks=14, name="cpu")
    assert one(runs, BUILT_IN["cpu"], shared_layouts=7).pairs == 7
    assert one(noisy(1.2, blocks=14), shared_layouts=7).pairs == 14


def test_an_interim_result_decides_nothing() -> None:
    effect = one(noisy(1.2), interim=True)
    assert (effect.verdict, effect.differs) == ("undetermined", False)
    assert effect.ratio == pytest.approx(1.2, rel=1e-3)


def test_a_constant_of_the_build_is_a_column_like_any_other() -> None:
    runs = noisy(1.0)
    table = judge.Table(runs, {"binary-size": {"a": 1000.0, "b": 1001.0}})
    effect = judge.Family(table=table, base="a", margins={}).effects([BUILT_IN["binary-size"]], ["b"])[0]
    assert (effect.exact, effect.verdict, effect.low, effect.p) == (True, "worse", 1.001, None)


@pytest.mark.parametrize("key", ["A:ns/op", "ns/op"])
def test_a_margin_is_given_by_metric_or_by_unit(key: str) -> None:
    metric = Metric(name="A:ns/op", unit="ns/op", benchmark="A")
    assert judge.margin_of(metric, {key: 0.2}) == 0.2
    assert judge.margin_of(metric, {}) == 0.03


def gates(runs: Sequence[Run], *texts: str, failed: bool = False, **changes: object) -> list[tuple[str, str]]:
    judged = family(runs, **changes).gates([parse_gate(t) for t in texts], [RSS], ["b"], failed={"b": failed})
    return [(g.metric, g.outcome) for g in judged]


def test_gates_are_held_broken_and_undecided() -> None:
    assert gates(noisy(1.02), "rss<=+5%") == [("rss", "held")]
    assert gates(noisy(1.2), "rss<=+5%") == [("rss", "broken")]
    assert gates(noisy(1.2), "rss>=+5%") == [("rss", "held")]
    spread = make.runs({"a": [{"rss": 100.0}] * 8, "b": [{"rss": v} for v in (90, 120, 95, 118, 99, 111, 101, 108)]})
    assert gates(spread, "rss<=+5%") == [("rss", "undecided")]
    assert gates(noisy(1.02, blocks=3), "rss<=+5%") == [("rss", "undecided")]


def test_a_gate_in_absolute_terms_converts_the_unit() -> None:
    runs = make.runs({"a": [{"rss": 1e6}] * 8, "b": [{"rss": 2e6 + block} for block in range(8)]})
    assert gates(runs, "rss<=1.5MB", "rss<=3 MB", "rss<=3000000") == [
        ("rss", "broken"), ("rss", "held"), ("rss", "held"),
    ]  # fmt: skip


def test_a_candidate_with_a_failed_run_breaks_its_gates() -> None:
    assert gates(noisy(1.0), "rss<=+5%", failed=True) == [("rss", "broken")]


def test_an_interim_result_holds_no_gate() -> None:
    assert gates(noisy(1.0), "rss<=+5%", interim=True) == [("rss", "undecided")]


def test_a_gate_on_a_unit_holds_every_benchmark_to_it() -> None:
    runs = make.runs({v: [{"A:frobs": 1.0 + b, "B:frobs": 2.0 + b} for b in range(8)] for v in "ab"})
    assert gates(runs, "frobs<=+5%", "B:frobs<=+5%") == [
        ("A:frobs", "held"), ("B:frobs", "held"), ("B:frobs", "held"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("nosuch<=+5%", "gate 'nosuch<=+5%': nosuch was not measured (measured: rss)."),
        ("rss<=5s", "gate 'rss<=5s': 's' is not a unit of this metric, which is measured in B."),
    ],
)
def test_a_gate_that_fits_nothing_is_refused(gate: str, said: str) -> None:
    with pytest.raises(BadInput) as refusal:
        gates(noisy(1.0), gate)
    assert str(refusal.value).startswith(said)


def test_the_geometric_mean_is_over_the_benchmarks_of_a_unit() -> None:
    columns = {v: [{f"{n}:ns/op": f * g for n, g in (("A", 1.0), ("B", 1.0))} for _ in range(8)]
               for v, f in (("a", 100.0), ("b", 100.0))}  # fmt: skip
    columns["b"] = [{"A:ns/op": 200.0, "B:ns/op": 50.0, "C:frobs": 1.0} for _ in range(8)]
    table = family(make.runs(columns))
    effects = table.effects(list(table.table.metrics.values()), ["b"])
    means = judge.geometric_means(effects)
    assert [(m.unit, m.candidate, m.benchmarks) for m in means] == [("ns/op", "b", 2)]
    assert means[0].ratio is not None and math.isclose(means[0].ratio, 1.0)
