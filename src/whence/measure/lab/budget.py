"""From a time budget to a number of blocks and looks, fixed before the first counted run. Pure.

What a block costs is known from a pilot run of each variant: its runs, a spin and some bookkeeping beside each, and
a fresh link of each variant where layouts are varied. Only times are looked at, never the values that will be
compared, so the choice cannot favour an outcome.

Looks. The data of a budget may be looked at up to three times, after equal shares of the blocks; how much of the
error each look may spend is `stats.sequential`'s business. A look before six pairs could not decide anything (the
smallest two-sided sign-flip p of n pairs is 2/2**n), so short plans have fewer.
"""

from __future__ import annotations

import msgspec

from whence.evidence.errors import BadInput

RESERVE = 0.10
"""Part of the budget kept for blocks that calibration has run again."""
FEWEST_BLOCKS = 2
PAIRS_PER_LOOK = 6
MOST_LOOKS = 3
MOST_BLOCKS = 2000


class BudgetedBlocks(msgspec.Struct, frozen=True, kw_only=True):
    """How a budget is spent. `seconds`: what the blocks, links and warm-ups are expected to take."""

    pairs: int
    looks: tuple[int, ...]
    seconds: float


def blocks_for_budget(
    *,
    budget_s: float,
    seconds_per_block: float,
    link_seconds_per_block: float = 0.0,
    warmup_blocks: int = 1,
    most_links: int | None = None,
    spent_s: float = 0.0,
) -> BudgetedBlocks:
    """Returns the most blocks that fit into `budget_s` with their looks.

    `link_seconds_per_block` is paid for each block, or for the first `most_links` of them; `spent_s` is gone already.
    Raises BadInput when not even two blocks fit.
    """
    left = (budget_s - spent_s) * (1.0 - RESERVE) - warmup_blocks * seconds_per_block
    pairs = _affordable(left, seconds_per_block, link_seconds_per_block, most_links)
    if pairs < FEWEST_BLOCKS:
        one = seconds_per_block + link_seconds_per_block
        needed = spent_s + (FEWEST_BLOCKS * one + warmup_blocks * seconds_per_block) / (1.0 - RESERVE)
        raise BadInput(
            f"a budget of {_duration(budget_s)} is too short for two blocks: one takes about {_duration(one)}. "
            f"Give --budget {_duration(needed, up=True)} or more."
        )
    pairs = min(pairs, MOST_BLOCKS)
    links = pairs if most_links is None else min(pairs, most_links)
    seconds = (pairs + warmup_blocks) * seconds_per_block + links * link_seconds_per_block
    return BudgetedBlocks(pairs=pairs, looks=looks_for(pairs), seconds=seconds)


def looks_for(pairs: int) -> tuple[int, ...]:
    """Returns up to three looks after equal shares of the blocks, at least six apart; the last is `pairs`."""
    count = max(1, min(MOST_LOOKS, pairs // PAIRS_PER_LOOK))
    return tuple(round(pairs * look / count) for look in range(1, count + 1))


def _affordable(left: float, block: float, link: float, most_links: int | None) -> int:
    block = max(block, 1e-3)
    if most_links is None:
        return int(left / (block + link))
    linked = int(left / (block + link))
    return linked if linked < most_links else int((left - most_links * link) / block)


def _duration(seconds: float, *, up: bool = False) -> str:
    """Returns a duration as `--budget` accepts it, rounded (`up`: never to less)."""
    if seconds < 10:
        return f"{-(-seconds * 10 // 1) / 10 if up else seconds:.1f}s"
    if seconds < 120:
        return f"{-(-seconds // 1) if up else seconds:.0f}s"
    return f"{-(-seconds / 60 // 1) if up else seconds / 60:.0f}m"
