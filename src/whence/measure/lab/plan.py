"""The plan of a comparison: which variant runs when. Pure: the same arguments give the same plan, everywhere.

Design. Time is cut into blocks; in each block every variant runs once, in a fresh random order (a randomised
complete block design). What drifts more slowly than a block, such as the clock frequency or the neighbours of a
virtual machine, hits all variants of the block alike and cancels in the ratio; what drifts inside a block is spread
over the variants by the random order, which is also what makes the sign-flip test on the blocks exact.

Random numbers. Python promises that `random.Random(seed).random()` keeps its sequence over versions (Mersenne
Twister, 53-bit floats) and promises nothing of `shuffle`. Orders are therefore drawn by a Fisher-Yates shuffle of
our own, from `random()` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from whence.evidence.comparison import Plan
from whence.evidence.errors import BadInput

MAX_LAYOUT_SEED = 2**31 - 1


def make_plan(
    *,
    variants: Sequence[str],
    pairs: int,
    seed: int,
    metrics: Sequence[str],
    warmup: int = 1,
    layouts: int = 1,
    looks: Sequence[int] = (),
    budget_s: float | None = None,
    timeout_s: float = 600.0,
    affinity: Sequence[int] = (),
    max_repeats: int = 2,
    repeat_threshold: float = 1.25,
    price_builds: int = 0,
    price_links: int = 0,
    price_seconds: float | None = None,
) -> Plan:
    """Returns the plan for `pairs` blocks of the named variants, the first being the base.

    `looks` are numbers of blocks, rising, the last equal to `pairs`; empty means one look at the end.
    Raises BadInput when names repeat or a number makes no sense.
    """
    names = tuple(variants)
    if len(names) < 2 or len(set(names)) != len(names):
        raise BadInput(f"a plan needs two or more variants of different names, not {', '.join(names) or 'none'}.")
    for what, value, least in (("pairs", pairs, 1), ("warmup", warmup, 0), ("layouts", layouts, 1)):
        if value < least:
            raise BadInput(f"{what} must be {least} or more, not {value}.")
    looks = tuple(looks) or (pairs,)
    if looks[-1] != pairs or looks[0] < 1 or any(a >= b for a, b in pairwise(looks)):
        raise BadInput(f"looks must rise and end with the number of pairs ({pairs}), not {list(looks)}.")
    return Plan(
        seed=seed,
        variants=names,
        pairs=pairs,
        order=block_orders(len(names), pairs, seed),
        metrics=tuple(metrics),
        warmup=warmup,
        layouts=min(layouts, pairs),
        looks=looks,
        budget_s=budget_s,
        timeout_s=timeout_s,
        max_repeats=max_repeats,
        repeat_threshold=repeat_threshold,
        affinity=tuple(affinity),
        price_builds=price_builds,
        price_links=price_links,
        price_runs=len(names) * (pairs + warmup),
        price_seconds=price_seconds,
    )


def block_orders(variants: int, blocks: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Returns for each block a uniformly random permutation of range(variants), independent of the other blocks.

    More blocks of the same seed begin with the same orders, so extending a plan keeps what was run.
    """
    random = Random(f"whence order {seed}")
    return tuple(_permutation(variants, random) for _ in range(blocks))


def layout_seeds(seed: int, layouts: int, *, stream: int = 0) -> tuple[int, ...]:
    """Returns `layouts` different seeds for `-ldflags=-randlayout`, each from 1 to 2**31 - 1.

    Variants that share a build use the same `stream` (their layouts then match and cancel); an A/A check of the
    instrument uses another one, so that it feels layout as two different builds do.
    """
    random = Random(f"whence layout {seed} {stream}")
    seeds: dict[int, None] = {}
    while len(seeds) < layouts:
        seeds[1 + int(random.random() * MAX_LAYOUT_SEED)] = None
    return tuple(seeds)


def _permutation(size: int, random: Random) -> tuple[int, ...]:
    order = list(range(size))
    for last in range(size - 1, 0, -1):
        chosen = int(random.random() * (last + 1))
        order[last], order[chosen] = order[chosen], order[last]
    return tuple(order)
