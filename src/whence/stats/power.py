"""How small an effect a number of pairs can see, and how many pairs an effect needs.

With n pairs whose log ratios have standard deviation s, an effect e is seen (two-sided 5 %) with 80 % power when
e = (1.96 + 0.84) s / sqrt(n) = 2.8 s / sqrt(n). This is the normal formula; the signed-rank test needs 1/0.955 times
the pairs under normal noise and fewer than the mean when bursts make long tails (J. L. Hodges and E. L. Lehmann, Ann.
Math. Statist. 27 (1956): never more than 1/0.864 times).
"""

from __future__ import annotations

import math
from statistics import NormalDist

SIGNED_RANK_EFFICIENCY = 0.955
MOST_PAIRS = 1_000_000


def detectable(sd_log: float, pairs: int) -> float | None:
    """Returns the log effect seen with 80 % power: 2.8 sd / sqrt(pairs); as a fraction, about the same number."""
    return 2.8 * sd_log / math.sqrt(pairs) if pairs > 0 else None


def pairs_for(sd_log: float, effect: float, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """Returns the pairs that see the log effect `effect` with `power`, at least 6; None when no number would."""
    if effect == 0:
        return None
    normal = NormalDist()
    pairs = ((normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * sd_log / effect) ** 2
    return max(6, math.ceil(pairs)) if pairs <= MOST_PAIRS else None


def pairs_to_decide(*, effect: float, sd_log: float, log_margin: float, alpha: float) -> int | None:
    """Returns the pairs that would probably (80 %) decide: show the seen effect, or show that it is inside the margin.

    `effect`: the log effect seen so far, taken at its word; `alpha`: two-sided level a difference must reach. The
    smaller of the two numbers; None when neither is under a million.
    """
    normal = NormalDist()
    efficient = sd_log / math.sqrt(SIGNED_RANK_EFFICIENCY)
    options: list[float] = []
    if effect != 0:
        options.append(((normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(0.8)) * efficient / effect) ** 2)
    room = log_margin - abs(effect)
    if room > 0:
        # Near the middle of the margin both of its ends must be excluded, each with 90 %, to do both with 80 %.
        chance = 0.9 if abs(effect) < 0.5 * log_margin else 0.8
        options.append(((normal.inv_cdf(0.95) + normal.inv_cdf(chance)) * efficient / room) ** 2)
    best = min(options, default=math.inf)
    return math.ceil(best) if best <= MOST_PAIRS else None
