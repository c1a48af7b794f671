"""Kernels that play a recorded stream through the allocator.

Of the recording they use what a program and its collector decide: the order of events, shapes, processors, deaths and
when they were seen, when collections began and ended marking, and when runs of pages for stacks and for the
collector's own needs came and went. Which span, slot and page each thing gets is the simulation's own doing.
"""

from __future__ import annotations

# pyright: reportArgumentType=false, reportCallIssue=false, reportPossiblyUnboundVariable=false, reportReturnType=false
# compiled: Numba knows the types of elements and intrinsics, which pyright takes for arrays and missing arguments
import numpy as np

from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.kernels_allocate import (
    allocate,
    allocate_large,
    begin_collection,
    flush_processor,
    next_word,
    put_away,
    start_sweep,
)
from whence.explain.simulator.allocator.kernels_spans import swept_list, unswept_list
from whence.explain.simulator.allocator.kernels_sweep import (
    NOTHING,
    dead_in,
    kill,
    next_to_sweep,
    pace_sweeper,
    page_unmarked,
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

MISTAKEN = 3
"""Sweeps by which the pace may be off: the trigger is known to a span only, and the heap to a finalizer."""


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
            if span >= 0 and unswept(allocator, span) and page_unmarked(allocator, span):
                dead = dead_in(allocator, span)
                objects += dead
                if dead == allocator.spans[span, at.USED]:
                    credit += allocator.spans[span, at.PAGES]
                if first_span < 0 and dead > 0:
                    first_span = span
        index += at.RECLAIM_PAGES
    return objects, first_span


@kernel
def _refill_frees(allocator: Allocator, span_class: int) -> tuple[bool, int, int]:
    """Tells what a refill of a class finds in its lists: (anything at all, objects it would free, their span or -1)."""
    if (
        allocator.queues[swept_list(allocator.state[at.GENERATION], span_class, at.PARTIAL), 0] >= 0
        or allocator.state[at.DRAINED]
    ):
        return True, 0, -1
    span = allocator.queues[unswept_list(allocator.state[at.GENERATION], span_class, at.PARTIAL), 0]
    if span >= 0:
        return True, dead_in(allocator, span), span
    span = allocator.queues[unswept_list(allocator.state[at.GENERATION], span_class, at.FULL), 0]
    for _ in range(at.SPAN_BUDGET + 1):
        if span < 0:
            break
        dead = dead_in(allocator, span)
        if dead > 0:
            return True, dead, span
        span = allocator.spans[span, at.NEXT]
    return False, 0, -1


@kernel
def _due(allocator: Allocator, span_class: int, large_pages: int) -> tuple[int, int]:
    """Returns (objects that a refill or a large allocation would free now, the first span in which it would or -1)."""
    if span_class < 0:
        return _reclaimable(allocator, large_pages)
    free_at_once, objects, span = _refill_frees(allocator, span_class)
    if free_at_once:
        return objects, span
    return _reclaimable(allocator, allocator.classes[span_class, at.CLASS_PAGES])


@kernel
def _span_of(allocator: Allocator, slot: int) -> int:
    return allocator.span_of_bits[slot >> 6]


@kernel
def _doubt(counts: np.ndarray, which: int, many: int, event: int) -> None:
    counts[which] += many
    if counts[FIRST_DOUBT] < 0:
        counts[FIRST_DOUBT] = event


@kernel
def _credit_due(allocator: Allocator, span_bytes: int, pages_by_caller: int) -> bool:
    """Tells whether the pace asks for more sweeping before a span of these bytes is allocated."""
    state, pace = allocator.state, allocator.numbers[at.RECORDED_PACE]
    if pace == 0.0 or state[at.DRAINED]:
        return False
    live = span_bytes + max(0, state[at.HEAP_LIVE] - state[at.SWEEP_LIVE_BASIS])
    target = np.int64(pace * np.float64(live)) - pages_by_caller
    return target > state[at.PAGES_SWEPT] - state[at.SWEEP_PAGES_BASIS]


NOTHING_LEFT, ITSELF, MORE = range(3)


@kernel
def _left_to_refill(allocator: Allocator, span_class: int, span: int) -> int:
    """Returns what a refill of a class finds once the sweeper has swept `span`, which the refill would else sweep.

    ITSELF: that span in the list of swept ones. MORE: another one whose objects it would free. NOTHING_LEFT: neither,
    or it is no refill.
    """
    row = allocator.spans[span]
    if span_class < 0 or row[at.SPAN_CLASS] != span_class:
        return NOTHING_LEFT
    if dead_in(allocator, span) < row[at.USED]:
        return ITSELF
    for kind in (at.PARTIAL, at.FULL):
        other = allocator.queues[unswept_list(allocator.state[at.GENERATION], span_class, kind), 0]
        while other >= 0:
            if other != span:
                if dead_in(allocator, other) > 0:
                    return MORE
                if kind == at.PARTIAL:
                    return NOTHING_LEFT
            other = allocator.spans[other, at.NEXT]
    return NOTHING_LEFT


@kernel
def _note_unmarked(allocator: Allocator, died: np.ndarray, first: int, end: int, objects: np.ndarray) -> None:
    """Notes which spans with deaths just seen a search for pages may have swept though they hold live objects."""
    last = -1
    for row in range(first, end):
        span = _span_of(allocator, objects[died[row]])
        if span != last:
            last = span
            if allocator.classes[allocator.spans[span, at.SPAN_CLASS], at.CLASS_UNMARKED_UP_TO] == 1:
                allocator.spans[span, at.PAGE_MARKED] = at.SEEN_UNMARKED


@kernel
def _sweep_as_seen(
    allocator: Allocator,
    died: np.ndarray,
    first: int,
    end: int,
    objects: np.ndarray,
    span_class: int,
    large_pages: int,
    in_background: int,
    bounds: np.ndarray,
    counts: np.ndarray,
    event: int,
) -> int:
    """Sweeps spans in the sweeper's order: as the pace asks, and until the deaths seen are accounted for.

    What the coming event will sweep by itself is left to it: `span_class` is the class that it refills, -1 for none,
    `large_pages` the pages of a large object, 0 for none. A span with dead objects is swept only where deaths were
    seen. Returns how many deaths are left to the event. `in_background`:
    spans that the background sweeper swept up to here, -1 where the recording does not tell when it ran.

    `bounds`: the lowest and the highest pace of the cycle's sweeping that agrees with what was seen, narrowed here.
    """
    swept, due, unasked = 0, 0, 0
    allocates = span_class >= 0 or large_pages > 0
    pages = allocator.classes[span_class, at.CLASS_PAGES] if span_class >= 0 else large_pages
    state = allocator.state
    size = pages * at.PAGE_WORDS * at.WORD_BYTES
    grown = np.float64(max(1, size + max(0, state[at.HEAP_LIVE] - state[at.SWEEP_LIVE_BASIS])))
    least, ambiguous = 0.0, False
    while True:
        seen = first < end
        wanted = allocates and _credit_due(allocator, size, large_pages)
        queue = next_to_sweep(allocator.queues, allocator.state)
        span = allocator.queues[queue, 0] if queue >= 0 else -1
        dead = dead_in(allocator, span) if queue >= 0 else 0
        if seen:
            seen_in = _span_of(allocator, objects[died[first]])
            if allocates and not (wanted and dead == 0):
                due, by = _due(allocator, span_class, large_pages)
                if (due != end - first or by != seen_in) and span != seen_in:
                    _note_unmarked(allocator, died, first, end, objects)
                    due, by = _due(allocator, span_class, large_pages)
                if due == end - first and by == seen_in:
                    # The pace may ask for the very span that the event would sweep itself.
                    left = _left_to_refill(allocator, span_class, span) if wanted and span == seen_in else MORE
                    if left == MORE:
                        break
                    ambiguous = True
                due = 0
            # What the pace does not account for is the background sweeper's, before the event. It sweeps a whole
            # batch before it lets others run.
            unasked += not wanted
            if not ambiguous:
                least = (state[at.PAGES_SWEPT] - state[at.SWEEP_PAGES_BASIS] + 1 + large_pages) / grown
        elif not wanted or dead > 0:
            break
        freed = sweep_one(allocator)
        swept += 1
        if freed == NOTHING:
            allocator.numbers[at.RECORDED_PACE] = 0.0
            if seen:
                _doubt(counts, UNEXPLAINED_DEATHS, end - first, event)
            return 0
        if freed > 0:
            if span != seen_in:
                _doubt(counts, OTHER_SPAN, 1, event)
            counts[MATCHED_DEATHS] += min(freed, end - first)
            first = min(first + freed, end)
    if allocates:
        if dead > 0 and not ambiguous:
            most = (state[at.PAGES_SWEPT] - state[at.SWEEP_PAGES_BASIS] + 1 + large_pages) / grown
            bounds[1] = min(bounds[1], most)
        if in_background == 0 or unasked <= MISTAKEN:
            bounds[0] = max(bounds[0], least)
    if in_background < 0 and unasked > (MISTAKEN if allocates else 0):
        in_background = (swept + at.SWEEP_BATCH - 1) // at.SWEEP_BATCH * at.SWEEP_BATCH
    while swept < in_background:
        queue = next_to_sweep(allocator.queues, allocator.state)
        if queue < 0 or dead_in(allocator, allocator.queues[queue, 0]) > 0:
            break
        sweep_one(allocator)
        swept += 1
    return due


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
    late: np.ndarray,
    early_slot: np.ndarray,
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
    triggers: np.ndarray,
    paces: np.ndarray,
    bounds: np.ndarray,
    live_at_begin: np.ndarray,
    marked: np.ndarray,
    counts: np.ndarray,
) -> None:
    """Plays a whole recording: writes the word of each allocation, the first page of each run, and `counts`.

    `objects` holds slot bit indices by handle, `run_page` and `run_pages` the runs of pages without objects;
    `died_until[k]` is the number of deaths recorded before the end of collection k, and of all behind the last.
    `triggers[k]`: heap at which the collection behind collection k began, which sets the pace of sweeping; written to
    `live_at_begin` as the simulation finds it (at the test before the last, at the last), and what each collection left
    alive to `marked`. `paces[k]`: that pace itself, 0 where it follows from the trigger;
    `bounds`, float64 [collections, 2], comes back as the paces that agree with the deaths seen.
    `next_handles`: next new handle of objects, number of free ones, the same two of runs.
    """
    shaped, deaths, taken, gone, allocations, collections = 0, 0, 0, 0, 0, 0
    begun = 0
    lates, early = 0, 0
    tested_before, tested = 0, 0
    seen_from = 0
    owed = 0
    p = 0
    told = False
    for event in range(len(kind)):
        told |= kind[event] == stream.SWEPT_BATCH or kind[event] == stream.SWEPT_ALL
    for event in range(len(kind)):
        what = kind[event]
        if what == stream.DIE:
            free_handles[next_handles[1]] = died[deaths]
            next_handles[1] += 1
            deaths += 1
            continue
        if what == stream.JOIN:
            shaped += 1
            continue
        if what == stream.STACK or what == stream.STACK_FREE:
            continue
        if len(processor):
            p = np.int64(processor[event])
        if owed > 0:
            # Freed as the caches were emptied behind the last collection, or with the world stopped.
            part = min(owed, deaths - seen_from)
            seen_from += part
            counts[MATCHED_DEATHS] += part
            if owed > part:
                _doubt(counts, UNSEEN_SWEEPS, owed - part, event)
            owed = 0
        refills, large, span_class = -1, 0, 0
        if what == stream.ALLOCATE or what == stream.EARLY:
            number = shape[shaped]
            shaped += 1
            span_class = np.int64(shape_class[number])
            if span_class > 1:
                cache = allocator.caches[p * at.SPAN_CLASSES + span_class]
                if cache[at.FREE_BITS] == 0 and not next_word(allocator.bits, cache):
                    refills = span_class
                    if cache[at.CACHED_SPAN] >= 0:
                        put_away(allocator, cache)
            else:
                large = shape_pages[number]
        in_background = 0 if told else -1
        if what == stream.SWEPT_BATCH:
            in_background = at.SWEEP_BATCH
        elif what == stream.SWEPT_ALL:
            in_background = len(allocator.spans)
        due = 0
        if seen_from < deaths or refills >= 0 or large > 0 or in_background > 0:
            bound = bounds[max(0, collections - 1)]
            due = _sweep_as_seen(
                allocator, died, seen_from, deaths, objects, refills, large, in_background, bound, counts, event
            )
        seen_from = deaths
        if what == stream.ALLOCATE or what == stream.EARLY:
            before = allocator.state[at.FREED_OBJECTS]
            if large == 0:
                word, slot, _ = allocate(allocator, p, span_class)
            else:
                word, slot, _ = allocate_large(allocator, p, large, span_class == 1)
            if refills >= 0 or large > 0:
                tested_before, tested = tested, allocator.state[at.HEAP_LIVE]
            freed = allocator.state[at.FREED_OBJECTS] - before
            counts[MATCHED_DEATHS] += min(freed, due)
            if freed > due:
                _doubt(counts, UNSEEN_SWEEPS, freed - due, event)
            if what == stream.EARLY:
                early_slot[early, 0] = slot
                early_slot[early, 1] = word
                early += 1
                continue
        if what == stream.LATE:
            slot, word = early_slot[late[lates], 0], early_slot[late[lates], 1]
            lates += 1
        if what == stream.ALLOCATE or what == stream.LATE:
            if next_handles[1] > 0:
                next_handles[1] -= 1
                objects[free_handles[next_handles[1]]] = slot
            else:
                objects[next_handles[0]] = slot
                next_handles[0] += 1
            words[allocations] = word
            allocations += 1
        elif what == stream.TAKE_PAGES:
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
            live_at_begin[begun, 0] = tested_before
            live_at_begin[begun, 1] = tested
            begun += 1
            owed += begin_collection(allocator)
        elif what == stream.COLLECTION_END:
            for row in range(died_until[collections], died_until[collections + 1]):
                kill(allocator, objects[died[row]])
            start_sweep(allocator)
            marked[collections] = allocator.state[at.MARKED_BYTES]
            pace_sweeper(allocator, triggers[collections])
            # Only what the recording shows is swept, so the pace is kept where allocations do not act on it.
            allocator.numbers[at.RECORDED_PACE] = allocator.numbers[at.SWEEP_PAGES_PER_BYTE]
            if paces[collections] > 0.0:
                allocator.numbers[at.RECORDED_PACE] = paces[collections]
            allocator.numbers[at.SWEEP_PAGES_PER_BYTE] = 0.0
            collections += 1
            for q in range(allocator.state[at.PROCESSORS]):
                owed += flush_processor(allocator, q)
