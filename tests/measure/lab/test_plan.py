"""Plans: every variant once a block, in an order that one seed reproduces and that favours nobody."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.comparison import Plan
from whence.evidence.errors import BadInput
from whence.measure.lab.budget import blocks_for_budget, looks_for
from whence.measure.lab.plan import block_orders, layout_seeds, make_plan

seeds = st.integers(0, 2**31)


def plan(pairs: int = 10, seed: int = 1, variants: tuple[str, ...] = ("a", "b", "c")) -> Plan:
    return make_plan(variants=variants, pairs=pairs, seed=seed, metrics=("rss",))


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(1, 40), seeds)
def test_every_variant_runs_once_in_every_block(variants: int, pairs: int, seed: int) -> None:
    made = plan(pairs, seed, tuple(f"v{i}" for i in range(variants)))
    assert len(made.order) == pairs
    assert all(sorted(order) == list(range(variants)) for order in made.order)
    assert made.price_runs == variants * (pairs + made.warmup)


@settings(deadline=None)
@given(seeds)
def test_one_seed_reproduces_the_plan(seed: int) -> None:
    assert plan(seed=seed) == plan(seed=seed)


def test_the_orders_of_a_seed_stay_what_they_were_in_every_version() -> None:
    assert block_orders(3, 4, 1) == ((2, 1, 0), (1, 2, 0), (1, 2, 0), (1, 0, 2))
    assert layout_seeds(1, 3) == (1314711280, 64173014, 41848491)


def test_different_seeds_give_different_orders() -> None:
    assert len({plan(seed=seed).order for seed in range(50)}) == 50


@settings(deadline=None)
@given(seeds, st.integers(1, 20), st.integers(1, 20))
def test_a_longer_plan_begins_with_the_shorter_one(seed: int, pairs: int, more: int) -> None:
    assert block_orders(3, pairs + more, seed)[:pairs] == block_orders(3, pairs, seed)


def test_every_order_is_as_likely_as_any_other() -> None:
    blocks = 6000
    counts = Counter(block_orders(3, blocks, 11))
    assert len(counts) == 6
    # Chi-squared with 5 degrees of freedom exceeds 25 with probability 0.00014; the seed is fixed.
    assert sum((n - blocks / 6) ** 2 / (blocks / 6) for n in counts.values()) < 25


def test_neighbouring_blocks_are_independent() -> None:
    orders = block_orders(2, 6000, 3)
    same = sum(a == b for a, b in pairwise(orders))
    assert 2800 < same < 3200


@settings(deadline=None)
@given(seeds, st.integers(1, 60))
def test_layout_seeds_are_different_and_fit_the_linker_flag(seed: int, layouts: int) -> None:
    made = layout_seeds(seed, layouts)
    assert len(set(made)) == layouts
    assert all(1 <= value < 2**31 for value in made)
    assert set(made).isdisjoint(layout_seeds(seed, layouts, stream=1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variants": ("a",)}, "two or more"),
        ({"variants": ("a", "a")}, "different names"),
        ({"pairs": 0}, "pairs must be 1"),
        ({"warmup": -1}, "warmup must be 0"),
        ({"looks": (6, 6, 10)}, "looks must rise"),
        ({"looks": (6, 9)}, "end with the number of pairs"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    given_fields: dict[str, object] = {"variants": ("a", "b"), "pairs": 10, "seed": 1, "metrics": ("rss",)}
    with pytest.raises(BadInput, match=message):
        make_plan(**(given_fields | change))  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.floats(1, 7200), st.floats(0.01, 60), st.floats(0, 20), st.integers(0, 3), st.none() | st.integers(1, 12))
def test_what_fits_a_budget_fits_it_and_no_block_more(
    budget: float, block: float, link: float, warmup: int, most_links: int | None
) -> None:
    def cost(pairs: int) -> float:
        links = pairs if most_links is None else min(pairs, most_links)
        return (pairs + warmup) * block + links * link

    try:
        fitted = blocks_for_budget(
            budget_s=budget,
            seconds_per_block=block,
            link_seconds_per_block=link,
            warmup_blocks=warmup,
            most_links=most_links,
        )
    except BadInput as error:
        assert cost(2) > 0.9 * budget * 0.999
        assert "too short for two blocks" in str(error)
        assert "\n" not in str(error)
        return
    assert fitted.pairs >= 2
    assert fitted.seconds == pytest.approx(cost(fitted.pairs))
    assert fitted.seconds <= 0.9 * budget * 1.001
    assert fitted.pairs == 2000 or cost(fitted.pairs + 1) > 0.9 * budget * 0.999


def test_the_budget_that_a_refusal_names_is_enough() -> None:
    with pytest.raises(BadInput, match=r"Give --budget (\d+\.?\d*)s or more") as caught:
        blocks_for_budget(budget_s=3, seconds_per_block=2.0, spent_s=1.0)
    named = float(str(caught.value).rpartition("--budget ")[2].partition("s")[0])
    assert blocks_for_budget(budget_s=named, seconds_per_block=2.0, spent_s=1.0).pairs == 2


@settings(deadline=None)
@given(st.integers(1, 2000))
def test_looks_rise_end_with_all_blocks_and_are_six_pairs_apart(pairs: int) -> None:
    looks = looks_for(pairs)
    assert looks[-1] == pairs
    assert len(looks) <= 3
    assert all(b - a >= 6 for a, b in pairwise((0, *looks))) or looks == (pairs,)
