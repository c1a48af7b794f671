"""How many sampled events stand behind a record, against simulations of the samplers."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import profile_of

from whence.measure.profiles.diff.weighing import weigh
from whence.measure.profiles.readers.profile import ValueType

HEAP = (ValueType("alloc_objects", "count"), ValueType("alloc_space", "bytes"))
BLOCK = (ValueType("contentions", "count"), ValueType("delay", "nanoseconds"))


def test_a_cpu_record_is_a_count_of_periods() -> None:
    weights = weigh(profile_of({"main.f": 25}), 1)
    assert weights.value[0] ** 2 / weights.variance[0] == pytest.approx(25)


@pytest.mark.parametrize(("size", "rate"), [(1024, 4096), (8192, 4096)])
def test_heap_variance_is_that_of_a_sampled_heap(size: int, rate: int) -> None:
    """Draws which of 3,000 objects are sampled, divides as the runtime does, and compares the spread."""
    rng = np.random.default_rng(1)
    chance = -np.expm1(-size / rate)
    drawn = rng.binomial(3000, chance, 4000) / chance * size
    objects = 3000
    weights = weigh(profile_of({"main.f": (objects, objects * size)}, types=HEAP, period=rate), 1)
    assert weights.variance[0] == pytest.approx(drawn.var(), rel=0.1)


def test_at_rate_one_everything_was_counted() -> None:
    assert weigh(profile_of({"main.f": (7, 112)}, types=HEAP, period=1), 1).variance[0] == 0


def test_delays_vary_more_than_their_count() -> None:
    profile = profile_of({"main.f": (100, 5_000)}, types=BLOCK, period=1)
    assert weigh(profile, 0).variance[0] == pytest.approx(100)
    drawn = np.random.default_rng(1).exponential(50.0, (4000, 1)) * 0
    counts = np.random.default_rng(2).poisson(100, 4000)
    drawn = np.array([np.random.default_rng(i).exponential(50.0, n).sum() for i, n in enumerate(counts)])
    assert weigh(profile, 1).variance[0] == pytest.approx(drawn.var(), rel=0.1)
