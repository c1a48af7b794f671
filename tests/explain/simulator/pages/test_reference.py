"""The kernels do on random input what the plain Python of `reference` does."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explain.simulator.pages.reference import ReferencePages, ReferenceSpans

from whence.explain.simulator.pages import kernels_chunk as chunk_of
from whence.explain.simulator.pages import kernels_older as older
from whence.explain.simulator.pages import kernels_pages as allocator
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.recorded import fresh_heap

CHUNKS = 12


def bits_of(word: int, base: int) -> list[int]:
    return [base + bit for bit in range(64) if word >> bit & 1]


def assert_summaries(pages, reference: ReferencePages) -> None:
    """Every level of summaries says what the pages below it are."""
    covers = at.CHUNK_PAGES
    padded = ReferencePages(0)
    padded.used = reference.used + [True] * (at.TOP_COVERS_CHUNKS * at.CHUNK_PAGES - len(reference.used))
    for level in range(at.LEVELS - 1, -1, -1):
        base = pages.state[at.LEVEL_BASE + level]
        for entry in range(min(3, at.TOP_COVERS_CHUNKS * at.CHUNK_PAGES // covers)):
            summary = pages.summaries[base + entry]
            got = (chunk_of.start_of(summary), chunk_of.longest_of(summary), chunk_of.end_of(summary))
            assert got == padded.summary(entry * covers, covers), (level, entry)
        covers *= 8


@pytest.mark.parametrize("seed", range(4))
def test_the_page_allocator_is_first_fit_by_address(seed: int) -> None:
    generator = np.random.default_rng(seed)
    pages, reference = fresh_heap(CHUNKS, at.BY_DENSITY), ReferencePages(CHUNKS)
    caches = np.zeros((1, 3), np.uint64)
    live: list[tuple[int, int]] = []
    for _ in range(600):
        if live and generator.random() < 0.45:
            page, count = live.pop(generator.integers(len(live)))
            allocator.free(pages, allocator.INDEX_DENSITY, page, count)
            reference.free(page, count)
        elif generator.random() < 0.1:
            allocator.fill_cache(pages, allocator.INDEX_DENSITY, caches, 0)
            base, free, scavenged = reference.fill_cache()
            assert int(caches[0, 0]) == base
            assert bits_of(int(caches[0, 1]), base) == free
            assert [page for page in bits_of(int(caches[0, 2]), base) if page in free] == scavenged
            live += [(page, 1) for page in free]
        else:
            count = int(generator.choice([1, 2, 5, 17, 64, 65, 300, 700, 1400]))
            got = allocator.alloc(pages, allocator.INDEX_DENSITY, count)
            assert got == reference.alloc(count)
            if got[0] >= 0:
                live.append((got[0], count))
    assert_summaries(pages, reference)


@pytest.mark.parametrize("seed", range(20))
def test_summaries_of_random_chunks(seed: int) -> None:
    generator = np.random.default_rng(seed)
    reference = ReferencePages(1)
    reference.used = (np.repeat(generator.random(64) < 0.5, 8) & (generator.random(512) < 0.97)).tolist()
    bits = np.packbits(np.array(reference.used), bitorder="little").view(np.uint64)
    summary = chunk_of.summarize(bits, 0)
    got = (chunk_of.start_of(summary), chunk_of.longest_of(summary), chunk_of.end_of(summary))
    assert got == reference.summary(0, 512)


@pytest.mark.parametrize(
    ("placement", "name"),
    [
        (at.LISTS, "lists"),
        (at.LISTS_AND_TREAP, "lists"),
        (at.TWO_TREAPS, "two-treaps"),
        (at.ADDRESS_TREAP, "address"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_older_heaps_place_spans_by_the_rule_of_their_era(placement: int, name: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    heap = older.new_older_heap(placement=placement, capacity_bytes=1 << 29)
    reference = ReferenceSpans(name, int(heap.rules[older.LIST_COUNT]))
    live: list[tuple[int, int]] = []
    end = 0
    for now in range(800):
        roll = generator.random()
        if live and roll < 0.45:
            page, count = live.pop(generator.integers(len(live)))
            assert older.free_older(heap, page, False, now) == count
            reference.add(page, count, 0)
        elif roll < 0.47 and placement >= at.TWO_TREAPS:
            older.scavenge_idle(heap, now, 300)
            reference.free = [span for span in reference.free if span[2]]
            spans = {page: int(heap.length[page]) for page in range(end) if heap.length[page] > 0}
            reference.free = [[page, n, int(heap.released[page]), now] for page, n in spans.items()]
        else:
            count = int(generator.choice([1, 2, 3, 8, 30, 130, 131, 200, 500]))
            want = reference.alloc(count)
            got = older.allocate_older(heap, count, False, now)[0]
            if want < 0:
                grown = int(heap.rules[older.END_PAGE]) - end
                reference.add(end, grown, 0)
                want = reference.alloc(count)
            end = int(heap.rules[older.END_PAGE])
            assert got == want
            live.append((got, count))
    account = heap.heap
    held = account[at.IN_USE_BYTES] + account[at.FREE_BYTES] + account[at.RELEASED_BYTES]
    assert held == end * at.PAGE_BYTES
    assert account[at.IN_USE_BYTES] == sum(count for _, count in live) * at.PAGE_BYTES
