"""Kernels that play a recorded stream through the allocator.

Of the recording they use what a program and its collector decide: the order of events, shapes, processors, deaths and
when they were seen, when collections began and ended marking, and when runs of pages for stacks and for the
collector's own needs came and went. Which span, slot and page each thing gets is the simulation's own doing.
"""

from __future__ import annotations

import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.kernels_allocate import (
    allocate,
    allocate_large,
    begin_collection,
    flush_processor,
    next_word,
    start_sweep,
)
from whence.explain.simulator.allocator.kernels_spans import swept_list, unswept_list
from whence.explain.simulator.allocator.kernels_sweep import (
    NOTHING,
    dead_in,
    kill,
    next_to_sweep,
    sweep_one,
    unswept,
)
from whence.explain.simulator.allocator.state import Allocator
from whence.explain.simulator.inputs import recording as stream
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.kernels_heap import allocate_span, free_span

# Slots of `counts`, what a replay notes beside the slots.
MATCHED_DEATHS = 0
UNEXPLAINED_DEATHS = 1
"""Deaths seen at a moment at which the simulated sweepers had nothing more to sweep."""
OTHER_SPAN = 2
"""Sweeps that the recording places at another span."""
UNSEEN_SWEEPS = 3
"""Deaths that the simulation found where the recording has none."""
FIRST_DOUBT = 4
"""Event at which the first of these happened, -1: never."""
COUNTS = 8


@kernel
def _reclaimable(allocator: Allocator, wanted: int) -> tuple[int, int]:
    """Returns (objects that `reclaim` of that many pages would free, the first span it would free or -1)."""
    state = allocator.state
    index, credit, objects, first_span = state[at.RECLAIM_INDEX], state[at.RECLAIM_CREDIT], 0, -1
    if index < 0:
        return 0, -1
    while wanted > 0:
        if credit > 0:
            taken = min(credit, wanted)
            credit -= taken
            wanted -= taken
            continue
        if index >= state[at.RECLAIM_END]:
            break
        for page in range(index, index + at.RECLAIM_PAGES):
            span = allocator.span_of_page[page] - 1
            if span >= 0 and unswept(allocator, span):
                dead = dead_in(allocator, span)
                if dead == allocator.spans[span, at.USED]:
                    objects += dead
                    credit += allocator.spans[span, at.PAGES]
                    if first_span < 0:
                        first_span = span
        index += at.RECLAIM_PAGES
    return objects, first_span


@kernel
def _refill_frees(allocator: Allocator, span_class: int) -> tuple[int, int]:
    """Returns (objects that a refill of a class would free now, the first span in which it would or -1)."""
    if allocator.queues[swept_list(allocator, span_class, at.PARTIAL), 0] >= 0:
        return 0, -1
    budget = at.SPAN_BUDGET
    if not allocator.state[at.DRAINED]:
        span = allocator.queues[unswept_list(allocator, span_class, at.PARTIAL), 0]
        while span >= 0 and budget >= 0:
            if unswept(allocator, span):
                return dead_in(allocator, span), span
            span = allocator.spans[span, at.NEXT]
            budget -= 1
        span = allocator.queues[unswept_list(allocator, span_class, at.FULL), 0]
        while span >= 0 and budget >= 0:
            if unswept(allocator, span):
                dead = dead_in(allocator, span)
                if dead > 0:
                    return dead, span
            span = allocator.spans[span, at.NEXT]
            budget -= 1
        return _reclaimable(allocator, allocator.classes[span_class, at.CLASS_PAGES])
    return 0, -1


@kernel
def _span_of(allocator: Allocator, slot: int) -> int:
    return allocator.span_of_bits[slot >> 6]


@kernel
def _doubt(counts: np.ndarray, which: int, many: int, event: int) -> None:
    counts[which] += many
    if counts[FIRST_DOUBT] < 0:
        counts[FIRST_DOUBT] = event


@kernel
def _sweep_as_seen(
    allocator: Allocator,
    died: np.ndarray,
    first: int,
    end: int,
    objects: np.ndarray,
    span_class: int,
    large_pages: int,
    counts: np.ndarray,
    event: int,
) -> int:
    """Sweeps spans in the sweeper's order until the deaths seen since the last event are accounted for.

    What the coming event will sweep by itself is left to it: `span_class` is the class that it refills, -1 for none,
    `large_pages` the pages of a large object, 0 for none. Returns how many deaths are left to it.
    """
    swept = 0
    while first < end:
        seen_in = _span_of(allocator, objects[died[first]])
        if span_class >= 0 or large_pages > 0:
            if span_class >= 0:
                due, span = _refill_frees(allocator, span_class)
            else:
                due, span = _reclaimable(allocator, large_pages)
            if due == end - first and span == seen_in:
                return due
        freed = sweep_one(allocator)
        swept += 1
        if freed == NOTHING:
            _doubt(counts, UNEXPLAINED_DEATHS, end - first, event)
            return 0
        if freed > 0:
            if allocator.state[at.LAST_SWEPT] != seen_in:
                _doubt(counts, OTHER_SPAN, 1, event)
            counts[MATCHED_DEATHS] += freed
            first += freed
    if swept > 0 and span_class < 0 and large_pages == 0:
        # Only the background sweeper can have been at work. It sweeps a whole batch before it lets others run.
        while swept % at.SWEEP_BATCH:
            queue = next_to_sweep(allocator)
            if queue < 0 or dead_in(allocator, allocator.queues[queue, 0]) > 0:
                break
            sweep_one(allocator)
            swept += 1
    return 0


@kernel
def replay(
    allocator: Allocator,
    kind: np.ndarray,
    processor: np.ndarray,
    shape: np.ndarray,
    shape_class: np.ndarray,
    shape_pages: np.ndarray,
    died: np.ndarray,
    died_until: np.ndarray,
    taken_pages: np.ndarray,
    given: np.ndarray,
    objects: np.ndarray,
    free_handles: np.ndarray,
    run_page: np.ndarray,
    run_pages: np.ndarray,
    free_runs: np.ndarray,
    next_handles: np.ndarray,
    words: np.ndarray,
    taken_page: np.ndarray,
    counts: np.ndarray,
) -> None:
    """Plays a whole recording: writes the word of each allocation, the first page of each run, and `counts`.

    `objects` holds slot bit indices by handle, `run_page` and `run_pages` the runs of pages without objects;
    `died_until[k]` is the number of deaths recorded before the end of collection k, and of all behind the last.
    `next_handles`: next new handle of objects, number of free ones, the same two of runs.
    """
    shaped, deaths, taken, gone, allocations, collections = 0, 0, 0, 0, 0, 0
    seen_from = 0
    owed = 0
    p = 0
    for event in range(len(kind)):
        what = kind[event]
        if what == stream.DIE:
            handle = died[deaths]
            deaths += 1
            free_handles[next_handles[1]] = handle
            next_handles[1] += 1
            continue
        if what == stream.JOIN:
            shaped += 1
            continue
        if what >= stream.STACK:
            continue
        if len(processor):
            p = np.int64(processor[event])
        if owed > 0:
            # Freed as the caches were emptied behind the last collection.
            part = min(owed, deaths - seen_from)
            seen_from += part
            owed -= part
            counts[MATCHED_DEATHS] += part
            if owed > 0:
                _doubt(counts, UNSEEN_SWEEPS, owed, event)
                owed = 0
        if what == stream.ALLOCATE:
            number = shape[shaped]
            shaped += 1
            span_class, pages = np.int64(shape_class[number]), shape_pages[number]
            refills = -1
            if span_class > 1:
                cache = allocator.caches[p * at.SPAN_CLASSES + span_class]
                if cache[at.FREE_BITS] == 0 and not next_word(allocator, cache):
                    refills = span_class
            due = 0
            if seen_from < deaths:
                large = pages if span_class < 2 else 0
                due = _sweep_as_seen(allocator, died, seen_from, deaths, objects, refills, large, counts, event)
            before = allocator.state[at.FREED_OBJECTS]
            if span_class > 1:
                word, slot, _ = allocate(allocator, p, span_class)
            else:
                word, slot, _ = allocate_large(allocator, p, pages, span_class == 1)
            freed = allocator.state[at.FREED_OBJECTS] - before
            counts[MATCHED_DEATHS] += min(freed, due)
            if freed > due:
                _doubt(counts, UNSEEN_SWEEPS, freed - due, event)
            if next_handles[1] > 0:
                next_handles[1] -= 1
                handle = free_handles[next_handles[1]]
            else:
                handle = next_handles[0]
                next_handles[0] += 1
            objects[handle] = slot
            words[allocations] = word
            allocations += 1
        else:
            if seen_from < deaths:
                _sweep_as_seen(allocator, died, seen_from, deaths, objects, -1, 0, counts, event)
            if what == stream.TAKE_PAGES:
                page = allocate_span(allocator.heap, p, taken_pages[taken], True)[0]
                if next_handles[3] > 0:
                    next_handles[3] -= 1
                    run = free_runs[next_handles[3]]
                else:
                    run = next_handles[2]
                    next_handles[2] += 1
                run_page[run] = page
                run_pages[run] = taken_pages[taken]
                taken_page[taken] = page
                taken += 1
            elif what == stream.GIVE_PAGES:
                run = given[gone]
                gone += 1
                free_span(allocator.heap, run_page[run], run_pages[run], True)
                free_runs[next_handles[3]] = run
                next_handles[3] += 1
            elif what == stream.COLLECTION_BEGIN:
                freed = begin_collection(allocator)
                if freed > 0:
                    # The world is stopped for what is swept here: those deaths follow.
                    owed += freed
            elif what == stream.COLLECTION_END:
                for row in range(died_until[collections], died_until[collections + 1]):
                    kill(allocator, objects[died[row]])
                collections += 1
                start_sweep(allocator)
                for q in range(allocator.state[at.PROCESSORS]):
                    owed += flush_processor(allocator, q)
        seen_from = deaths
