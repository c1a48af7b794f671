"""The scavenger asks for the sleeps that the real one asks for, and keeps to 1 % of the processors' time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whence.explain.simulator.scavenger import kernels_rest as rests
from whence.explain.simulator.scavenger.rules import AVERAGE, CONTROLLER, RATE

RECORDED = sorted((Path(__file__).parent / "rested").glob("*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_sleep_is_that_of_the_real_scavenger(path: Path) -> None:
    """Recorded by bench/page_oracle/rest_test.go.txt: rows of [worked, sleep asked for, slept], ns."""
    recorded = json.loads(path.read_text())
    rest = rests.new_rest(CONTROLLER)
    for worked, asked, slept in recorded["rows"]:
        assert rests.sleep_for(rest, float(worked)) == asked
        rests.slept(rest, float(worked), float(slept), recorded["processors"])


def test_an_overflowing_controller_rests_for_five_seconds_at_its_first_ratio() -> None:
    rest = rests.new_rest(CONTROLLER)
    rest[rests.INTEGRAL] = np.inf
    rests.slept(rest, 1e6, 1e6, 1)
    assert rest[rests.COOLDOWN_NS] == 5e9
    assert rest[rests.RATIO] == rests.START_RATIO
    rests.slept(rest, 1e6, 3e9, 1)
    assert rest[rests.COOLDOWN_NS] == 5e9 - 3e9 - 1e6
    assert rest[rests.RATIO] == rests.START_RATIO
    rests.slept(rest, 1e6, 3e9, 1)
    assert rest[rests.COOLDOWN_NS] == 0
    assert rest[rests.RESETS] == 1


@pytest.mark.parametrize(("kind", "processors"), [(AVERAGE, 1), (CONTROLLER, 1), (CONTROLLER, 8)])
def test_the_share_of_time_worked_settles_at_one_percent(kind: int, processors: int) -> None:
    rest = rests.new_rest(kind)
    generator = np.random.default_rng(3)
    worked_in_all = slept_in_all = 0.0
    for number in range(6000):
        worked = float(generator.integers(1_000_000, 1_200_000) if kind == CONTROLLER else 20_000)
        asked = rests.sleep_for(rest, worked)
        slept = asked + float(generator.integers(0, 60_000))
        rests.slept(rest, worked, slept, processors)
        if number > 1000:
            worked_in_all += worked
            slept_in_all += slept
    share = worked_in_all / (worked_in_all + slept_in_all) / processors
    assert share == pytest.approx(0.01, rel=0.2)


def test_the_moving_average_up_to_1_16_has_no_least_share() -> None:
    old, new = rests.new_rest(AVERAGE, min_fraction=0.0), rests.new_rest(AVERAGE)
    for rest in (old, new):
        rests.slept(rest, 1e3, 1e12, 1)
    assert old[rests.RATIO] == pytest.approx(0.005)
    assert new[rests.RATIO] == pytest.approx(0.0055)


def test_the_line_of_1_13_takes_a_millisecond_for_each_physical_page() -> None:
    rest = rests.new_rest(RATE)
    rests.set_rate(rest, 100 << 20, 60 << 20, 0, 1000, 4096)
    assert rest[rests.BYTES_PER_NS] == pytest.approx(4096 / 1e6)
    assert rests.due_by_rate(rest, 100 << 20, 1000 + 1_000_000) == 4096
    # Huge pages go in one piece each and are counted as one.
    rests.set_rate(rest, 100 << 20, 60 << 20, 50, 0, 4096)
    assert rest[rests.BYTES_PER_NS] == pytest.approx((2 << 20) / 1e6)
    rests.set_rate(rest, 60 << 20, 60 << 20, 0, 0, 4096)
    assert rest[rests.BYTES_PER_NS] == 0
