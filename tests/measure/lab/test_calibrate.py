"""Calibration: the same work every time, a rule that only looks at spins, and words when the host changed."""

from __future__ import annotations

import os
import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.comparison import Plan
from whence.evidence.run import BlockEnd, JournalLine, Run, Session
from whence.measure.lab.calibrate import Calibrator, spin_on
from whence.measure.lab.host_shift import find_shift, host_warnings
from whence.measure.lab.plan import make_plan

PLAN: Plan = make_plan(variants=("a", "b"), pairs=10, seed=1, metrics=("cpu",))


def calibrator(*seconds: float) -> Calibrator:
    """A calibrator whose spins take these seconds, the last one for ever."""
    left = list(seconds)
    return Calibrator(
        (0,), iterations=1000, spinner=lambda cpus, n: left.pop(0) if len(left) > 1 else left[0], sleep=lambda s: None
    )


@pytest.mark.real
def test_a_real_spin_pins_its_threads_only_and_leaves_none_behind() -> None:
    before = os.sched_getaffinity(0)
    assert spin_on((min(before),), 1000) > 0
    assert os.sched_getaffinity(0) == before
    assert threading.active_count() == 1


@pytest.mark.real
def test_a_cpu_that_may_not_be_used_does_not_stop_the_spin() -> None:
    assert spin_on((4095,), 1000) > 0


@pytest.mark.real
def test_more_work_takes_more_time() -> None:
    cpu = (min(os.sched_getaffinity(0)),)
    assert min(spin_on(cpu, 40_000) for _ in range(3)) > min(spin_on(cpu, 2_000) for _ in range(3))


def test_all_spins_of_a_session_do_the_same_recorded_work() -> None:
    done: list[int] = []

    def spinner(cpus: tuple[int, ...], iterations: int) -> float:
        done.append(iterations)
        return 0.02

    used = Calibrator((0,), spinner=spinner)
    summary = used.start_session()
    used.spin()
    assert set(done) == {used.iterations}
    assert summary["iterations"] == used.iterations
    assert summary["median_s"] == 0.02
    assert summary["spread"] == 0


def test_a_block_is_disturbed_by_its_slowest_spin_against_the_session_median() -> None:
    used = calibrator(0.020)
    used.start_session()
    assert used.disturbance([0.0249, 0.020], PLAN) == ""
    assert "1.50 times the session's median of 20.0 ms" in used.disturbance([0.0300, 0.020], PLAN)
    assert used.disturbance([], PLAN) == ""


def test_the_median_follows_a_host_that_became_slower_for_good() -> None:
    used = calibrator(*[0.020] * 10, 0.040)
    used.start_session()
    assert used.disturbance([used.spin()], PLAN)
    for _ in range(20):
        used.spin()
    assert used.disturbance([used.spin()], PLAN) == ""


def test_settling_ends_with_the_burst_and_is_not_remembered() -> None:
    used = calibrator(*[0.020] * 10, 0.050, 0.050, 0.020)
    used.start_session()
    spins = list(used.spins)
    used.settle(PLAN)
    assert used.spins == spins
    assert used.spin() == 0.020


def runs(spins: list[float], waiting: list[float] | None = None, host: str = "h") -> list[JournalLine]:
    return [
        Run(
            id=f"{i}",
            kind="counted",
            variant="ab"[i % 2],
            block=i // 2,
            started_at=float(i),
            seconds=1.0,
            outcome="ok",
            host_name=host,
            calibration_after_s=spin,
            host={} if waiting is None else {"psi-cpu-some-s": waiting[i]},
        )
        for i, spin in enumerate(spins)
    ]


def noisy(level: float, count: int, seed: int, sd: float = 0.01) -> list[float]:
    rng = random.Random(seed)
    return [level * (1 + rng.gauss(0, sd)) for _ in range(count)]


def test_a_hog_that_starts_midway_is_noticed_and_dated() -> None:
    lines = runs(noisy(0.020, 20, 1) + noisy(0.037, 20, 2))
    warning = next(w for w in host_warnings(lines) if "changed midway" in w)
    assert "from block 11 on" in warning
    assert "began to use the CPUs" in warning
    assert "\n" not in warning


def test_a_hog_that_calibration_cannot_feel_is_noticed_by_pressure() -> None:
    lines = runs(noisy(0.020, 40, 1), [0.02] * 20 + [0.6] * 20)
    warnings = host_warnings(lines)
    assert any("waiting for a CPU changed midway: from block 11" in w for w in warnings)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_a_quiet_host_gets_no_warning(seed: int) -> None:
    assert host_warnings(runs(noisy(0.020, 40, seed), [0.02] * 40)) == ()


def test_single_bad_spins_are_no_shift() -> None:
    spins = noisy(0.020, 40, 1)
    spins[7] = spins[30] = 0.2
    assert not any("midway" in w for w in host_warnings(runs(spins)))


def test_a_shift_too_small_to_matter_is_not_reported() -> None:
    assert host_warnings(runs(noisy(0.020, 40, 1, 0.001) + noisy(0.0205, 40, 2, 0.001))) == ()


def test_false_shifts_are_rare() -> None:
    rng = random.Random(5)
    assert sum(find_shift([rng.gauss(0, 1) for _ in range(80)]) is not None for _ in range(2000)) <= 20
    assert sum(find_shift([rng.gauss(0, 1) for _ in range(20)]) is not None for _ in range(100)) <= 4


def test_six_pairs_are_enough_to_notice_a_hog_after_the_third() -> None:
    warnings = host_warnings(runs(noisy(0.020, 6, 1) + noisy(0.025, 6, 2)))
    assert any("changed midway: from block 4" in w for w in warnings)


def test_an_unquiet_host_and_kept_blocks_and_a_second_host_are_told() -> None:
    lines = runs(noisy(0.020, 20, 1, 0.2)) + runs([0.02] * 4, host="other")
    lines.append(Session(started_at=0, host_name="h"))
    lines.append(BlockEnd(block=0, attempt=2, status="complete", reason="a spin took 1.4 times the median; kept"))
    told = " ".join(host_warnings(lines))
    assert "not quiet" in told
    assert "1 of 1 blocks was kept" in told
    assert "2 hosts (h, other)" in told


def test_nothing_measured_means_nothing_to_warn_of() -> None:
    assert host_warnings([]) == ()
