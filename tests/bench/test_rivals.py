"""How other tools are read, and how their false alarms on recorded runs are counted."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from bench.rivals import readings, recorded, rules
from bench.rivals.__main__ import false_alarms
from bench.rivals.recorded import Recorded

from whence.evidence.errors import BadInput


def gauss(mean: float, count: int, seed: int) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(mean, 2) for _ in range(count)]


def steps(seed: int) -> tuple[list[float], list[float]]:
    """Two sides that differ by nothing, a little or a lot, and jump inside a side now and then."""
    draw = random.Random(seed)
    values = [
        draw.gauss(100, 2) + (8 if draw.random() < 0.1 else 0) + draw.choice([0, 0, 3]) * (i > 12) for i in range(24)
    ]
    return values[:12], values[12:]


@pytest.mark.parametrize("rule", [readings.pyperf, readings.hyperfine, readings.otava])
def test_every_reading_sees_a_large_difference_in_both_directions_and_none_between_like_samples(rule):
    base, like, other = gauss(100, 12, 1), gauss(100, 12, 4), gauss(130, 12, 2)
    assert rule(base, other) and rule(other, base)
    assert not rule(base, like)


def test_pyperf_calls_significant_what_it_cannot_compute():
    assert readings.pyperf([1.0, 1.0], [1.0, 1.0])
    assert readings.pyperf([1.0, 2.0], [1.0, 2.0, 3.0])


def test_our_reading_of_pyperf_decides_as_the_real_one_does():
    utils = pytest.importorskip("pyperf._utils", reason="SKIPPED pyperf is not installed (pip install pyperf)")
    for seed in range(200):
        base, candidate = steps(seed)
        assert readings.pyperf(base, candidate) == utils.is_significant(base, candidate)[0]


def test_our_reading_of_otava_finds_the_change_points_of_the_real_one():
    analysis = pytest.importorskip("otava.analysis", reason="SKIPPED Otava is not installed (pip install apache-otava)")
    for seed in range(60):
        base, candidate = steps(seed)
        series = [*base, *candidate] * (1 + seed % 4)
        real = [point.index for point in analysis.compute_change_points(list(series))[0]]
        assert readings.change_points(series) == real


def test_otavas_change_points_lie_where_a_series_steps():
    series = [*gauss(100, 30, 1), *gauss(120, 30, 2), *gauss(90, 30, 3)]
    assert readings.change_points(series) == [30, 60]


def test_the_first_half_is_read_against_the_second_in_order_of_time():
    entry = Recorded((1.0, 4.0), (2.0, 3.0), "x", "abba")
    assert entry.one_side_then_the_other() == Recorded((1.0, 2.0), (3.0, 4.0), "x", "aabb")
    assert Recorded((1.0,), (2.0,)).one_side_then_the_other() is None


@pytest.mark.network
@pytest.mark.real
def test_drift_alarms_who_reads_one_side_then_the_other_and_nobody_in_blocks():
    draw = random.Random(8)
    entries = []
    for _ in range(20):
        order = "".join(draw.choice(["ab", "ba"]) for _ in range(10))
        values = [100 * (1 + 0.01 * time) * draw.gauss(1, 0.01) for time in range(20)]
        sides = {side: tuple(v for v, s in zip(values, order, strict=True) if s == side) for side in "ab"}
        entries.append(Recorded(sides["a"], sides["b"], "drift", order))
    rates = {(row.study, row.case.split(" (")[0]): row.rate for row in false_alarms(entries)}
    assert rates["the same runs, one side then the other", "pyperf"] > 0.9
    assert rates["as recorded, in blocks", "pyperf"] == 0
    assert rates["as recorded, in blocks", "whence, verdict"] <= 0.1


def test_json_json_lines_and_recorded_comparisons_are_read(tmp_path: Path):
    entries = [{"base": [1, 2], "candidate": [3, 4], "label": "x", "order": "abba"}]
    (tmp_path / "list.json").write_text(json.dumps(entries))
    (tmp_path / "lines.jsonl").write_text(json.dumps(entries[0]) + "\n")
    runs = [
        {"variant": v, "block": b, "values": {"cpu": 10.0 * b + (v == "b"), "rss": 5.0}}
        for b, pair in enumerate(("ab", "ba"))
        for v in pair
    ]
    (tmp_path / "aa.jsonl").write_text(json.dumps({"number": 0, "workload": "trees", "runs": runs}) + "\n")
    expected = [Recorded((1.0, 2.0), (3.0, 4.0), "x", "abba")]
    assert recorded.load(tmp_path / "list.json") == recorded.load(tmp_path / "lines.jsonl") == expected
    assert recorded.load(tmp_path / "aa.jsonl") == [
        Recorded((0.0, 10.0), (1.0, 11.0), "trees cpu", "abba"),
        Recorded((5.0, 5.0), (5.0, 5.0), "trees rss", "abba"),
    ]


def test_parquet_is_read_in_order_of_position(tmp_path: Path):
    import duckdb

    path = tmp_path / "aa.parquet"
    duckdb.sql(
        "SELECT * FROM (VALUES (1, 'base', 2, 4.0), (1, 'base', 0, 1.0), (1, 'candidate', 1, 2.0), "
        "(1, 'candidate', 3, 8.0)) AS t(comparison, side, position, value)"
    ).write_parquet(str(path))
    assert recorded.load(path) == [Recorded((1.0, 4.0), (2.0, 8.0), "", "abab")]


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_a_file_without_comparisons_is_refused(tmp_path: Path, text: str):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BadInput):
        recorded.load(tmp_path / "x.json")


@pytest.mark.network
@pytest.mark.real
def test_the_real_benchstat_is_asked_about_all_comparisons_at_once():
    benchstat = next(rule for rule in rules.rivals() if rule.name == "benchstat")
    if benchstat.used != "the real benchstat":
        pytest.skip(f"SKIPPED no benchstat: {benchstat.used}")
    entries = [Recorded(tuple(gauss(100, 10, s)), tuple(gauss(100 + 10 * (s % 2), 10, s + 50))) for s in range(12)]
    assert benchstat.decide(entries)[1::2] == [True] * 6
    assert sum(benchstat.decide(entries)[::2]) <= 2


@pytest.mark.network
@pytest.mark.real
def test_the_table_is_printed_and_written(tmp_path: Path):
    entries = [{"base": gauss(100, 8, s), "candidate": gauss(100, 8, s + 9), "label": f"l{s % 2}"} for s in range(6)]
    (tmp_path / "x.json").write_text(json.dumps(entries))
    command = [
        sys.executable,
        "-m",
        "bench.rivals",
        str(tmp_path / "x.json"),
        "--by-label",
        "--json",
        str(tmp_path / "o"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "6 comparisons" in done.stdout and "l1: as recorded" in done.stdout
    assert {row["trials"] for row in json.loads((tmp_path / "o").read_text())} == {6, 3}
