"""Blocks measured on several hosts: is the effect the same on each, and what is known of it when it is not.

A block is whole on one host, so whatever a host does to all variants alike cancels in the block's log ratio, however
different the hosts are. What does not cancel is a host on which the *effect* is another one. The log ratio d of block b
on host h is then d = effect + u_h + e_b with u ~ N(0, s_u²): the host is a random effect, and blocks of one host are
not independent.

Rule. The one-way F test says whether hosts differ (p < 0.05). Where they do not, the blocks are what they are on one
host, and the signed-rank test stands. Where they do, the effect is that of the mixed model (`mixed_model`: restricted
maximum likelihood, Satterthwaite's degrees), whose interval is as wide as the number of *hosts* justifies; more blocks
on the same hosts do not narrow it. "No effect anywhere" is rejected falsely no more often than on one host either way,
because under it signs are fair coins on every host.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whence.stats.mixed_model import MixedModel, t_interval, t_p
from whence.stats.scipy_calls import f_upper_tail
from whence.stats.signed_rank import SignedRank

Floats = NDArray[np.float64]
DIFFER_P = 0.05
_NEGLIGIBLE = 1e-9
"""Log ratios of hosts that differ by less are rounding, whatever the test says."""


class HostMeans:
    """The test of an effect that differs between hosts; answers what `SignedRank` answers."""

    def __init__(self, values: Floats, hosts: Sequence[str], p: float) -> None:
        self.values = values
        self.size = int(values.size)
        self.p_between = p
        """Of "the effect is the same on every host"."""
        names = sorted(set(hosts))
        group = np.array([names.index(host) for host in hosts], dtype=np.int64)
        self.by_host = {name: float(values[group == i].mean()) for i, name in enumerate(names)}
        model = MixedModel(np.ones((self.size, 1)), values, group)
        self.estimate = float(model.coefficients[0])
        self.error, self.degrees = model.error_of(np.ones(1))

    @functools.cached_property
    def spread(self) -> float | None:
        """The standard deviation of one block, hosts together."""
        return float(np.std(self.values, ddof=1))

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """Returns the two-sided interval at level 1 - alpha."""
        low, high = t_interval(self.estimate, self.error, self.degrees, 1.0 - alpha)
        return (low, high) if math.isfinite(high - low) else None

    def attained(self, alpha: float) -> float | None:
        return 1.0 - alpha

    @functools.cached_property
    def p(self) -> float:
        return t_p(self.estimate, self.error, self.degrees)

    @property
    def smallest_p(self) -> float:
        return 1e-300

    def in_words(self, *, ratios: bool) -> str:
        """Returns the sentence that goes with every number from here."""
        shown = ", ".join(
            f"{name} ×{math.exp(mean):.4g}" if ratios else f"{name} {mean:.3g}" for name, mean in self.by_host.items()
        )
        return (
            f"the effect differs between hosts (p = {self.p_between:.2g}; {shown}), so its interval is as wide as "
            f"{len(self.by_host)} hosts justify: more hosts narrow it, more blocks do not"
        )


def difference_between_hosts(values: Floats, hosts: Sequence[str]) -> float | None:
    """Returns p of "the mean is the same on every host" (one-way F test), None where one host has all the blocks or
    none has two."""
    names = sorted(set(hosts))
    degrees = values.size - len(names)
    if len(names) < 2 or degrees < 1:
        return None
    groups = [values[[host == name for host in hosts]] for name in names]
    within = sum(float(((g - g.mean()) ** 2).sum()) for g in groups)
    between = sum(g.size * float(g.mean() - values.mean()) ** 2 for g in groups)
    if between <= _NEGLIGIBLE**2 * values.size:
        return 1.0
    if within <= 0.0:
        return 0.0
    return f_upper_tail(between / (len(names) - 1) / (within / degrees), float(len(names) - 1), float(degrees))


def fitting_test(values: Floats, hosts: Sequence[str]) -> SignedRank | HostMeans:
    """Returns the test that fits values of one effect a block. `hosts`: where each was measured; empty: on one."""
    if not hosts:
        return SignedRank(values)
    p = difference_between_hosts(values, hosts)
    return SignedRank(values) if p is None or p >= DIFFER_P else HostMeans(values, hosts, p)
