"""The heap's pages as amounts, for the fluid mode: in use, free, given back, and what of it stays resident.

Kept objects lie by themselves; replaced ones mix with garbage, so that sweeping leaves holes which later allocations
fill first. A span whose slots survive with probability p each is freed whole with probability (1 - p)^slots.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from whence.explain.simulator.engine import layout as at
from whence.explain.simulator.pacer.state import PacerRecord
from whence.explain.simulator.pages.layout import NO_GOAL
from whence.explain.simulator.scavenger import kernels_rest as rests
from whence.explain.simulator.scavenger.kernels_goals import limit_goal, percent_goal
from whence.explain.simulator.scavenger.rules import IDLE_SPANS, IN_USE, NEXT_COLLECTION

_PAGE = 8192.0
_NEVER = 9.2e18
_NO_GOAL = float(NO_GOAL)
_QUANTUM = 65536.0
_SLOW_STEP_NS = 10e6


@njit(cache=True, error_model="numpy")
def in_use(x: np.ndarray) -> float:
    """Returns the bytes of spans of objects."""
    return x[at.KEPT_BYTES] + x[at.MIXED_BYTES]


@njit(cache=True, error_model="numpy")
def retained(x: np.ndarray) -> float:
    """Returns the bytes of pages in use or free that have not been given back."""
    return in_use(x) + x[at.FREE_FRESH] + x[at.FREE_OLD]


@njit(cache=True, error_model="numpy")
def ready(s: np.ndarray, x: np.ndarray) -> float:
    """Returns what counts against the memory limit."""
    return retained(x) + s[at.STACKS_IN_USE] + s[at.BASE_READY] + metadata(s, x)


@njit(cache=True, error_model="numpy")
def metadata(s: np.ndarray, x: np.ndarray) -> float:
    """Returns the runtime's notes on the heap: on its spans, and the pointer bitmap where it lies beside the heap."""
    return x[at.MOST_HEAP] * (s[at.SPAN_METADATA] / _PAGE + s[at.BITMAP_SHARE])


@njit(cache=True, error_model="numpy")
def resident(s: np.ndarray, x: np.ndarray) -> float:
    """Returns the resident bytes of the process."""
    return retained(x) + x[at.LAZILY_HELD] + s[at.STACKS_IN_USE] + s[at.BASE_RESIDENT] + metadata(s, x)


@njit(cache=True, error_model="numpy")
def note_memory(c: PacerRecord, s: np.ndarray, x: np.ndarray) -> None:
    """Tells the pacer what its memory limit needs, and keeps the peaks."""
    x[at.MOST_HEAP] = max(x[at.MOST_HEAP], retained(x))
    now = resident(s, x)
    x[at.PEAK_RESIDENT] = max(x[at.PEAK_RESIDENT], now)
    if s[at.CONTAINER] > 0 and x[at.OOM_AT] < 0 and now > s[at.CONTAINER]:
        x[at.OOM_AT] = x[at.NOW]
    free = x[at.FREE_FRESH] + x[at.FREE_OLD]
    if free < x[at.LEAST_FREE]:
        x[at.LEAST_FREE] = free
    c.heap_free = int(free)
    c.heap_alloc = int(in_use(x) - x[at.HOLES])
    c.mapped_ready = int(ready(s, x))


@njit(cache=True, error_model="numpy")
def give_back(s: np.ndarray, x: np.ndarray, wanted: float, forced: bool) -> float:
    """Gives free pages back: returns the bytes that went. Unless forced, pages freed last are spared from 1.21 on."""
    available = x[at.FREE_OLD] + (x[at.FREE_FRESH] if forced or s[at.SPARES_DENSE] == 0 else 0.0)
    went = min(wanted, available)
    if went <= 0:
        return 0.0
    from_old = min(went, x[at.FREE_OLD])
    x[at.FREE_OLD] -= from_old
    x[at.FREE_FRESH] -= went - from_old
    x[at.RELEASED] += went
    if s[at.LAZY] == 1:
        x[at.LAZILY_HELD] += went
    x[at.SCAVENGED] += went
    x[at.SCAVENGE_CPU] += went / _PAGE * s[at.RELEASE_PAGE_NS]
    return went


@njit(cache=True, error_model="numpy")
def take(s: np.ndarray, x: np.ndarray, amount: float, kept: float) -> None:
    """Allocates `amount` bytes of slots, `kept` of them by themselves: in holes, then in free pages, then in others."""
    amount *= s[at.PAGE_FACTOR]
    kept *= s[at.PAGE_FACTOR]
    mixed = amount - kept
    grown = 0.0
    for mix in range(int(s[at.MIXES])):
        # Each kind of span fills its own holes before it takes pages.
        part = mixed * s[at.MIX + 3 * mix + 1]
        filled = min(part, x[at.HOLES_OF_MIX + mix])
        x[at.HOLES_OF_MIX + mix] -= filled
        x[at.HOLES] -= filled
        x[at.SPANS_OF_MIX + mix] += part - filled
        grown += part - filled
    fresh = kept + grown
    x[at.KEPT_BYTES] += kept
    x[at.MIXED_BYTES] += grown
    part = min(fresh, x[at.FREE_OLD])
    x[at.FREE_OLD] -= part
    left = fresh - part
    part = min(left, x[at.FREE_FRESH])
    x[at.FREE_FRESH] -= part
    left -= part
    if left <= 0:
        return
    # What the system gives again had been released, or was never used.
    again = min(left, x[at.RELEASED])
    x[at.RELEASED] -= again
    x[at.LAZILY_HELD] = max(0.0, x[at.LAZILY_HELD] - again)
    x[at.PROGRAM_CPU] += left / 4096.0 * s[at.FAULT_PAGE_NS]
    if s[at.GROWTH_GIVES_BACK] == 1 and x[at.PERCENT_GOAL] < _NO_GOAL and left > again:
        give_back(s, x, min(left - again, retained(x) - x[at.PERCENT_GOAL]), False)


@njit(cache=True, error_model="numpy")
def give_back_for_limit(s: np.ndarray, x: np.ndarray, limiting: int) -> None:
    """Gives back what the memory limit is exceeded by, as allocators do from 1.19 on."""
    if s[at.EAGER] == 1 and limiting == 0 and s[at.MEMORY_LIMIT] < _NO_GOAL:
        give_back(s, x, ready(s, x) - s[at.MEMORY_LIMIT], True)


@njit(cache=True, error_model="numpy")
def sweep(s: np.ndarray, x: np.ndarray, alive: float, kept: float) -> None:
    """Frees what is not `alive`; `kept` bytes of that lie by themselves."""
    alive *= s[at.PAGE_FACTOR]
    kept *= s[at.PAGE_FACTOR]
    x[at.FREE_OLD] += x[at.FREE_FRESH]
    freed = max(x[at.KEPT_BYTES] - kept, 0.0)
    x[at.KEPT_BYTES] -= freed
    survivors = max(alive - x[at.KEPT_BYTES], 0.0)
    black = min(x[at.BLACK] * s[at.PAGE_FACTOR], survivors)
    x[at.MIXED_BYTES] -= freed_of_mixes(s, x, survivors, black)
    freed += x[at.FREED_NOW]
    x[at.FREE_FRESH] = freed


@njit(cache=True, error_model="numpy")
def freed_of_mixes(s: np.ndarray, x: np.ndarray, survivors: float, black: float) -> float:
    """Frees the spans of each kind that no object survives in: returns their bytes and sets the holes of the others.

    Of the survivors, `black` bytes were allocated during the cycle and lie as allocations do, the others as live bytes.
    """
    freed, holes = 0.0, 0.0
    for mix in range(int(s[at.MIXES])):
        place = at.MIX + 3 * mix
        spans = x[at.SPANS_OF_MIX + mix]
        here = min(black * s[place + 1] + (survivors - black) * s[place + 2], spans)
        if spans <= 0:
            continue
        share = min(here / spans, 1.0 - 1e-9)
        whole = min(spans * math.exp(s[place] * s[at.MIXING] * math.log1p(-share)), spans - here)
        x[at.SPANS_OF_MIX + mix] = spans - whole
        x[at.HOLES_OF_MIX + mix] = spans - whole - here
        freed += whole
        holes += spans - whole - here
    x[at.HOLES] = holes
    x[at.FREED_NOW] = freed
    return freed


@njit(cache=True, error_model="numpy")
def pace_scavenger(s: np.ndarray, x: np.ndarray, last_in_use: float, goal: int, last_goal: int, limit: int) -> None:
    """Sets what the background scavenger works towards from the end of a cycle on, and wakes it."""
    kind = int(s[at.SCAVENGE_GOAL])
    x[at.PERCENT_GOAL] = _NO_GOAL
    if kind == IN_USE:
        x[at.PERCENT_GOAL] = float(percent_goal(int(last_in_use), goal, last_goal, int(retained(x))))
    elif kind == NEXT_COLLECTION:
        x[at.PERCENT_GOAL] = float(percent_goal(goal, 1, 1, int(retained(x))))
    x[at.LIMIT_GOAL] = float(limit_goal(int(s[at.LIMIT_RULE]), limit, int(ready(s, x))))
    if kind >= NEXT_COLLECTION and wanted(s, x) > 0:
        x[at.SCAVENGE_AT] = min(x[at.SCAVENGE_AT], x[at.NOW] + 1e6)


@njit(cache=True, error_model="numpy")
def wanted(s: np.ndarray, x: np.ndarray) -> float:
    """Returns the bytes that the background scavenger is to give back."""
    amount = 0.0
    if x[at.PERCENT_GOAL] < _NO_GOAL:
        amount = retained(x) - x[at.PERCENT_GOAL]
    if x[at.LIMIT_GOAL] < _NO_GOAL:
        amount = max(amount, ready(s, x) - x[at.LIMIT_GOAL])
    return amount


@njit(cache=True, error_model="numpy")
def scavenge(s: np.ndarray, x: np.ndarray, rest: np.ndarray) -> None:
    """Does one piece of background work at the time it is due, and sets when the next is."""
    now = x[at.NOW]
    if s[at.SCAVENGE_GOAL] == IDLE_SPANS:
        if now - x[at.LEAST_SINCE] >= s[at.IDLE_NS]:
            give_back(s, x, x[at.LEAST_FREE], True)
            x[at.LEAST_SINCE] = now
            x[at.LEAST_FREE] = x[at.FREE_FRESH] + x[at.FREE_OLD]
        x[at.SCAVENGE_AT] = now + s[at.TICK_NS]
        return
    amount = wanted(s, x)
    if s[at.FOUR_KIB_RESTS] > 0:
        went = give_back(s, x, min(amount, s[at.FOUR_KIB_RESTS] * _SLOW_STEP_NS), False)
        x[at.SCAVENGE_AT] = now + _SLOW_STEP_NS if went > 0 else _NEVER
        return
    if rest[rests.SLEEPING_SINCE] >= 0:
        rests.slept(rest, rest[rests.WORKED_NS], now - rest[rests.SLEEPING_SINCE], int(s[at.PROCESSORS]))
        rest[rests.SLEEPING_SINCE] = -1.0
    quantum_ns = _QUANTUM / _PAGE * s[at.RELEASE_PAGE_NS]
    quanta = max(math.ceil(rests.LEAST_WORK_NS / quantum_ns), 1.0)
    went = give_back(s, x, min(amount, quanta * _QUANTUM), False)
    if went <= 0:
        x[at.SCAVENGE_AT] = _NEVER
        return
    worked = went / _PAGE * s[at.RELEASE_PAGE_NS]
    rest[rests.WORKED_NS] = worked
    rest[rests.SLEEPING_SINCE] = now + worked
    x[at.SCAVENGE_AT] = now + worked + float(rests.sleep_for(rest, worked))
