"""The story of recorded and of made-up runs: counts, bounds, and what limited when."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from whence.evidence.errors import BadInput
from whence.evidence.gc_story import GCStory, Stretch
from whence.measure.profiles.gc.reading import story_of_files
from whence.measure.profiles.gc.story import story, story_of_log
from whence.measure.profiles.readers import metrics_json

HERE = Path(__file__).parent
LIMIT_LOG, LIMIT_METRICS = HERE / "recorded" / "limit.log", HERE / "recorded" / "limit.jsonl"
OLD = HERE.parent / "readers" / "recorded" / "go1.4.3.log"


def line(
    number: int,
    at: float,
    *,
    mark: float = 2,
    assist: float = 0,
    background: float = 1,
    stop: float = 0.02,
    start: int = 40,
    end: int = 42,
    live: int = 20,
    goal: int = 40,
    procs: int = 2,
    forced: bool = False,
) -> str:
    """Returns a line of gctrace; times in ms, heaps in MiB."""
    return (
        f"gc {number} @{at:.3f}s 1%: {stop:.3f}+{mark:.3f}+{stop:.3f} ms clock, {stop * procs:.3f}+{assist:.3f}/"
        f"{background:.3f}/0.000+{stop * procs:.3f} ms cpu, {start}->{end}->{live} MB, {goal} MB goal, 0 MB stacks, "
        f"0 MB globals, {procs} P{' (forced)' if forced else ''}\n"
    )


def of_kind(found: GCStory, kind: str) -> list[Stretch]:
    return [stretch for stretch in found.stretches if stretch.kind == kind]


def test_log_and_metrics_of_one_run_tell_the_same() -> None:
    log, metrics = story_of_files([LIMIT_LOG]), story_of_files([LIMIT_METRICS])
    assert log.cycles.total == metrics.cycles.total == 43
    assert log.cycles.forced == metrics.cycles.forced == 3
    assert log.work is not None
    assert metrics.work is not None
    assert log.work.share is not None
    assert metrics.work.share is not None
    # The log's run ends with its last collection, that of the metrics with the last snapshot.
    assert log.work.share.value == pytest.approx(metrics.work.share.value, rel=0.02)
    assert log.work.assists is not None
    assert metrics.work.assists is not None
    assert (log.work.assists.low or 0) <= metrics.work.assists.value <= (log.work.assists.high or 0)
    assert log.pauses is not None
    assert metrics.pauses is not None
    assert metrics.pauses.total.low is not None
    assert metrics.pauses.total.high is not None
    assert metrics.pauses.total.low <= log.pauses.total.value <= metrics.pauses.total.high


def test_the_memory_limit_is_seen_where_it_was_without_being_told() -> None:
    """The program ran under GOMEMLIMIT=115MiB and began to grow beyond what that allows at about 2.1 s."""
    found = story_of_files([LIMIT_LOG])
    (stretch,) = of_kind(found, "memory-limit")
    assert 2.0 < stretch.from_s < 2.4
    assert 4.6 < stretch.to_s < 4.9
    assert found.heap is not None
    assert (found.heap.gogc_percent, found.heap.gogc_known_from) == (100, "inferred")
    assert "at the memory limit" in found.sentence
    assert "43 times" in found.sentence
    (stated,) = of_kind(story_of_files([LIMIT_METRICS]), "memory-limit")
    assert stated.from_s == pytest.approx(stretch.from_s, abs=0.5)


def test_a_rest_is_idle_and_a_larger_heap_is_growth() -> None:
    found = story_of_files([LIMIT_LOG])
    (rest,) = of_kind(found, "idle")
    assert rest.from_s == pytest.approx(0.53, abs=0.05)
    assert rest.to_s == pytest.approx(2.06, abs=0.05)
    assert of_kind(found, "growth")


def test_a_lower_gogc_is_no_memory_limit() -> None:
    """Goals follow the live heap at half its size: that is GOGC=50."""
    sizes = [20, 24, 30, 36, 44, 36, 30, 26, 40, 50]
    text = "".join(line(n + 1, n / 10, live=live, goal=round(1.5 * ([20, *sizes][n]))) for n, live in enumerate(sizes))
    found = story_of_log(text.encode())
    assert not of_kind(found, "memory-limit")
    assert found.heap is not None
    assert found.heap.gogc_percent == pytest.approx(50, abs=3)


def test_steady_goals_without_a_known_gogc_are_said_to_be_ambiguous_and_given_ones_settle_it() -> None:
    text = "".join(line(n + 1, n / 10, live=100, goal=130) for n in range(12)).encode()
    unsure = story_of_log(text)
    assert not of_kind(unsure, "memory-limit")
    assert any("cannot be told apart" in note for note in unsure.notes)
    assert of_kind(story_of_log(text, gogc_percent=100), "memory-limit")
    assert not of_kind(story_of_log(text, gogc_percent=30), "memory-limit")


def test_a_full_bucket_is_the_cap_of_the_collectors_cpu() -> None:
    """Two processors hold two CPU seconds; 80 % of both for the collector fills that in 1.7 s."""
    text = "".join(
        line(n + 1, n / 10, mark=99, assist=80, background=80, live=100, goal=100, start=100, end=104)
        for n in range(50)
    )
    found = story_of_log(text.encode())
    (capped,) = of_kind(found, "cpu-limiter")
    assert capped.from_s == pytest.approx(1.7, abs=0.3)
    short = story_of_log("".join(text.splitlines(True)[:15]).encode())
    assert not of_kind(short, "cpu-limiter")


def test_long_stops_assists_and_collections_without_a_break_each_have_their_stretch() -> None:
    quiet = [line(n + 1, n / 10) for n in range(20)]
    stops = [line(n + 1, n / 10, stop=9) for n in range(20, 30)]
    helps = [line(n + 1, n / 10, assist=30) for n in range(30, 40)]
    never = [line(n + 1, n / 10, mark=95) for n in range(40, 50)]
    found = story_of_log("".join([*quiet, *stops, *helps, *never, line(51, 5.0)]).encode())
    for kind, start in (("stopped", 2.0), ("assist", 3.0), ("back-to-back", 4.0)):
        (stretch,) = of_kind(found, kind)
        assert (stretch.from_s, stretch.to_s) == (pytest.approx(start), pytest.approx(start + 1))
        assert stretch.cycles == 10


def test_pauses_and_shares_carry_what_the_log_cuts_off() -> None:
    found = story_of_log("".join(line(n + 1, n / 10, stop=0.02) for n in range(10)).encode())
    assert found.pauses is not None
    assert found.pauses.count == 20
    assert found.pauses.total.low == pytest.approx(20 * 0.020e-3)
    assert found.pauses.total.high == pytest.approx(20 * 0.021e-3)
    assert found.pauses.longest is not None
    assert found.pauses.longest.low == pytest.approx(0.020e-3)


def test_a_collection_after_two_minutes_below_its_goal_is_periodic() -> None:
    text = (
        line(1, 1.0) + line(2, 122.0, start=21, end=21, live=20) + line(3, 123.0, start=40) + line(4, 250, forced=True)
    )
    found = story_of_log(text.encode())
    assert (found.cycles.periodic, found.cycles.forced) == (1, 1)


def test_a_goal_passed_surely_is_an_overshoot() -> None:
    found = story_of_log((line(1, 0.1, end=41, goal=40) + line(2, 0.2, end=48, goal=40)).encode())
    assert found.heap is not None
    assert found.heap.overshoots == 2
    worst = found.heap.worst_overshoot
    assert worst is not None
    assert (worst.low, worst.high) == (7 << 20, 9 << 20)


def test_cycles_that_lack_and_other_programs_are_told() -> None:
    text = line(1, 0.1) + line(2, 0.2) + line(1, 0.1) + line(2, 0.3) + line(5, 0.5)
    found = story_of_log(text.encode())
    assert (found.cycles.total, found.cycles.missing) == (3, 2)
    assert any("begin anew" in note for note in found.notes)
    assert story_of_log(text.encode(), program=1).cycles.total == 2
    with pytest.raises(BadInput, match="no number 3"):
        story_of_log(text.encode(), program=3)


def test_logs_without_times_are_told_by_their_order() -> None:
    found = story_of_files([OLD])
    assert not found.timed
    assert found.cycles.total == 30
    assert found.stretches == ()
    assert "stopped the program for 57.5 ms" in found.sentence


def test_a_story_survives_json_without_a_number_that_is_none() -> None:
    found = story_of_files([LIMIT_LOG])
    text = msgspec.json.encode(found)
    assert json.loads(text)["schema"] == "whence.profile-gc/1"
    assert b"NaN" not in text
    assert msgspec.json.decode(text, type=GCStory) == found


def test_long_runs_are_drawn_with_few_points_and_told_whole() -> None:
    found = story_of_log("".join(line(n + 1, n / 10) for n in range(7000)).encode())
    assert found.cycles.total == sum(point.cycles for point in found.points) == 7000
    assert len(found.points) <= 2000


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"hello\n", "no line of a collection"), (b'{"/gc/heap/goal:bytes": 1}', "no count of collections")],
)
def test_what_tells_no_story_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        story_of_files([path])
    with pytest.raises(BadInput, match="cannot be read"):
        story_of_files([tmp_path / "absent"])


def test_snapshots_of_two_processes_are_refused() -> None:
    snaps = metrics_json.read(b'[{"t": 1, "/gc/cycles/total:gc-cycles": 9}, {"t": 2, "/gc/cycles/total:gc-cycles": 3}]')
    with pytest.raises(BadInput, match="different processes"):
        story(snaps)


def test_snapshots_without_collections_say_so() -> None:
    snaps = metrics_json.read(b'[{"t": 1, "/gc/cycles/total:gc-cycles": 9}, {"t": 4, "/gc/cycles/total:gc-cycles": 9}]')
    assert story(snaps).sentence == "The collector did not run in 3.0 s."
