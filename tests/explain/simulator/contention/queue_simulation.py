"""The specification of the mean-value analysis: the same network played event by event."""

from __future__ import annotations

import heapq
import random
from collections import deque


def play(
    think: float, visits: list[float], service: list[float], processors: int, cycles: int, *, exponential: bool = True
) -> tuple[float, list[float]]:
    """Returns cycles per unit of time and the time of a cycle queued at each station.

    A processor thinks, then visits the stations in order, each with the chance `visits[i]` (at most 1), first come
    first served. Thinking is always exponential.
    """
    chance = random.Random(7)
    events: list[tuple[float, int, int, int]] = []  # time, number, processor, station (~ to leave it)
    waiting: list[deque[tuple[int, float]]] = [deque() for _ in visits]
    busy = [False] * len(visits)
    queued = [0.0] * len(visits)
    number, done, now = 0, 0, 0.0

    def push(time: float, processor: int, what: int) -> None:
        nonlocal number
        number += 1
        heapq.heappush(events, (time, number, processor, what))

    def serve(processor: int, station: int) -> None:
        busy[station] = True
        length = chance.expovariate(1 / service[station]) if exponential else service[station]
        push(now + length, processor, ~station)

    def go_on(processor: int, station: int) -> None:
        nonlocal done
        while station < len(visits) and chance.random() >= visits[station]:
            station += 1
        if station < len(visits):
            push(now, processor, station)
        else:
            done += 1
            push(now + chance.expovariate(1 / think), processor, len(visits))

    for processor in range(processors):
        push(chance.expovariate(1 / think), processor, len(visits))
    while done < cycles:
        now, _, processor, what = heapq.heappop(events)
        if what == len(visits):
            go_on(processor, 0)
        elif what >= 0:
            if busy[what]:
                waiting[what].append((processor, now))
            else:
                serve(processor, what)
        else:
            station = ~what
            busy[station] = False
            if waiting[station]:
                following, since = waiting[station].popleft()
                queued[station] += now - since
                serve(following, station)
            go_on(processor, station + 1)
    return done / now, [total / done for total in queued]
