"""Random numbers and sines are Go's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from whence.explain.simulator.pacer.go_random import GoRandom, cooked
from whence.explain.simulator.pacer.streams import constant, delayed, go_sine, ramp, total, unit, whole_steps, within


def test_the_first_numbers_of_seed_1_are_the_ones_every_go_program_knows() -> None:
    source = GoRandom(1)
    assert [source.uint64() & (2**63 - 1) for _ in range(3)] == [
        5577006791947779410,
        8674665223082153551,
        6129484611666145821,
    ]
    assert GoRandom(1).float64() == 0.6046602879796196


def test_the_table_is_the_one_in_gos_source() -> None:
    # First, second and last entry of rngCooked, src/math/rand/rng.go, as unsigned numbers.
    words = [int(cooked()[index]) for index in (0, 1, -1)]
    assert words == [14264951931575795690, 13869761123581321051, 4152330101494654406]


def test_sine_is_within_an_ulp_of_the_machines() -> None:
    for x in np.linspace(0, 50, 999):
        assert go_sine(float(x)) == pytest.approx(math.sin(x), abs=3e-16)


def test_streams() -> None:
    assert total(constant(2.0), ramp(-1.0, 4))(6).tolist() == [2.0, 1.75, 1.5, 1.25, 1.0, 1.0]
    assert delayed(unit(5), 2)(4).tolist() == [0, 0, 5, 0]
    assert delayed(unit(5), 9)(4).tolist() == [0, 0, 0, 0]
    assert whole_steps(constant(-5000), 2048)(1).tolist() == [-4096]
    assert within(ramp(3, 3), 0.5, 2)(4).tolist() == [0.5, 1, 2, 2]
