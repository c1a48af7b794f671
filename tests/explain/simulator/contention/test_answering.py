"""What the model promises: more for more processors, wider where it extrapolates, eras that differ by their rows."""

from __future__ import annotations

import msgspec
import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.contention.answering import simulate_contention, wait_ns_per_allocation
from whence.explain.simulator.contention.asking import parse_processors, parse_rate
from whence.explain.simulator.contention.mix import demands, parse_mix
from whence.explain.simulator.versions.contention import ROWS, Central, Mutex, contention_row
from whence.golang.versions import parse_version

MIX = "64B:0.7,1KiB:0.3"


def test_intervals_widen_beyond_the_processors_of_the_calibration() -> None:
    points = simulate_contention(["1.27"], MIX, range(1, 33)).variants[0].points
    widths = [(p.wait_ns.high - p.wait_ns.low) for p in points]
    assert [point.extrapolated for point in points] == [False, False] + [True] * 30
    assert widths[1] < widths[2] < widths[7] < widths[31]
    assert points[7].gain.high - points[7].gain.low > 2 * (points[1].gain.high - points[1].gain.low)


def test_the_bend_is_where_another_processor_adds_less_than_half() -> None:
    variant = simulate_contention(["1.22"], MIX, range(1, 65)).variants[0]
    assert variant.bends_at is not None
    gains = {point.processors: point.gain.value for point in variant.points}
    assert gains[variant.bends_at] < 0.5 <= min(gains[count] for count in range(1, variant.bends_at))
    assert f"from {variant.bends_at} processors on" in variant.sentence
    assert "extrapolated" in variant.sentence


def test_slower_programs_bend_later_and_wait_less() -> None:
    fast, slow = (
        simulate_contention(["1.14"], MIX, range(1, 65), rate=rate).variants[0] for rate in (None, 1_000_000.0)
    )
    assert fast.bends_at is not None
    assert slow.bends_at is None or slow.bends_at > fast.bends_at
    assert slow.points[15].wait_ns.value < fast.points[15].wait_ns.value


def test_central_lists_are_locks_up_to_1_14_and_atomic_from_1_15() -> None:
    old, new = simulate_contention(["1.14", "1.15"], "64B", [16]).variants
    assert (old.central, new.central) == ("mutex", "atomics")
    assert old.points[0].central_wait_ns.value > 3 * new.points[0].central_wait_ns.value


def test_every_release_has_a_row_and_an_answer() -> None:
    lines = [f"1.{minor}" for minor in range(28)]
    document = simulate_contention(lines, "64B", [1, 2, 8])
    assert [variant.go for variant in document.variants] == lines
    assert b"NaN" not in msgspec.json.encode(document)
    assert document.variants[3].warning is not None and document.variants[27].warning is None
    assert contention_row(parse_version("1.23.9")).mutex == Mutex.ALL_SPIN
    assert contention_row(parse_version("1.24rc1")).mutex == Mutex.ONE_SPINS
    assert [row.central for row in ROWS] == sorted(row.central for row in ROWS)
    assert contention_row(parse_version("1.15")).central == Central.ATOMICS


def test_a_refill_brings_a_span_of_slots_and_large_objects_go_past_the_central_list() -> None:
    version = parse_version("1.21")
    small, large = demands(version, contention_row(version), parse_mix("64B:1,100KiB:1"))
    assert small.refills == pytest.approx(0.5 / 128)
    assert (large.refills, large.pages, large.large) == (0.5, 13, True)
    # A header moves 1 KiB with pointers up a class from 1.22 on: 8 slots become 7.
    (old,) = demands(version, contention_row(version), parse_mix("1KiB/pointers"))
    newer = parse_version("1.22")
    (new,) = demands(newer, contention_row(newer), parse_mix("1KiB/pointers"))
    assert 1 / old.refills == 8 and 1 / new.refills < 8


def test_the_wait_of_one_allocation_grows_with_rate_and_is_zero_alone() -> None:
    mix = parse_mix(MIX)
    assert wait_ns_per_allocation("1.27", 1, 5e6, mix).value == 0
    low, high = (wait_ns_per_allocation("1.27", 8, rate, mix) for rate in (1e6, 40e6))
    assert 0 < low.value < high.value
    assert high.low <= high.value <= high.high
    assert wait_ns_per_allocation("1.27", 8, 0.0, mix).value == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("text", ["", "64B:x", "64B:0", "64B:-1", "nothing:1", "64B:nan", "9e99B"])
def test_a_mix_that_is_none_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        parse_mix(text)


@pytest.mark.parametrize("text", ["", "0", "5..2", "1..", "1..99999", "a"])
def test_processors_that_are_none_are_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        parse_processors(text)


def test_rates_and_processors_are_read_as_they_are_written() -> None:
    assert parse_processors("1..3,8") == (1, 2, 3, 8)
    assert parse_rate("2e6/s") == 2e6
    for text in ("0", "nan", "-1", "fast"):
        with pytest.raises(BadInput):
            parse_rate(text)
    for words in ({"processors": [300]}, {"processors": [2], "fresh": 2.0}, {"processors": [2], "rate": -1.0}):
        with pytest.raises(BadInput):
            simulate_contention(["1.27"], "64B", **words)  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        simulate_contention(["1.28"], "64B", [2])
