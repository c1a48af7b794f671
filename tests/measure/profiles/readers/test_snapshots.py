"""Snapshots of the same moment in four notations, and damage in each."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers import expvar, memstats, metrics_json, metrics_text
from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.metric_names import COUNTERS, GAUGES, HISTOGRAMS

STATS = Path(__file__).parent / "recorded" / "go1.26.11.json"
GOAL, CYCLES = "/gc/heap/goal:bytes", "/gc/cycles/total:gc-cycles"

PROMETHEUS = b"""\
# HELP go_gc_heap_goal_bytes Heap size target.
# TYPE go_gc_heap_goal_bytes gauge
go_gc_heap_goal_bytes 4.194304e+06
go_gc_cycles_total_gc_cycles_total 7
go_cpu_classes_gc_mark_assist_cpu_seconds_total 0.25
go_sched_pauses_total_gc_seconds_bucket{le="1e-05"} 3
go_sched_pauses_total_gc_seconds_bucket{le="0.001"} 5
go_sched_pauses_total_gc_seconds_bucket{le="+Inf"} 6
go_sched_pauses_total_gc_seconds_sum NaN
go_sched_pauses_total_gc_seconds_count 6
go_gc_duration_seconds{quantile="0"} 2.1e-05
go_gc_duration_seconds_sum 0.0125
go_gc_duration_seconds_count 7
go_memstats_heap_released_bytes 1024
go_info{version="go1.26.1"} 1
process_cpu_seconds_total{pod="a}b",x="\\"q"} 1.5 1700000000000
"""


def test_memstats_and_expvar_say_the_same_under_the_names_of_runtime_metrics() -> None:
    stats = json.loads(STATS.read_text())
    direct = memstats.read(STATS.read_bytes())[0]
    served = expvar.read(json.dumps({"cmdline": ["x"], "memstats": stats}).encode())[0]
    mixed = metrics_json.read(json.dumps({"time": 5, "memstats": stats}).encode())[0]
    assert direct.values == served.values == mixed.values
    assert mixed.time_s == 5
    assert direct.values[GOAL] == stats["NextGC"]
    assert direct.values["/memory/classes/heap/free:bytes"] == stats["HeapIdle"] - stats["HeapReleased"]


def test_recent_pauses_of_memstats_are_those_of_the_last_cycles_in_order() -> None:
    stats = json.loads(STATS.read_text())
    recent = memstats.read(STATS.read_bytes())[0].recent
    assert recent is not None
    assert len(recent.pause_s) == stats["NumGC"]
    np.testing.assert_allclose(recent.pause_s.sum(), stats["PauseTotalNs"] * 1e-9)
    assert (np.diff(recent.end_s) > 0).all()


def test_prometheus_names_are_read_back_as_those_of_the_package() -> None:
    found = metrics_text.read(PROMETHEUS)[0]
    assert found.values[GOAL] == 4194304
    assert found.values[CYCLES] == 7
    assert found.values["/cpu/classes/gc/mark/assist:cpu-seconds"] == 0.25
    assert found.values["/memory/classes/heap/released:bytes"] == 1024
    assert (found.pause_total_s, found.go, found.time_s) == (0.0125, "1.26.1", 1.7e9)
    pauses = found.histograms["/sched/pauses/total/gc:seconds"]
    assert pauses.counts.tolist() == [3, 2, 1]
    assert pauses.edges.tolist() == [0, 1e-5, 1e-3, np.inf]


def test_a_series_that_comes_again_begins_another_scrape() -> None:
    assert [
        int(snap.values[CYCLES]) for snap in metrics_text.read(PROMETHEUS + PROMETHEUS.replace(b" 7\n", b" 9\n"))
    ] == [7, 9]


@pytest.mark.parametrize("line", [b"/gc/heap/goal:bytes 42\n", b'{"/gc/heap/goal:bytes"} 42\n'])
def test_the_packages_own_names_are_read_as_they_are(line: bytes) -> None:
    assert metrics_text.read(line)[0].values == {GOAL: 42}


def test_every_name_of_the_installed_package_is_known() -> None:
    source = Path("/usr/local/go/src/runtime/metrics/description.go")
    if not source.exists():
        pytest.skip("SKIPPED no Go at /usr/local/go to compare with")
    named = {part.split('"')[1] for part in source.read_text().split("Name:")[1:] if part.strip().startswith('"')}
    named = {name for name in named if not name.startswith("/godebug/")}
    assert len(named) > 30
    assert named <= {*COUNTERS, *GAUGES, *HISTOGRAMS}


def test_json_dumps_may_be_objects_lists_of_samples_or_lines_of_them() -> None:
    samples = json.dumps([{"Name": GOAL, "Value": 7}, {"name": CYCLES, "value": "3"}]).encode()
    assert metrics_json.read(samples)[0].values == {GOAL: 7, CYCLES: 3}
    lines = (
        b'{"time": "2026-01-01T00:00:00Z", "/gc/heap/goal:bytes": 1}\n{"ts": 1767225601000, "/gc/heap/goal:bytes": 2}\n'
    )
    first, second = metrics_json.read(lines)
    assert first.time_s is not None
    assert second.time_s is not None
    assert second.time_s - first.time_s == 1
    histogram = b'{"/gc/pauses:seconds": {"Counts": [1, 2], "Buckets": [null, 0.5, "+Inf"]}}'
    assert metrics_json.read(histogram)[0].histograms["/gc/pauses:seconds"].edges.tolist() == [-np.inf, 0.5, np.inf]


def test_damage_is_told_by_its_byte() -> None:
    with pytest.raises(DamagedInput) as found:
        metrics_json.read('{"/gc/heap/goal:bytes": 1, "é": 2}\n{"a": '.encode())
    assert (found.value.offset, found.value.readable) == (42, "1 value")
    with pytest.raises(DamagedInput) as found:
        metrics_text.read(b"go_gc_heap_goal_bytes 1\nnot a sample at all\n")
    assert found.value.offset == 24
    with pytest.raises(DamagedInput):
        metrics_json.read(b"[" * 100_000)


def test_what_is_something_else_is_said_to_be() -> None:
    for reader, content in (
        (memstats, b"{}"),
        (expvar, b"[1]"),
        (metrics_json, b'{"a": 1}'),
        (metrics_text, b"up 1\n"),
    ):
        with pytest.raises(UnknownFormat):
            reader.read(content)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 1 << 20), put=st.binary(max_size=8), which=st.sampled_from([0, 1]))
def test_no_damage_raises_anything_but_bad_input(at: int, put: bytes, which: int) -> None:
    content = bytearray((PROMETHEUS, STATS.read_bytes())[which])
    at %= len(content)
    content[at : at + len(put)] = put
    try:
        (metrics_text, metrics_json)[which].read(bytes(content))
    except BadInput as error:
        assert "\n" not in str(error)
