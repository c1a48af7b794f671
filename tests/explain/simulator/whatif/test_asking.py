"""Comparisons of simulated variants: common random numbers, honest intervals, causes that add up."""

from __future__ import annotations

import math

import msgspec
import pytest

from whence.evidence.comparison import Comparison
from whence.evidence.errors import BadInput
from whence.explain.simulator.whatif.asking import Opened, Question, answer
from whence.show.report import as_json


def test_the_document_is_a_comparison_that_says_it_was_simulated(opened: Opened) -> None:
    found = answer(Question(program=opened, variants=("go=1.24", "GOGC=50"), replicas=8))
    document = msgspec.json.decode(as_json.render(found))
    assert document["schema"] == "whence.comparison/1"
    assert document["simulated"] is True
    assert document["runs"] is None
    plain = msgspec.convert(document, Comparison)
    assert [effect.metric for effect in plain.effects] == ["rss", "rss-peak", "cpu", "gc-cycles"]
    assert document["simulations"][0]["schema"] == "whence.simulation-run/1"


def test_the_same_question_has_the_same_answer(opened: Opened) -> None:
    question = Question(program=opened, variants=("go=1.24", "go=1.27"), replicas=8, seed=5)
    assert as_json.render(answer(question)) == as_json.render(answer(question))
    other = answer(msgspec.structs.replace(question, seed=6))
    assert other.effects[0].low != answer(question).effects[0].low


def test_a_lower_gogc_means_less_memory_and_more_collections(opened: Opened) -> None:
    found = answer(Question(program=opened, variants=("GOGC=200", "GOGC=50"), replicas=12))
    effects = {effect.metric: effect for effect in found.effects}
    assert effects["rss-peak"].verdict == "better"
    assert effects["gc-cycles"].verdict == "worse"
    assert all(e.low is not None and e.ratio is not None and e.low < e.ratio for e in effects.values())


def test_ratios_are_known_better_than_values(opened: Opened) -> None:
    found = answer(Question(program=opened, variants=("GOGC=100", "GOGC=50"), metrics=("gc-cycles",), replicas=16))
    (effect,) = found.effects
    value = next(v for v in found.simulations[0].totals if v.metric == "gc-cycles")
    assert effect.low is not None and effect.high is not None
    assert math.log(effect.high / effect.low) < math.log(value.high / value.low)


def test_the_same_settings_are_exactly_equal(opened: Opened) -> None:
    found = answer(Question(program=opened, variants=("a:GOGC=50", "b:GOGC=50"), replicas=6))
    assert all((e.verdict, e.ratio, e.exact) == ("equivalent", 1.0, True) for e in found.effects)


def test_one_variant_is_held_against_the_program_as_it_is(opened: Opened) -> None:
    found = answer(Question(program=opened, variants=("GOGC=50",), replicas=6))
    assert [variant.name for variant in found.variants] == ["go=1.24", "GOGC=50"]
    recorded = msgspec.structs.replace(opened, own_go="1.22")
    found = answer(Question(program=recorded, variants=("GOGC=50",), replicas=6))
    assert [variant.go for variant in found.variants] == ["1.22", "1.24"]
    alone = answer(Question(program=opened, replicas=6))
    assert len(alone.variants) == 1
    assert alone.effects == ()


def test_a_container_that_is_too_small_kills_and_says_so(opened: Opened) -> None:
    found = answer(Question(program=opened, variants=("GOGC=100", "GOGC=100,memory=12MiB"), replicas=8))
    assert found.variants[1].outcomes["oom"] == 8
    assert found.variants[0].outcomes["ok"] == 8
    assert all(effect.pairs == 0 for effect in found.effects)
    assert any("memory is exceeded" in note for note in found.notes)


def test_releases_without_a_model_need_allow_nearest_and_get_wider(opened: Opened) -> None:
    with pytest.raises(BadInput, match="--allow-nearest"):
        answer(Question(program=opened, variants=("go=1.28", "GOGC=50"), replicas=6))
    around = msgspec.structs.replace(opened.around, allow_nearest=True)
    near = answer(Question(program=msgspec.structs.replace(opened, around=around), variants=("go=1.28",), replicas=12))
    own = answer(Question(program=opened, variants=("go=1.27",), replicas=12))

    def width(found: Comparison, index: int) -> float:
        value = next(v for v in found.simulations[index].totals if v.metric == "rss")  # type: ignore[attr-defined]
        return value.high - value.low

    assert width(near, -1) > 1.3 * width(own, -1)
    assert any("stands in" in note for note in near.notes)


def test_shares_add_up_to_the_whole_change(opened: Opened) -> None:
    variants = ("go=1.24,cpu=1", "go=1.27,GOGC=50,GOMAXPROCS=1,cpu=1")
    found = answer(Question(program=opened, variants=variants, metrics=("rss", "cpu"), explain=True, replicas=8))
    assert [a.metric for a in found.attributions] == ["rss", "cpu"]
    for attribution in found.attributions:
        assert attribution.simulated
        assert attribution.total.ratio is not None
        shares = [cause.share or 0.0 for cause in attribution.causes]
        assert sum(shares) == pytest.approx(math.log(attribution.total.ratio), abs=1e-9)
        assert {cause.name for cause in attribution.causes} == {"go", "GOGC", "GOMAXPROCS"}
        assert sum(c.delta or 0.0 for c in attribution.causes) == pytest.approx(attribution.total.delta, rel=1e-6)


def test_unknown_metrics_and_too_few_replicas_are_refused(opened: Opened) -> None:
    with pytest.raises(BadInput, match="not simulated"):
        answer(Question(program=opened, variants=("GOGC=50",), metrics=("p99-ns",)))
    with pytest.raises(BadInput, match="at least 6"):
        answer(Question(program=opened, variants=("GOGC=50",), replicas=5))
