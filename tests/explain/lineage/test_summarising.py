"""From journal lines to readings: only complete blocks, intervals from six on, what was given back and when."""

from __future__ import annotations

import pytest
from tests.explain.lineage.made_up import blocks, run, waited

from whence.evidence.lineage import Predicted
from whence.evidence.run import BlockEnd
from whence.explain.lineage.metrics import METRICS, read
from whence.explain.lineage.summarising import disturbed_runs, given_back, reading, releases_of, thinned


def test_printed_numbers_come_into_base_units() -> None:
    values = read({"alloc-16-ns": 11.0, "pause-max-ns": 2.5e5, "gc-cpu-ns": 3e8, "load-ns": 3e9, "gc-cycles": 9.0})
    assert values == pytest.approx({"alloc-16": 11.0, "pause-max": 2.5e-4, "gc-cpu": 0.1, "gc-cycles": 9.0})


def test_a_release_that_does_not_tell_gc_cpu_has_no_value_for_it() -> None:
    assert "gc-cpu" not in read({"load-ns": 3e9})


def test_six_blocks_have_the_interval_from_least_to_most_and_five_have_none() -> None:
    six = reading("alloc-64", [18.0, 19.0, 20.0, 21.0, 22.0, 30.0])
    assert (six.low, six.high) == pytest.approx((18.0, 30.0))
    assert six.value is not None and 19.0 < six.value < 23.0
    five = reading("alloc-64", [18.0] * 5)
    assert (five.low, five.high) == (None, None)
    assert five.value == pytest.approx(18.0)


def test_zeros_are_values_too() -> None:
    assert reading("gc-cpu", [0.0] * 6).value == 0.0


def test_runs_of_a_block_that_was_not_finished_and_failed_runs_do_not_count() -> None:
    lines = blocks("1.5.4", [20.0] * 6, [1e6] * 6)
    lines += [run("1.5.4 cost", 6, {"alloc-64-ns": 99.0})]
    lines += [run("1.5.4 cost", 7, {"alloc-64-ns": 99.0}, outcome="signal")]
    lines += [BlockEnd(block=7, attempt=0, status="complete")]
    [release] = releases_of(["1.5.4"], lines, [], dropped_bytes=2e8)
    told = release.reading("alloc-64")
    assert told is not None and told.blocks == 6 and told.value == pytest.approx(20.0)
    assert release.failures == ("1.5.4 cost, block 8: signal",)


def test_every_metric_has_a_reading_and_predictions_stand_beside_them() -> None:
    [release] = releases_of(
        ["1.5.4"],
        blocks("1.5.4", [20.0], [1e6]),
        [],
        dropped_bytes=2e8,
        predict=lambda version: {"alloc-64": Predicted(value=21.0), "lazy": Predicted(value=5.0)},
    )
    assert [r.metric for r in release.readings] == [m.name for m in METRICS]
    told = release.reading("alloc-64")
    assert told is not None and told.predicted == Predicted(value=21.0)
    assert release.predicted_ending == "lazy"


@pytest.mark.parametrize(
    ("samples", "ending", "seconds"),
    [
        ({"back": 4.2}, "back", 4.2),
        ({"lazy": 2.0, "rss_after": 212e6}, "lazy", 2.0),
        ({"rss_after": 212e6}, "never", None),
    ],
)
def test_what_became_of_dropped_memory(samples: dict[str, float], ending: str, seconds: float | None) -> None:
    given = given_back(waited("1.16.15", **samples), 2e8)
    assert given is not None
    assert (given.ending, given.seconds) == (ending, seconds)


def test_runs_beside_slow_spins_are_counted() -> None:
    lines = blocks("1.5.4", [20.0] * 5, [1e6] * 5)
    lines += [run("1.5.4 cost", 5, {"alloc-64-ns": 20.0}, spin=0.05), BlockEnd(block=5, attempt=0, status="complete")]
    assert disturbed_runs(lines) == 1


def test_a_thinned_time_line_keeps_its_ends_and_its_steps() -> None:
    line = [(float(t), 200.0) for t in range(50)] + [(float(t), 10.0) for t in range(50, 100)]
    assert thinned(line) == ((0.0, 200.0), (49.0, 200.0), (50.0, 10.0), (99.0, 10.0))
