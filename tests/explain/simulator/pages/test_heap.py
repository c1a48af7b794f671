"""The heap around the page allocator: arenas, accounts, caches, and what stays with the process."""

from __future__ import annotations

import numpy as np
import pytest

from whence.explain.simulator.pages import kernels_heap as heap_of
from whence.explain.simulator.pages import kernels_pages as allocator
from whence.explain.simulator.pages import kernels_residency as residency
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.for_release import heap_of_release
from whence.explain.simulator.pages.state import Heap
from whence.golang.versions import parse_version

MIB = 1 << 20
BLOCK = at.HUGE_PAGE_PAGES


def heap_for(version: str, **settings: int) -> Heap:
    return heap_of_release(parse_version(version), **settings)


@pytest.mark.parametrize("version", ["1.14.15", "1.16.15", "1.18.10", "1.20.14", "1.21.0", "1.27.4"])
def test_every_page_is_accounted_for_once(version: str) -> None:
    generator = np.random.default_rng(11)
    heap = heap_for(version, processors=3, memory_limit=96 * MIB)
    live: list[tuple[int, int, bool]] = []
    for number in range(3000):
        if live and generator.random() < 0.48:
            page, count, manual = live.pop(generator.integers(len(live)))
            heap_of.free_span(heap, page, count, manual)
        else:
            count, manual = int(generator.choice([1, 1, 2, 4, 10, 40, 300])), bool(generator.random() < 0.2)
            page = heap_of.allocate_span(heap, int(generator.integers(3)), count, manual)[0]
            assert page >= 0
            live.append((page, count, manual))
        if number % 700 == 0:
            heap_of.flush_processor(heap, int(generator.integers(3)))
            heap_of.mark_finished(heap)
            heap_of.sweep_finished(heap)
            heap_of.release(heap, 2 * MIB, False)
    account, pages = heap.heap, heap.pages
    for processor in range(3):
        heap_of.flush_processor(heap, processor)
    words = pages.bits[: pages.state[at.END] * at.STRIDE].reshape(-1, 2, at.WORDS_PER_CHUNK)
    used, scavenged = (int(np.bitwise_count(words[:, side]).sum()) * at.PAGE_BYTES for side in (0, 1))
    assert used == sum(count for _, count, _ in live) * at.PAGE_BYTES
    assert used == account[at.IN_USE_BYTES] + account[at.MANUAL_BYTES]
    assert scavenged == account[at.RELEASED_BYTES]
    total = pages.state[at.TOTAL_CHUNKS] * at.CHUNK_BYTES
    assert total == used + account[at.FREE_BYTES] + account[at.RELEASED_BYTES]
    taken = {page for first, count, _ in live for page in range(first, first + count)}
    assert len(taken) * at.PAGE_BYTES == used


def test_the_heap_grows_by_whole_chunks_within_arenas_that_follow_each_other() -> None:
    heap = heap_for("1.27.4")
    assert heap_of.allocate_span(heap, 0, 1, False)[0] == 0
    assert heap.pages.state[at.END] == 1
    # What is left of the first chunk, and two pages of the second. No cache was there to be filled.
    assert heap_of.allocate_span(heap, 0, 513, False)[0] == 1
    assert heap.heap[at.CURRENT_END] == at.ARENA_PAGES
    assert heap_of.allocate_span(heap, 0, 3 * at.ARENA_PAGES, False)[0] >= 0
    assert heap.heap[at.NEXT_ARENA] % at.ARENA_PAGES == 0


def test_small_spans_come_from_the_cache_of_the_processor() -> None:
    heap = heap_for("1.27.4", processors=2)
    first = [heap_of.allocate_span(heap, 0, 1, False)[0] for _ in range(3)]
    other = heap_of.allocate_span(heap, 1, 1, False)[0]
    assert first == [0, 1, 2]
    assert other == 64
    assert heap_of.allocate_span(heap, 0, 16, False)[0] == 128


def test_a_random_base_moves_everything_by_its_chunk_and_padding() -> None:
    heap = heap_for("1.27.4")
    heap.heap[at.FIRST_CHUNK], heap.heap[at.PADDING_PAGES] = 5, 100
    assert heap_of.allocate_span(heap, 0, 1, False)[0] == 5 * at.CHUNK_PAGES + 100


def test_pages_are_held_from_their_first_write_until_they_are_given_back() -> None:
    heap = heap_for("1.27.4")
    page = heap_of.allocate_span(heap, 0, 300, False)[0]
    assert residency.touch(heap.pages, page, 200) == 200
    assert residency.touch(heap.pages, page + 100, 200) == 100
    heap_of.free_span(heap, page, 300, False)
    assert heap.pages.state[at.TOUCHED_PAGES] == 300
    heap_of.free_os_memory(heap)
    assert heap.pages.state[at.TOUCHED_PAGES] == 0


def test_lazily_freed_pages_stay_until_the_system_takes_them() -> None:
    heap = heap_for("1.15.15")
    page = heap_of.allocate_span(heap, 0, 300, False)[0]
    residency.touch(heap.pages, page, 300)
    heap_of.free_span(heap, page, 300, False)
    heap_of.free_os_memory(heap)
    assert heap.pages.state[at.TOUCHED_PAGES] == 300
    assert residency.lazily_held(heap.pages) == 300
    assert residency.reclaim_lazily_held(heap.pages, 1 << 40) == 300
    assert heap.pages.state[at.TOUCHED_PAGES] == 0


@pytest.mark.parametrize(("version", "held"), [("1.20.14", 1), ("1.21.0", BLOCK), ("1.21.1", 1), ("1.21.4", 1)])
def test_new_heap_is_made_of_huge_pages_in_1_21_0_only(version: str, held: int) -> None:
    heap = heap_for(version)
    page = heap_of.allocate_span(heap, 0, 1, False)[0]
    assert residency.touch(heap.pages, page, 1) == held


@pytest.mark.parametrize(
    ("version", "held", "collapses"), [("1.21.0", 0, 0), ("1.21.1", 512, 1), ("1.21.3", 512, 1), ("1.21.4", 0, 0)]
)
def test_a_chunk_that_becomes_dense_again_is_collapsed_in_1_21_1_to_1_21_3(
    version: str, held: int, collapses: int
) -> None:
    heap = heap_for(version)
    page = heap_of.allocate_span(heap, -1, 400, False)[0]
    heap_of.free_os_memory(heap)
    heap_of.free_span(heap, page, 400, False)
    heap_of.free_os_memory(heap)
    for _ in range(2):
        heap_of.allocate_span(heap, -1, 250, False)
    assert heap.pages.state[at.COLLAPSES] == collapses
    assert heap.pages.state[at.TOUCHED_PAGES] == held


def test_up_to_1_20_a_partly_released_huge_page_is_broken_up_and_wanted_again_on_reuse() -> None:
    heap = heap_for("1.20.14")
    page = heap_of.allocate_span(heap, -1, 512, False)[0]
    heap_of.free_span(heap, page + 300, 100, False)
    heap_of.free_os_memory(heap)
    assert heap.pages.advice[:2].tolist() == [at.WANTED, at.UNWANTED]
    heap_of.free_span(heap, page, 300, False)
    heap_of.free_span(heap, page + 400, 112, False)
    heap_of.free_os_memory(heap)
    heap_of.allocate_span(heap, -1, 512, False)
    assert heap.pages.advice[:2].tolist() == [at.WANTED, at.WANTED]


def test_a_heap_beyond_its_capacity_says_so() -> None:
    heap = heap_for("1.27.4", capacity_bytes=1 << 34)
    with pytest.raises(MemoryError, match="capacity"):
        heap_of.allocate_span(heap, 0, (1 << 35) // at.PAGE_BYTES, False)


def test_a_heap_of_64_gib_has_room() -> None:
    heap = heap_for("1.27.4")
    count = (63 << 30) // at.PAGE_BYTES
    assert heap_of.allocate_span(heap, 0, count, False)[0] == 0
    heap_of.free_span(heap, 0, count, False)
    assert allocator.find(heap.pages, count)[0] == 0
