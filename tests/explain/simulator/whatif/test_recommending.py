"""Recommendations: the cheapest that fits, regrets that are none for the best, contradictions refused."""

from __future__ import annotations

import msgspec
import pytest

from whence.evidence.errors import BadInput
from whence.evidence.simulation import Recommendation
from whence.evidence.variant import parse_variant
from whence.explain.simulator.whatif.asking import Opened
from whence.explain.simulator.whatif.recommending import Wish, recommend
from whence.explain.simulator.whatif.variants import of_variant

MIB = 1 << 20


@pytest.fixture(scope="module")
def wish(opened: Opened) -> Wish:
    around = of_variant(parse_variant("go=1.27,cpu=1"), opened.around)
    return Wish(program=opened.programs.workload({}), around=around, subject="small", replicas=8)


@pytest.fixture(scope="module")
def found(wish: Wish) -> Recommendation:
    return recommend(msgspec.structs.replace(wish, limit=64 * MIB))


def test_the_choice_fits_and_nothing_that_fits_is_cheaper(found: Recommendation) -> None:
    assert found.chosen.fits
    assert found.chosen.limit == 64 * MIB
    usable = [choice for choice in found.choices if choice.fits]
    assert found.chosen.cost <= min(choice.cost for choice in usable) * 1.0021
    assert all(choice.limit <= 64 * MIB for choice in usable)
    assert min(choice.memory_regret for choice in usable) == 0
    assert min(choice.cpu_regret for choice in usable) == pytest.approx(0)
    assert 0 <= found.confidence <= 1


def test_with_a_limit_the_choice_is_guarded_by_gomemlimit(found: Recommendation) -> None:
    assert found.chosen.memory_limit is not None
    assert found.chosen.memory_limit < 64 * MIB
    assert parse_variant(found.variant).get("GOMEMLIMIT") == f"{found.chosen.memory_limit // MIB}MiB"


def test_the_front_holds_what_nothing_beats_on_both(found: Recommendation) -> None:
    for choice in found.choices:
        beaten = any(
            o.request <= choice.request and o.cpu <= choice.cpu and (o.request < choice.request or o.cpu < choice.cpu)
            for o in found.choices
        )
        assert choice.on_front is not beaten


def test_dear_cores_buy_memory(wish: Wish) -> None:
    dear, cheap = (recommend(msgspec.structs.replace(wish, core_costs_gib=costs)) for costs in (60.0, 0.05))
    assert dear.chosen.request > cheap.chosen.request
    assert dear.chosen.cpu < cheap.chosen.cpu


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"limit": 8 * MIB}, "lies below the 10000"),
        ({"limit": 14 * MIB}, "the thriftiest setting needs"),
        ({"risk": 0.9}, "--risk"),
        ({"core_costs_gib": 0.0}, "--core-costs"),
        ({"replicas": 2}, "at least 8"),
    ],
)
def test_contradictions_are_refused(wish: Wish, changes: dict[str, float], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        recommend(msgspec.structs.replace(wish, **changes))
