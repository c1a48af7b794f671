"""The tables of the runtime's own tests (mpagealloc, mpagecache, mpallocbits and mgcscavenge, as data) hold here too.

`python -m bench.page_oracle.tables` writes the data from a release's test files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whence.explain.simulator.pages import kernels_chunk as chunk_of
from whence.explain.simulator.pages import kernels_pages as allocator
from whence.explain.simulator.pages import kernels_scavenge as scavenger
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.state import Pages, new_pages

TABLES: dict[str, Any] = json.loads((Path(__file__).parent / "tables.json").read_text())
BASE_CHUNK = 0xC000 + (1 << 47) // at.CHUNK_BYTES
BASE_ADDRESS = 0xC000 * at.CHUNK_BYTES
INDEX = allocator.INDEX_DENSITY


def cases(test: str) -> list[Any]:
    return [pytest.param(case, id=name) for name, case in TABLES[test].items()]


def page_of(address: int) -> int:
    return (address - BASE_ADDRESS) // at.PAGE_BYTES


def heap_from(alloc: dict[str, Any], scavenged: dict[str, Any] | None = None, chunks: int = 4096) -> Pages:
    """Returns a heap with these ranges allocated and scavenged, as NewPageAlloc of the runtime's tests makes one."""
    numbers = sorted(int(key) - BASE_CHUNK for key in alloc)
    pages = new_pages(max(chunks, max(numbers) + 1) * at.CHUNK_BYTES)
    for number in numbers:
        base = number * at.STRIDE
        allocator.grow(pages, number * at.CHUNK_PAGES, at.CHUNK_PAGES)
        chunk_of.clear_range(pages.bits, base + at.WORDS_PER_CHUNK, 0, at.CHUNK_PAGES)
        allocator.index_alloc(pages, number, at.CHUNK_PAGES)
        allocator.index_free(pages, number, 0, at.CHUNK_PAGES)
        for piece in (scavenged or {}).get(str(number + BASE_CHUNK), []):
            chunk_of.set_range(pages.bits, base + at.WORDS_PER_CHUNK, piece["I"], piece["N"])
        for piece in alloc[str(number + BASE_CHUNK)]:
            if piece["N"]:
                chunk_of.take_range(pages.bits, base, piece["I"], piece["N"])
                allocator.index_alloc(pages, number, piece["N"])
        allocator.renew_chunk(pages, number)
    return pages


def assert_same_bits(pages: Pages, alloc: dict[str, Any], scavenged: dict[str, Any] | None) -> None:
    want = heap_from(alloc, scavenged)
    for key in alloc:
        first = (int(key) - BASE_CHUNK) * at.STRIDE
        assert pages.bits[first : first + at.STRIDE].tolist() == want.bits[first : first + at.STRIDE].tolist(), key


def chunk_bits(alloc: list[dict[str, int]], scavenged: list[dict[str, int]] | None = None) -> np.ndarray:
    bits = np.zeros(at.STRIDE, np.uint64)
    for piece in alloc:
        chunk_of.set_range(bits, 0, piece["I"], piece["N"])
    for piece in scavenged or []:
        chunk_of.set_range(bits, at.WORDS_PER_CHUNK, piece["I"], piece["N"])
    return bits


def test_the_tables_are_all_there() -> None:
    sizes = {name: len(TABLES[name]) for name in ("TestPageAllocAlloc", "TestPageAllocFree", "TestPageAllocGrow")}
    assert sizes == {"TestPageAllocAlloc": 19, "TestPageAllocFree": 13, "TestPageAllocGrow": 8}
    assert len(TABLES["TestPallocDataFindScavengeCandidate"]) > 80


@pytest.mark.parametrize("case", cases("TestPageAllocGrow"))
def test_growth_joins_neighbouring_chunks(case: dict[str, Any]) -> None:
    pages = heap_from({str(number): [] for number in case["chunks"]})
    want = [(page_of(r["addrRange"]["base"]["a"]), page_of(r["addrRange"]["limit"]["a"])) for r in case["inUse"]]
    count = pages.state[at.RANGES]
    got = pages.ranges[: 2 * count].reshape(-1, 2) * at.CHUNK_PAGES
    assert [tuple(pair) for pair in got.tolist()] == want


@pytest.mark.parametrize("case", cases("TestPageAllocAlloc"))
def test_allocations_go_where_the_runtime_puts_them(case: dict[str, Any]) -> None:
    pages = heap_from(case["before"], case["scav"])
    for hit in case["hits"]:
        want = page_of(hit["base"]) if hit["base"] else -1
        assert allocator.alloc(pages, INDEX, hit["npages"]) == (want, hit["scav"] // at.PAGE_BYTES)
    assert_same_bits(pages, case["after"], case.get("scav"))


@pytest.mark.parametrize("case", cases("TestPageAllocFree"))
def test_frees_leave_the_same_bits(case: dict[str, Any]) -> None:
    pages = heap_from(case["before"])
    for address in case["frees"]:
        allocator.free(pages, INDEX, page_of(address), case["npages"])
    assert_same_bits(pages, case["after"], case.get("scav"))


@pytest.mark.parametrize("case", cases("TestPageAllocAllocAndFree"))
def test_allocating_again_what_was_freed(case: dict[str, Any]) -> None:
    pages = heap_from(case["init"])
    for hit in case["hits"]:
        if hit["alloc"]:
            assert allocator.alloc(pages, INDEX, hit["npages"])[0] == page_of(hit["base"])
        else:
            allocator.free(pages, INDEX, page_of(hit["base"]), hit["npages"])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 16, 64, 1024, 1025, 2048, 2049])
def test_a_heap_is_used_up_by_pieces_of_one_size(count: int) -> None:
    pages = heap_from({str(BASE_CHUNK + number): [] for number in range(4)})
    for number in range(4 * at.CHUNK_PAGES // count):
        assert allocator.alloc(pages, INDEX, count)[0] == number * count
    assert allocator.alloc(pages, INDEX, count)[0] == -1


@pytest.mark.parametrize("case", cases("TestPageCacheAlloc"))
def test_page_caches_give_the_lowest_run(case: dict[str, Any]) -> None:
    cache = case["cache"]
    base = page_of(cache["base"])
    caches = np.array([[base, cache["cache"], cache["scav"]]], np.uint64)
    for hit in case["hits"]:
        want = page_of(hit["base"]) if hit["base"] else -1
        # Longer requests never reach a cache of 64 pages.
        if hit["npages"] <= at.CACHE_PAGES:
            assert allocator.alloc_from_cache(caches, 0, hit["npages"]) == (want, hit["scav"] // at.PAGE_BYTES)


@pytest.mark.parametrize("case", cases("TestPageAllocAllocToCache"))
def test_page_caches_are_filled_from_the_lowest_block(case: dict[str, Any]) -> None:
    pages = heap_from(case["beforeAlloc"], case["beforeScav"])
    caches = np.zeros((1, 3), np.uint64)
    for hit in case["hits"]:
        allocator.fill_cache(pages, INDEX, caches, 0)
        base = page_of(hit["base"]) if hit["base"] else 0
        assert caches[0].tolist() == [base, hit["cache"], hit["scav"]]
    assert_same_bits(pages, case["afterAlloc"], case["afterScav"])


@pytest.mark.parametrize("case", cases("TestPallocBitsSummarize"))
def test_summaries_of_a_chunk(case: dict[str, Any]) -> None:
    bits = ~chunk_bits(case["free"])
    assert [int(chunk_of.summarize(bits, 0))] == case["hits"]


@pytest.mark.parametrize("case", cases("TestPallocBitsAlloc"))
def test_finding_pages_in_a_chunk(case: dict[str, Any]) -> None:
    bits = chunk_bits(case["before"])
    for hit in case["hits"]:
        page = chunk_of.find_in_chunk(bits, 0, case["npages"], 0)[0]
        assert page == (-1 if hit == (1 << 64) - 1 else hit)
        if page >= 0:
            chunk_of.set_range(bits, 0, page, case["npages"])
    assert bits.tolist() == chunk_bits(case["after"]).tolist()


@pytest.mark.parametrize("case", cases("TestPallocBitsFree"))
def test_freeing_pages_in_a_chunk(case: dict[str, Any]) -> None:
    bits = chunk_bits(case["beforeInv"])
    bits[: at.WORDS_PER_CHUNK] = ~bits[: at.WORDS_PER_CHUNK]
    for page in case["frees"]:
        chunk_of.clear_range(bits, 0, page, case["npages"])
    want = chunk_bits(case["afterInv"])
    assert (~bits[: at.WORDS_PER_CHUNK]).tolist() == want[: at.WORDS_PER_CHUNK].tolist()


@pytest.mark.parametrize("case", cases("TestMallocBitsPopcntRange"))
def test_counting_pages_in_a_range(case: dict[str, Any]) -> None:
    bits = chunk_bits(case["init"])
    for hit in case["tests"]:
        assert chunk_of.count_range(bits, 0, hit["i"], hit["n"]) == hit["want"]


def test_finding_runs_in_a_word() -> None:
    for _, (word, count, want) in TABLES["TestFindBitRange64"]:
        got = chunk_of.find_in_word(np.uint64(word), count)
        assert got == (want if want < 64 else 64), (hex(word), count)


@pytest.mark.parametrize("case", cases("TestPallocDataFindScavengeCandidate"))
def test_candidates_for_scavenging(case: dict[str, Any]) -> None:
    bits = chunk_bits(case["alloc"], case["scavenged"])
    least, most = case["min"], case["max"]
    got = scavenger.find_candidate(bits, 0, at.CHUNK_PAGES - 1, least, most, at.HUGE_PAGE_PAGES)
    want = (case["want"]["I"], case["want"]["N"])
    assert got == want or (got[1] == 0 and want[1] == 0)


@pytest.mark.parametrize("case", cases("TestPageAllocScavenge"))
def test_scavenging_a_heap(case: dict[str, Any]) -> None:
    pages = heap_from(case["beforeAlloc"], case["beforeScav"])
    for hit in case["expect"]:
        wanted = min(hit["request"], scavenger.EVERYTHING)
        assert scavenger.scavenge(pages, at.BY_DENSITY, wanted, True) * at.PAGE_BYTES == hit["expect"]
    assert_same_bits(pages, case["beforeAlloc"], case["afterScav"])


def each_chunk(base: int, limit: int) -> list[tuple[int, int, int]]:
    """Returns (chunk, first page, pages) for each chunk of a range of pages."""
    pieces = []
    while base < limit:
        step = min(limit - base, at.CHUNK_PAGES - base % at.CHUNK_PAGES)
        pieces.append((base // at.CHUNK_PAGES, base % at.CHUNK_PAGES, step))
        base += step
    return pieces


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        pytest.param(name, calls, id=name[18:])
        for name, calls in TABLES.items()
        if name.startswith("TestScavengeIndex/")
    ],
)
def test_the_density_index_finds_what_the_runtimes_finds(name: str, calls: list[Any]) -> None:
    forced = "/Force/" in name
    pages = new_pages(4096 * at.CHUNK_BYTES)
    pages.state[at.START], pages.state[at.END] = 0, 64
    for chunk in range(64):
        allocator.index_alloc(pages, chunk, at.CHUNK_PAGES)
    scavenger.next_generation(pages)
    for chunk in range(64):
        allocator.index_free(pages, chunk, 0, at.CHUNK_PAGES)
        pages.chunks[chunk * at.CHUNK_FIELDS + at.FLAGS] &= ~at.HAS_FREE
    pages.state[[at.CURSOR_BACKGROUND, at.CURSOR_FORCED]] = 0
    pages.state[at.FREE_HIGH] = -1
    for what, values in calls:
        if what == "generation":
            scavenger.next_generation(pages)
        elif what == "mark":
            pieces = each_chunk(page_of(values[0]), page_of(values[1]))
            for chunk, _, count in pieces:
                allocator.index_alloc(pages, chunk, count)
            for chunk, first, count in pieces:
                allocator.index_free(pages, chunk, first, count)
        else:
            found = scavenger.find_indexed(pages, at.BY_DENSITY, forced)
            want = (values[0] - BASE_CHUNK, values[1]) if values[0] else (-1, 0)
            assert found == want
            if found[0] >= 0:
                pages.chunks[found[0] * at.CHUNK_FIELDS + at.FLAGS] &= ~at.HAS_FREE


@pytest.mark.parametrize("group", [1, 2, 4, 8, 16, 32, 64])
def test_filling_aligned_groups_of_bits(group: int) -> None:
    for word in np.random.default_rng(5).integers(0, 1 << 64, 200, dtype=np.uint64) & np.uint64(0x8001_0101_0011_F001):
        text = f"{int(word):064b}"
        want = "".join("1" * group if "1" in text[i : i + group] else "0" * group for i in range(0, 64, group))
        assert int(chunk_of.fill_aligned(word, group)) == int(want, 2)
