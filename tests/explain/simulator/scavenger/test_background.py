"""The scavengers of all eras at work on a heap: what goes, when, and what is left alone."""

from __future__ import annotations

import pytest

from whence.explain.simulator.pages import kernels_heap as heap_of
from whence.explain.simulator.pages import kernels_older as older
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.for_release import heap_of_release, older_heap_of_release
from whence.explain.simulator.pages.state import Heap
from whence.explain.simulator.scavenger import kernels_background as background
from whence.explain.simulator.scavenger import kernels_older as old_background
from whence.explain.simulator.scavenger import kernels_rest as rests
from whence.explain.simulator.versions.scavengers import scavenger_row
from whence.golang.versions import parse_version

MIB = 1 << 20
SECOND = 1_000_000_000
EVERYTHING = 1 << 62


def run_dry(heap: Heap, version: str, *, page_ns: float = 2_000.0) -> tuple[int, int, int]:
    """Returns (bytes given back, ns until parked, steps) of a scavenger that is woken at time 0."""
    row = scavenger_row(parse_version(version))
    rest = rests.new_rest(row.rest, min_fraction=row.min_fraction)
    now = went = steps = 0
    while True:
        released, following = background.step(heap, rest, now, page_ns, 500.0, 1, EVERYTHING)
        went += released
        steps += 1
        if following == background.NEVER:
            return went, now, steps
        now = following


def half_free(version: str, spans: int = 64, pages: int = 256) -> Heap:
    """Returns a heap of `spans` spans of 2 MiB of which every second one is free, collections begun anew."""
    heap = heap_of_release(parse_version(version))
    placed = [heap_of.allocate_span(heap, 0, pages, False)[0] for _ in range(spans)]
    for page in placed[::2]:
        heap_of.free_span(heap, page, pages, False)
    heap_of.mark_finished(heap)
    heap_of.mark_finished(heap)
    heap_of.sweep_finished(heap)
    return heap


@pytest.mark.parametrize(
    "version", ["1.14.15", "1.15.15", "1.17.13", "1.18.10", "1.19.13", "1.20.14", "1.21.13", "1.27.4"]
)
def test_the_background_stops_at_110_percent_of_what_was_in_use(version: str) -> None:
    heap = half_free(version)
    in_use = int(heap.heap[at.IN_USE_BYTES])
    background.pace(heap, scavenger_row(parse_version(version)).limit, in_use, 4 * MIB, 4 * MIB)
    went, ns, _ = run_dry(heap, version)
    retained = heap_of.retained_bytes(heap)
    goal = in_use + in_use // 10
    assert went == heap.heap[at.RELEASED_BACKGROUND]
    assert goal - 2 * MIB <= retained <= goal
    # One percent of one processor, within what the first long sleep of the controller adds.
    assert ns >= went // at.PAGE_BYTES * 2_000 * 50


@pytest.mark.parametrize("version", ["1.14.15", "1.18.10", "1.27.4"])
def test_nothing_goes_before_the_first_collection_has_ended(version: str) -> None:
    heap = half_free(version)
    background.pace(heap, 0, int(heap.heap[at.IN_USE_BYTES]), 4 * MIB, 0)
    assert run_dry(heap, version) == (0, 0, 1)


@pytest.mark.parametrize(("version", "went"), [("1.21.13", 0), ("1.22.12", 33)])
def test_the_background_works_for_the_memory_limit_from_1_22_on(version: str, went: int) -> None:
    heap = half_free(version)
    heap.heap[at.MEMORY_LIMIT] = 100 * MIB
    background.pace(heap, scavenger_row(parse_version(version)).limit, 0, 4 * MIB, 0)
    assert run_dry(heap, version)[0] // MIB in (went, went + 1)


@pytest.mark.parametrize(("version", "spared"), [("1.20.14", False), ("1.21.13", True), ("1.27.4", True)])
def test_dense_chunks_are_spared_from_1_21_on_unless_forced(version: str, spared: bool) -> None:
    heap = heap_of_release(parse_version(version))
    page = heap_of.allocate_span(heap, -1, 504, False)[0]
    heap_of.allocate_span(heap, -1, 8, False)
    heap_of.free_span(heap, page + 504, 8, False)
    heap_of.mark_finished(heap)
    assert heap_of.release(heap, MIB, False) == (0 if spared else 8 * at.PAGE_BYTES)
    assert heap_of.free_os_memory(heap) == (8 * at.PAGE_BYTES if spared else 0)


@pytest.mark.parametrize("version", ["1.18.10", "1.19.13", "1.27.4"])
def test_an_allocation_that_passes_the_memory_limit_gives_back_from_1_19_on(version: str) -> None:
    heap = half_free(version, spans=16)
    heap.heap[at.MEMORY_LIMIT] = 33 * MIB
    released = heap_of.allocate_span(heap, 0, 512, False)[2]
    # 32 MiB are held; 4 MiB of fresh pages would make 36.
    assert released == (0 if version == "1.18.10" else 4 * MIB)
    assert heap.heap[at.RELEASED_EAGERLY] == released


def test_nobody_gives_back_for_the_limit_while_the_limiter_is_on() -> None:
    heap = half_free("1.27.4", spans=16)
    heap.heap[at.MEMORY_LIMIT] = 33 * MIB
    heap.heap[at.LIMITING] = 1
    assert heap_of.allocate_span(heap, 0, 512, False)[2] == 0


@pytest.mark.parametrize("version", ["1.14.15", "1.16.15", "1.18.10", "1.24.13"])
def test_growth_above_the_goal_gives_as_much_back(version: str) -> None:
    heap = half_free(version, spans=16)
    heap.heap[at.PERCENT_GOAL] = 16 * MIB
    if version == "1.14.15":
        heap.pages.state[at.SCAVENGE_ADDRESS] = 100 * MIB
    before = heap.heap[at.FREE_BYTES]
    heap_of.allocate_span(heap, 0, 1024, False)
    assert before - heap.heap[at.FREE_BYTES] == 8 * MIB


@pytest.mark.parametrize(
    ("version", "looks_at_s", "gone_at_s"),
    [("1.1", 60, 360), ("1.3.3", 60, 360), ("1.4.3", 150, 450), ("1.11.13", 150, 450)],
)
def test_idle_spans_go_after_five_minutes(version: str, looks_at_s: int, gone_at_s: int) -> None:
    row = scavenger_row(parse_version(version))
    heap = older_heap_of_release(parse_version(version), capacity_bytes=1 << 30)
    page = older.allocate_older(heap, 300, False, 0)[0]
    older.free_older(heap, page, False, SECOND)
    now = last = 0
    looks = []
    while now < 600 * SECOND:
        went, last, now = old_background.step_tick(heap, now, last, row.tick_ns, row.idle_ns)
        looks.append((last // SECOND, went > 0))
    assert (looks_at_s, False) in looks
    assert [second for second, gone in looks if gone] == [gone_at_s]
    assert heap.heap[at.FREE_BYTES] == 0


def test_the_1_13_scavenger_follows_its_line_and_stops_at_the_goal() -> None:
    heap = older_heap_of_release(parse_version("1.13.15"), capacity_bytes=1 << 30)
    placed = [older.allocate_older(heap, 16, False, 0)[0] for _ in range(256)]
    for page in placed[::2]:
        older.free_older(heap, page, False, 0)
    in_use = int(heap.heap[at.IN_USE_BYTES])
    rest = rests.new_rest(scavenger_row(parse_version("1.13.15")).rest)
    old_background.pace_by_rate(heap, rest, 3, in_use, 4 * MIB, 4 * MIB, 0)
    goal = heap.heap[at.PERCENT_GOAL]
    now, went = 0, 0
    while now != background.NEVER:
        last = now
        released, now = old_background.step_by_rate(heap, rest, now, EVERYTHING)
        went += released
    assert heap.heap[at.IN_USE_BYTES] + heap.heap[at.FREE_BYTES] <= goal
    assert went == pytest.approx(2 * in_use - goal, abs=200_000)
    assert last == pytest.approx(went / 4096 * 1e6, rel=0.05)


def test_1_12_gives_the_largest_spans_back_when_the_heap_grows() -> None:
    heap = older_heap_of_release(parse_version("1.12.17"), capacity_bytes=1 << 30)
    placed = [older.allocate_older(heap, pages, False, 0)[0] for pages in (1000, 1, 3000, 1, 2000, 2190)]
    for page in (placed[0], placed[2]):
        older.free_older(heap, page, False, 0)
    older.allocate_older(heap, 8192, False, 0)
    # A whole arena is asked for, so everything that is free goes; nothing of the new one does.
    assert heap.heap[at.RELEASED_BYTES] == 4000 * at.PAGE_BYTES
    assert heap.heap[at.FREE_BYTES] == 0
