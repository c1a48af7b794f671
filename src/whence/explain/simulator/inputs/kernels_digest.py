"""A kernel that turns addresses of a trace into handles, keeping a table of the slots in use."""

from __future__ import annotations

# pyright: reportArgumentType=false, reportCallIssue=false, reportPossiblyUnboundVariable=false, reportReturnType=false
# compiled: Numba knows the types of elements and intrinsics, which pyright takes for arrays and missing arguments
import numpy as np

from whence.explain.simulator.inputs import recording as at
from whence.explain.simulator.pages.compiling import kernel

# What happened in the trace (kinds of rows given to `digest`).
SPAN, SPAN_ALLOC, SPAN_FREE, OBJECT, OBJECT_ALLOC, OBJECT_FREE, STACK, STACK_FREE = range(8)
BEGIN, END, EARLY, GOAL, STOPPED, BATCH, SWEPT, OTHER = range(8, 16)

# Slots of `state`.
COUNT = 0
"""Events written."""
NEXT_HANDLE = 1
FREE_HANDLES = 2
NEXT_PAGES = 3
FREE_PAGES = 4
LIVE = 5
ALLOCATIONS = 6
DEATHS = 7
TAKEN = 8
GIVEN = 9
STATE_SLOTS = 16

# What `digest` stops for.
DONE, FULL, UNKNOWN_OBJECT, UNKNOWN_SPAN, TAKEN_SLOT, FAR = range(6)
TINY_SPAN_CLASS = 5
MAX_PAGES = 1 << 25
"""256 GiB; a trace that names more is damaged."""
_EMPTY = -1


@kernel
def _find(keys: np.ndarray, key: int) -> int:
    """Returns the place of a key in the table, or the empty place where it would stand."""
    mask = len(keys) - 1
    place = (key * 0x9E3779B97F4A7C1) >> 20 & mask
    while keys[place] != key and keys[place] != _EMPTY:
        place = (place + 1) & mask
    return place


@kernel
def insert_all(old_keys: np.ndarray, old_values: np.ndarray, keys: np.ndarray, values: np.ndarray) -> None:
    """Moves a table into a larger one."""
    for row in range(len(old_keys)):
        if old_keys[row] != _EMPTY:
            place = _find(keys, old_keys[row])
            keys[place] = old_keys[row]
            values[place] = old_values[row]


@kernel
def _remove(keys: np.ndarray, values: np.ndarray, place: int) -> None:
    mask = len(keys) - 1
    hole = place
    while True:
        place = (place + 1) & mask
        if keys[place] == _EMPTY:
            break
        home = (keys[place] * 0x9E3779B97F4A7C1) >> 20 & mask
        if (place - home) & mask >= (place - hole) & mask:
            keys[hole] = keys[place]
            values[hole] = values[place]
            hole = place
    keys[hole] = _EMPTY


@kernel
def _take_handle(state: np.ndarray, free: np.ndarray, next_slot: int, free_slot: int) -> int:
    if state[free_slot] > 0:
        state[free_slot] -= 1
        return free[state[free_slot]]
    state[next_slot] += 1
    return state[next_slot] - 1


@kernel
def digest(
    first: int,
    first_with_header: int,
    what: np.ndarray,
    word: np.ndarray,
    size: np.ndarray,
    span_class: np.ndarray,
    class_of_page: np.ndarray,
    pages_of_page: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    free_handles: np.ndarray,
    free_pages: np.ndarray,
    state: np.ndarray,
    kind: np.ndarray,
    result: np.ndarray,
    result_pages: np.ndarray,
) -> tuple[int, int]:
    """Digests rows from `first` on: returns (why it stopped, the row at which).

    For row i it writes the event's `kind` (255: none), and in `result` the span class of an allocation, the handle of
    a death, the pages taken, the handle of pages given; in `result_pages` the pages of a large object.
    The addresses of allocations become those of their slots. `first_with_header`: the first span class whose objects
    with pointers have a header. `class_of_page` holds 2 + the class of the span at a page, 1 for a run of pages without
    objects, 0 for nothing.
    """
    for row in range(first, len(what)):
        event = what[row]
        kind[row] = 255
        if event >= STACK:
            if event == STACK:
                kind[row] = at.STACK
            elif event == STACK_FREE:
                kind[row] = at.STACK_FREE
            elif event == BEGIN:
                kind[row] = at.COLLECTION_BEGIN
            elif event == END:
                kind[row] = at.COLLECTION_END
            elif event == EARLY:
                kind[row] = at.EARLY
            elif event == BATCH:
                kind[row] = at.SWEPT_BATCH
            elif event == SWEPT:
                kind[row] = at.SWEPT_ALL
            continue
        page = word[row] >> 10
        if page < 0 or page >= MAX_PAGES:
            return FAR, row
        if event in (SPAN, SPAN_ALLOC):
            pages = size[row]
            if page + pages > MAX_PAGES:
                return FAR, row
            if span_class[row] < 0:
                class_of_page[page] = 1
                if 2 * (state[LIVE] + 1) > len(keys) or state[NEXT_PAGES] + 1 >= len(free_pages):
                    return FULL, row
                handle = _take_handle(state, free_pages, NEXT_PAGES, FREE_PAGES)
                place = _find(keys, -2 - page)
                keys[place] = -2 - page
                values[place] = handle
                state[LIVE] += 1
                if event == SPAN_ALLOC:
                    kind[row] = at.TAKE_PAGES
                    result[row] = pages
            else:
                covered = pages if span_class[row] > 1 else 1
                for other in range(page, page + covered):
                    class_of_page[other] = 2 + span_class[row]
                pages_of_page[page] = pages
        elif event == SPAN_FREE:
            if class_of_page[page] == 1:
                place = _find(keys, -2 - page)
                if keys[place] == _EMPTY:
                    return UNKNOWN_SPAN, row
                free_pages[state[FREE_PAGES]] = values[place]
                state[FREE_PAGES] += 1
                kind[row] = at.GIVE_PAGES
                result[row] = values[place]
                _remove(keys, values, place)
                state[LIVE] -= 1
            elif class_of_page[page] == 0:
                return UNKNOWN_SPAN, row
            class_of_page[page] = 0
        elif event == OBJECT_FREE:
            place = _find(keys, word[row])
            if keys[place] == _EMPTY:
                return UNKNOWN_OBJECT, row
            kind[row] = at.DIE
            result[row] = values[place]
            free_handles[state[FREE_HANDLES]] = values[place]
            state[FREE_HANDLES] += 1
            _remove(keys, values, place)
            state[LIVE] -= 1
        else:
            if class_of_page[page] < 2:
                return UNKNOWN_SPAN, row
            its_class = class_of_page[page] - 2
            key = word[row]
            if its_class == TINY_SPAN_CLASS:
                key &= ~1
            elif event == OBJECT_ALLOC and its_class >= first_with_header and not its_class & 1:
                # What is recorded of these is the address behind the header.
                key -= 1
            if 2 * (state[LIVE] + 1) > len(keys) or state[NEXT_HANDLE] + 1 >= len(free_handles):
                return FULL, row
            place = _find(keys, key)
            if keys[place] != _EMPTY:
                if its_class != TINY_SPAN_CLASS:
                    return TAKEN_SLOT, row
                if event == OBJECT_ALLOC:
                    kind[row] = at.JOIN
                    result[row] = its_class
                continue
            keys[place] = key
            values[place] = _take_handle(state, free_handles, NEXT_HANDLE, FREE_HANDLES)
            state[LIVE] += 1
            if event == OBJECT_ALLOC:
                kind[row] = at.ALLOCATE
                word[row] = key
                result[row] = its_class
                result_pages[row] = pages_of_page[page] if its_class < 2 else 0
    return DONE, len(what)
