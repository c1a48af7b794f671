"""The effect of the exit stop on the times it stands beside."""

from __future__ import annotations

import pytest

from whence.evidence.errors import UnusableEnvironment
from whence.measure.lab.launch import Launch, RunOptions
from whence.measure.lab.probe_effect import median_interval, probe_effect, shows


@pytest.mark.real
def test_the_effect_is_a_ratio_with_an_interval() -> None:
    effect = probe_effect(
        Launch(argv=("/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")), RunOptions(), 4
    )
    assert effect["pairs"] == 4
    assert 0 < effect["cpu-low"] <= effect["cpu-ratio"] <= effect["cpu-high"]
    with pytest.raises(UnusableEnvironment, match="no pair of runs"):
        probe_effect(Launch(argv=("/bin/false",)), RunOptions(), 1)


def test_the_interval_of_the_median_covers_at_least_95_percent() -> None:
    assert median_interval([float(i) for i in range(1, 13)]) == (3.0, 10.0)
    assert median_interval([1.0, 2.0, 3.0]) == (1.0, 3.0)
    assert median_interval([5.0]) == (5.0, 5.0)


def test_an_effect_shows_when_it_is_both_certain_and_large() -> None:
    assert shows({"cpu-low": 1.005, "cpu-ratio": 1.03})
    assert not shows({"cpu-low": 0.99, "cpu-ratio": 1.03})
    assert not shows({"cpu-low": 1.001, "cpu-ratio": 1.004})
