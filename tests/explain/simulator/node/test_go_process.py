"""What stays resident of a Go process: the start-up peak until exit, less under a limit, and what collections free."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.node.go_process import SECOND, GoProcess, collections_until, curve_of
from whence.explain.simulator.node.go_release import release_of
from whence.explain.simulator.node.scavenger_pace import ScavengerPace

MIB = 1 << 20
LIFE = 7 * SECOND


def held(process: GoProcess, at_s: float, until_s: float = 600.0) -> int:
    return curve_of(process, int(until_s * SECOND)).resident_bytes(int(at_s * SECOND))


def test_a_start_up_peak_stays_resident_until_exit() -> None:
    """Measured with real Go 1.27: 71 MB at 0.1 s and at 7.2 s, 4 MB alive."""
    process = GoProcess(start_peak=64_000_000, live=4_000_000)
    curve = curve_of(process, LIFE)
    for age in (0.2, 1.0, 3.5, 6.9):
        assert curve.resident_bytes(int(age * SECOND)) == pytest.approx(71e6, rel=0.05)
        assert curve.live_bytes(int(age * SECOND)) == 4_000_000


def test_a_memory_limit_brings_it_down_soon_after_the_start() -> None:
    """Measured with real Go 1.27 and GOMEMLIMIT=32MiB: 30 MB by 3.2 s."""
    process = GoProcess(start_peak=64_000_000, live=4_000_000, memory_limit=32 * MIB)
    assert held(process, 3.2) == pytest.approx(30e6, rel=0.05)
    assert held(process, 0.1) > 60e6


def test_the_forced_collection_after_two_minutes_gives_the_peak_back() -> None:
    process = GoProcess(alloc_rate=1000.0)
    assert held(process, 119) > 60e6
    assert held(process, 400) < 20e6


def test_without_collections_nothing_is_ever_given_back() -> None:
    process = GoProcess(gogc=-1, alloc_rate=0.0)
    assert held(process, 599) > 60e6
    assert collections_until(process, 600 * SECOND) == 0


def test_a_lower_gogc_never_holds_more_in_the_long_run() -> None:
    sizes = [held(GoProcess(start_peak=0, live=50_000_000, gogc=g, alloc_rate=5e6), 599) for g in (25, 50, 100, 200)]
    assert sizes == sorted(sizes)
    assert sizes[2] == pytest.approx(100e6, rel=0.25)


def test_releases_without_a_memory_limit_ignore_it() -> None:
    limited = GoProcess(memory_limit=32 * MIB, go="1.18")
    assert held(limited, 6) == held(GoProcess(go="1.18"), 6)


def test_the_background_goal_of_1_21_is_never_reached_and_that_of_1_22_is() -> None:
    process = GoProcess(start_peak=300_000_000, live=10_000_000, memory_limit=200 * MIB, gogc=-1, alloc_rate=50e6)
    before = held(
        process.__class__(**{**{f: getattr(process, f) for f in process.__struct_fields__}, "go": "1.21"}), 590
    )
    after = held(process, 590)
    assert after <= before


def test_curves_are_staircases_in_order_of_age() -> None:
    for seed in range(30):
        process = GoProcess(
            start_peak=seed * 7_000_000,
            live=1 + seed * 900_000,
            alloc_rate=10.0 ** (seed % 9),
            gogc=(20, 100, 400, -1)[seed % 4],
            memory_limit=((1 << 63) - 1, 40 * MIB)[seed % 2],
        )
        curve = curve_of(process, 60 * SECOND)
        assert curve.ages_ns[0] == 0
        assert (curve.ages_ns[1:] > curve.ages_ns[:-1]).all()
        assert (curve.resident > 0).all()
        assert (curve.live <= curve.resident).all()


def test_the_scavenger_settles_at_one_percent_of_all_processors() -> None:
    pace = ScavengerPace(4)
    for _ in range(300):
        pace.burst(1 << 40)
    worked = slept = 0.0
    for _ in range(200):
        released, length = pace.burst(1 << 40)
        worked += released / (64 << 10) * pace.quantum_ns
        slept += length
    assert worked / slept == pytest.approx(0.04, rel=0.05)


@pytest.mark.parametrize("go", ["1.17", "1.28", "2.0", "", "1.x"])
def test_unknown_releases_are_refused(go: str) -> None:
    with pytest.raises(BadInput):
        release_of(go)
