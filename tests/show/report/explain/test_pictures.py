"""Positions: the waterfall ends at the measured total, nothing leaves its picture, labels do not stand on another."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.attribution import Dependence, MemoryPart, Point
from whence.show.report.explain import curve, kinds, pairs, stages, strip, waterfall

from . import cases

SHARE = st.floats(-1.5, 1.5).map(lambda x: round(x, 6))


@given(st.lists(st.tuples(SHARE, st.none() | st.floats(0, 0.5)), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_bars_lead_from_the_base_to_the_total_and_stay_inside(parts: list[tuple[float, float | None]]) -> None:
    causes = tuple(cases.cause(f"c{i}", share, half, blamed=True) for i, (share, half) in enumerate(parts))
    whole = math.fsum(share for share, _ in parts)
    ratio = math.exp(whole)
    total = cases.load("masked").total.__class__(
        ratio=ratio, low=ratio * 0.99, high=ratio * 1.01, base_value=1.0, candidate_value=ratio, delta=ratio - 1,
        delta_low=None, delta_high=None,
    )  # fmt: skip
    drawn = waterfall.waterfall(cases.changed(cases.load("masked"), causes=causes, total=total))
    assert drawn is not None
    assert drawn.bars[0].start == drawn.base
    assert all(a.end == pytest.approx(b.start, abs=0.01) for a, b in itertools.pairwise(drawn.bars[:-1]))
    assert drawn.bars[-2].end == pytest.approx(drawn.bars[-1].end, abs=0.01)
    for bar in drawn.bars:
        places = [bar.left, bar.left + bar.width, bar.low, bar.high]
        assert all(-0.01 <= p <= 100.01 for p in places if p is not None)
    ticks = [at for at, _ in drawn.ticks]
    assert all(b - a >= 12.9 for a, b in itertools.pairwise(ticks))
    assert sum(text == "base" for _, text in drawn.ticks) == 1


def test_a_closer_look_is_drawn_inside_its_part() -> None:
    drawn = waterfall.waterfall(cases.load("partly"))
    assert drawn is not None
    release, limit, source = (b for b in drawn.bars[1:-1])
    assert limit.inside and limit.start == release.start and limit.end <= release.end
    assert source.inside and source.start == limit.start
    assert "orphan" not in [b.label for b in drawn.bars]


def test_a_part_without_a_share_takes_what_is_inside_it_along() -> None:
    causes = (cases.cause("a", 0.1), cases.cause("b", None), cases.cause("c", 0.1, part_of="b"))
    drawn = waterfall.waterfall(cases.changed(cases.load("masked"), causes=causes))
    assert drawn is not None and [b.label for b in drawn.bars] == ["a", "the whole change"]


def test_without_shares_there_is_no_waterfall() -> None:
    for name in ("bare", "build-break", "no-effect"):
        assert waterfall.waterfall(cases.load(name)) is None


def test_the_strip_marks_where_it_came_and_went() -> None:
    stops = {stop.release: stop for stop in strip.strip(cases.load("heap"))}
    assert stops["1.24.0"].note == "introduced here" and stops["1.24.6"].note == "fixed here"
    assert "1.24.0\u00a0▲" in strip.line(cases.load("heap"))
    assert strip.line(cases.load("no-effect")) == ""


@pytest.mark.parametrize("name", ["stream", "switches"])
def test_the_crossover_lies_between_the_values_that_hold_it(name: str) -> None:
    drawn = curve.curves(cases.load(name))[0]
    assert drawn.crossover is not None
    before = max(x for x, *_ in drawn.points if x < drawn.crossover)
    after = min(x for x, *_ in drawn.points if x >= drawn.crossover)
    sides = {y < drawn.same for x, y, *_ in drawn.points if before <= x <= after}
    assert sides == {True, False}
    room = [2.4 * (len(a) + len(b)) / 2 for (_, a), (_, b) in itertools.pairwise(drawn.labels)]
    assert all(b - a >= r for r, ((a, _), (b, _)) in zip(room, itertools.pairwise(drawn.labels), strict=True))


def test_values_that_are_no_numbers_are_evenly_spaced() -> None:
    points = tuple(Point(value=v, ratio=r, low=None, high=None) for v, r in (("small", 1.0), ("big", 1.2), ("x", 0.9)))
    told = cases.changed(
        cases.load("stream"),
        depends_on=(Dependence(parameter="arg.shape", crossover=None, low=None, high=None, points=points),),
    )
    assert [x for x, *_ in curve.curves(told)[0].points] == [4.0, 50.0, 96.0]


def test_values_that_lost_their_ratio_stay_in_the_table() -> None:
    drawn = curve.curves(cases.load("switches"))[0]
    assert drawn.rows[-1][:2] == ("128", "no value") and len(drawn.points) == 3


def test_memory_shows_who_counts_what_and_leaves_out_what_is_not_there() -> None:
    kernel, go = kinds.memory(cases.load("heap"))
    assert [k.name for k in kernel.kinds if k.moved] == ["anonymous (heap, stacks)"]
    assert not any(k.moved for k in go.kinds)
    nothing = (MemoryPart(name="rss-anon", base_value=0.0, candidate_value=0.0),)
    assert kinds.memory(cases.changed(cases.load("heap"), memory=nothing)) == ()


def test_remedies_stand_beside_what_was_to_be_remedied() -> None:
    drawn = pairs.pairs(cases.load("heap"))
    assert drawn is not None
    candidate, accepted, palliative, rejected = drawn.rows
    assert [r.verdict for r in drawn.rows] == ["candidate", "accepted", "palliative", "rejected"]
    assert abs(accepted.at - drawn.base) < 1 and candidate.at == pytest.approx(palliative.at, abs=1)
    assert all(3 <= r.at <= 97 for r in drawn.rows)
    assert "cpu ×1.41" in palliative.more and rejected.more
    assert pairs.pairs(cases.load("no-effect")) is None


def test_of_very_many_runs_evenly_spaced_ones_are_drawn_and_failed_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "MOST_DOTS", 30)
    heap = cases.load("heap")
    drawn = stages.stages(heap, cases.journals(heap, stages=3, runs=70))
    assert [s.runs for s in drawn] == [60, 60, 60]
    assert sum(len(s.dots) for s in drawn) <= 30 and drawn[0].every == 6
    assert drawn[0].arms == ("base", "candidate")


def test_a_metric_with_a_benchmark_is_read_from_that_benchmark() -> None:
    heap = cases.changed(cases.load("heap"), metric="Decode/any:ns/op")
    run = next(iter(cases.journals(heap).values()))[0]
    samples = tuple(
        run.samples[0].__class__("ns/op", value, "ns/op", name)  # type: ignore[union-attr]
        for name, value in (("Decode/any", 5.0), ("Encode", 9.0))
    )
    one = cases.changed(run, samples=samples)  # type: ignore[arg-type]
    assert [v for _, v in stages.values([one], "Decode/any:ns/op")] == [5.0]  # type: ignore[list-item]
    assert [v for _, v in stages.values([one], "ns/op")] == [7.0]  # type: ignore[list-item]
