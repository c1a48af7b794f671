"""Plays recorded streams through the allocator of a release, from the heap they began with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whence.explain.simulator.allocator import kernels_replay, kernels_spans
from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.kernels_allocate import load_cache
from whence.explain.simulator.allocator.state import Allocator, new_allocator
from whence.explain.simulator.inputs import recording as stream
from whence.explain.simulator.inputs.recording import Recording
from whence.explain.simulator.pages import kernels_heap, kernels_pages, kernels_scavenge
from whence.explain.simulator.pages import layout as pages_at
from whence.explain.simulator.pages.state import Heap, new_heap
from whence.explain.simulator.versions.allocators import span_classes
from whence.explain.simulator.versions.page_heaps import page_heap_row
from whence.golang.versions import parse_version


class Replayed(NamedTuple):
    """Where the simulation put things."""

    object_word: NDArray[np.int64]
    """Address of each allocation that took a slot, in words of 8 bytes from the base of the first arena."""
    taken_page: NDArray[np.int64]
    """First page of each run of pages without objects."""
    counts: NDArray[np.int64]
    """See `kernels_replay`."""
    allocator: Allocator


STANDARD_FILES_BYTES = 4 * 96
"""Standard input, output, error and the trace's own file have finalizers; their structures (os.file) take 96 bytes."""
NO_TRIGGER = 1 << 62
MINIMUM_HEAP = 4 << 20
FAR_BYTES = 1 << 16
NEAR_BYTES = 512
"""By how much the simulated heap may differ from the real one, in the first pass and later."""


def replay(recording: Recording, *, capacity_bytes: int = 8 << 30, passes: int = 40) -> Replayed:
    """Plays a recording through the allocator of the release that it was recorded with.

    How fast allocations have to sweep depends on where the next collection will begin. That is where the recording
    begins it; how large the heap is there is what a first pass finds, but for the last span. Which paces agree with
    the moments at which deaths were seen is what further passes find.
    """
    ends = int((recording.kind == stream.COLLECTION_END).sum())
    triggers, paces = np.full(ends + 1, NO_TRIGGER, np.int64), np.zeros(ends + 1)
    played = _play(recording, triggers, paces, capacity_bytes)
    following = _following_begins(recording)
    for number in range(1, passes):
        before, begun_at = np.where(following >= 0, played.live_at_begin[following].T, NO_TRIGGER)
        near = FAR_BYTES if number == 1 else NEAR_BYTES
        known, triggers = _triggers(recording.goal_bytes, played.marked, before, begun_at, near)
        low, high = played.bounds.T
        # While a pace is wrong its bounds may contradict each other; between them is a better one all the same.
        bounded = (low > 0) & np.isfinite(high) & ~known
        agreeing = np.where(bounded, (low + high) / 2, np.where(known, 0.0, paces))
        if number > 2 and (agreeing == paces).all():
            break
        paces = agreeing
        played = _play(recording, triggers, paces, capacity_bytes)
    return played.replayed


class _Played(NamedTuple):
    replayed: Replayed
    live_at_begin: NDArray[np.int64]
    marked: NDArray[np.int64]
    bounds: NDArray[np.float64]


def _triggers(
    goals: NDArray[np.int64],
    marked: NDArray[np.int64],
    before: NDArray[np.int64],
    begun_at: NDArray[np.int64],
    near_bytes: int,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Returns (whether it is known exactly, the trigger) of what follows each collection (gcController.trigger).

    The lowest and the highest trigger that a goal allows are known numbers; between them it depends on the speed of
    marking, and the heap at the collection's beginning is the best that is known. A trigger lies between that and the
    heap at the refill before it, give or take `near_bytes`.
    """
    goal = np.append(goals, 0)
    distance = (goal - marked) >> 6
    lowest, highest = marked + 45 * distance, marked + 61 * distance
    highest = np.maximum(np.where(goal > MINIMUM_HEAP, np.maximum(highest, goal - MINIMUM_HEAP), highest), lowest)
    # Where the recording ends before the next collection, it would have begun as far from its goal as the one before.
    runway = np.append(0, (goal - begun_at)[:-1])
    guess = np.clip(goal - runway, lowest, highest)
    triggers = np.where((begun_at == NO_TRIGGER) & (goal > 0), guess, begun_at)
    known = np.zeros(len(triggers), np.bool_)
    for bound in (highest, lowest):
        near = (goal > 0) & (bound <= begun_at + near_bytes) & (bound > before - near_bytes)
        triggers[near] = bound[near]
        known |= near
    return known, triggers


def _following_begins(recording: Recording) -> NDArray[np.int64]:
    """Returns for each end of a collection which beginning comes next, -1 for none."""
    begins = np.flatnonzero(recording.kind == stream.COLLECTION_BEGIN)
    ends = np.flatnonzero(recording.kind == stream.COLLECTION_END)
    following = np.searchsorted(begins, ends)
    return np.append(np.where(following < len(begins), following, -1), -1)


def _play(
    recording: Recording, triggers: NDArray[np.int64], paces: NDArray[np.float64], capacity_bytes: int
) -> _Played:
    allocator, objects, runs = restore(recording, capacity_bytes=capacity_bytes)
    kind = recording.kind
    ends = np.flatnonzero(kind == stream.COLLECTION_END)
    deaths = np.concatenate([[0], np.cumsum(kind == stream.DIE)])
    died_until = np.append(deaths[ends], deaths[-1])
    words = np.zeros(int(((kind == stream.ALLOCATE) | (kind == stream.LATE)).sum()), np.int64)
    taken_page = np.zeros(len(recording.taken_pages), np.int64)
    counts = np.zeros(kernels_replay.COUNTS, np.int64)
    counts[kernels_replay.FIRST_DOUBT] = -1
    live_at_begin = np.zeros((int((kind == stream.COLLECTION_BEGIN).sum()) + 1, 2), np.int64)
    marked = np.zeros(len(triggers), np.int64)
    bounds = np.tile([0.0, np.inf], (len(triggers), 1))
    initial = recording.snapshot
    next_handles = np.array([len(initial.object_word), 0, (initial.span_class < 0).sum(), 0], np.int64)
    kernels_replay.replay(
        allocator,
        kind,
        recording.processor,
        recording.shape,
        recording.shapes.span_class,
        recording.shapes.pages,
        recording.died,
        died_until,
        recording.late,
        np.zeros((int((kind == stream.EARLY).sum()) + 1, 2), np.int64),
        recording.taken_pages,
        recording.given,
        objects,
        np.zeros(recording.handles + 1, np.int64),
        runs[0],
        runs[1],
        np.zeros(recording.page_handles + 1, np.int64),
        next_handles,
        words,
        taken_page,
        triggers,
        paces,
        bounds,
        live_at_begin,
        marked,
        counts,
    )
    return _Played(Replayed(words, taken_page, counts, allocator), live_at_begin, marked, bounds)


def restore(
    recording: Recording, *, capacity_bytes: int = 8 << 30
) -> tuple[Allocator, NDArray[np.int64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Returns the allocator as a recording found it, slots of objects by handle, and (first page, pages) of runs.

    The youngest span of a class that has room is taken to be the one that the first processor allocates from, and its
    page cache to hold the lowest block of 64 pages with free ones, if it does: so it is until the first collection.
    """
    version = parse_version(recording.go_version)
    processors = 1 + (int(recording.processor.max()) if len(recording.processor) else 0)
    heap = _heap(recording, processors, capacity_bytes)
    allocator = new_allocator(heap, span_classes(version), processors=processors, capacity_bytes=capacity_bytes)
    allocator.state[at.MARKED_TWICE_BYTES] = STANDARD_FILES_BYTES
    initial = recording.snapshot
    objects = np.zeros(recording.handles + 1, np.int64)
    index = kernels_scavenge.index_of(heap.heap[pages_at.SCAVENGE_BY])
    runs = np.zeros(recording.page_handles + 1, np.int64), np.zeros(recording.page_handles + 1, np.int64)
    run = 0
    spans = []
    for page, pages, span_class in zip(initial.page, initial.pages, initial.span_class, strict=True):
        fresh = kernels_pages.take(heap.pages, index, int(page), int(pages)) * pages_at.PAGE_BYTES
        size = int(pages) * pages_at.PAGE_BYTES
        heap.heap[pages_at.RELEASED_BYTES] -= fresh
        heap.heap[pages_at.FREE_BYTES] -= size - fresh
        if span_class < 0:
            runs[0][run], runs[1][run] = page, pages
            heap.heap[pages_at.MANUAL_BYTES] += size
            run += 1
            continue
        heap.heap[pages_at.IN_USE_BYTES] += size
        spans.append(kernels_spans.place_span(allocator, int(page), int(pages), int(span_class)))
    _place_objects(allocator, initial.object_word, objects)
    _link_spans(allocator, spans)
    _fill_page_cache(heap, index, initial.page[initial.pages == 1])
    return allocator, objects, runs


def _fill_page_cache(heap: Heap, index: int, single_pages: NDArray[np.int64]) -> None:
    """Gives the first processor the free pages that it must hold.

    Single pages come out of its cache only, so the lowest block of 64 with a free page is cached when it holds a span
    of one page, and nothing is when it does not.
    """
    kernels_pages.fill_cache(heap.pages, index, heap.caches, 0)
    block = int(heap.caches[0, 0]) // pages_at.CACHE_PAGES
    if not (single_pages // pages_at.CACHE_PAGES == block).any():
        kernels_pages.flush_cache(heap.pages, index, heap.caches, 0)


def _heap(recording: Recording, processors: int, capacity_bytes: int) -> Heap:
    row = page_heap_row(parse_version(recording.go_version))
    chunk, padding = divmod(recording.first_page, pages_at.CHUNK_PAGES) if row.random_base else (0, 0)
    heap = new_heap(
        scavenge_by=row.scavenge_by,
        growth_rule=row.growth_rule,
        huge_rule=row.huge_rule,
        lazy=row.lazy,
        processors=processors,
        capacity_bytes=capacity_bytes,
        first_chunk=chunk,
        padding_pages=padding,
    )
    ends = recording.snapshot.page + recording.snapshot.pages
    while heap.heap[pages_at.CURRENT_BASE] < ends.max(initial=1):
        kernels_heap.grow_heap(heap, 1)
    return heap


def _place_objects(allocator: Allocator, words: NDArray[np.int64], objects: NDArray[np.int64]) -> None:
    for handle, word in enumerate(words.tolist()):
        page = word >> 10
        while not allocator.span_of_page[page]:
            page -= 1
        row = allocator.spans[allocator.span_of_page[page] - 1]
        slot = (word - int(row[at.PAGE]) * at.PAGE_WORDS) * at.WORD_BYTES // int(row[at.SLOT_BYTES])
        place, bit = int(row[at.BITS]) + 2 * (slot >> 6), slot & 63
        allocator.bits[place] |= np.array(1 << bit, np.uint64).astype(np.int64)
        row[at.USED] += 1
        allocator.state[at.ALLOCATED_BYTES] += row[at.SLOT_BYTES]
        objects[handle] = place * 64 + bit


def _link_spans(allocator: Allocator, spans: list[int]) -> None:
    """Puts each span into a list of its class; the youngest with room, or else the youngest, into the cache."""
    by_class: dict[int, list[int]] = {}
    for span in spans:
        by_class.setdefault(int(allocator.spans[span, at.SPAN_CLASS]), []).append(span)
    state = allocator.state
    state[at.HEAP_LIVE] = state[at.ALLOCATED_BYTES]
    for span_class, members in by_class.items():
        roomy = [span for span in members if allocator.spans[span, at.USED] < allocator.spans[span, at.SLOTS]]
        cached = (roomy or members)[-1] if span_class > 1 else -1
        for span in members:
            row = allocator.spans[span]
            if span == cached:
                load_cache(allocator, allocator.caches[span_class], span)
                state[at.HEAP_LIVE] += row[at.PAGES] * pages_at.PAGE_BYTES - row[at.USED] * row[at.SLOT_BYTES]
            else:
                kind = at.PARTIAL if span in roomy else at.FULL
                queue = kernels_spans.swept_list(state[at.GENERATION], span_class, kind)
                kernels_spans.push(allocator.queues, allocator.spans, queue, span)
