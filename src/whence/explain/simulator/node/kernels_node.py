"""The loop of the node: pods start, step through their memory, sleep over memory.high, end or are killed.

One event is pending for each slot; the kubelet's next pass and the borders of the picture's buckets stand beside them.
At one instant pods come before the kubelet, lower slots first. See tests/explain/simulator/node/reference.py.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node import kernels_kubelet as k
from whence.explain.simulator.node.kernels_draw import build_tree, drawn, set_time, uniform_of
from whence.explain.simulator.node.kernels_limits import high_delay_ns, oom_victim

# Totals of the moment, entries of `now`.
_TIME, _HELD, _LIVE, _ALIVE, _STALLED = range(5)
_LIFE, _CURVE, _JITTER, _RETRY = range(4)
_PSI_NS = 2_000_000_000
_PSI_10 = 1677
_PSI_ONE = 2048


@njit(cache=True)
def _grow(slots, now, s, held, live):  # type: ignore[no-untyped-def]
    now[_HELD] += held - slots[f.HELD, s]
    now[_LIVE] += live - slots[f.LIVE, s]
    slots[f.HELD, s] = held
    slots[f.LIVE, s] = live
    if held > slots[f.MOST_HELD, s]:
        slots[f.MOST_HELD, s] = held


@njit(cache=True)
def _scans_before(when, first, every):  # type: ignore[no-untyped-def]
    """Returns how many scans lie at or before a time."""
    return 0 if when < first else (when - first) // every + 1


@njit(cache=True)
def _note(log, counts, at, s, slots, reason, available):  # type: ignore[no-untyped-def]
    entry = counts[f.LOGGED]
    counts[f.LOGGED] = entry + 1
    if entry < log.shape[0]:
        log[entry, f.LOG_AT] = at
        log[entry, f.LOG_SLOT] = s
        log[entry, f.LOG_GENERATION] = slots[f.GENERATION, s]
        log[entry, f.LOG_REASON] = reason
        log[entry, f.LOG_HELD] = slots[f.HELD, s]
        log[entry, f.LOG_SAMPLED] = slots[f.SAMPLED, s] if slots[f.SAMPLES, s] > 0 else -1
        log[entry, f.LOG_AVAILABLE] = available
        log[entry, f.LOG_AGE] = at - slots[f.BORN, s] if slots[f.STEP, s] >= 0 else -1
        log[entry, f.LOG_CLASS] = slots[f.CLASS, s]


@njit(cache=True)
def _end(slots, classes, node, now, counts, sums, s, at, by_itself):  # type: ignore[no-untyped-def]
    """Ends the pod in a slot and returns when the slot acts again."""
    if slots[f.STEP, s] >= 0:  # it ran
        measured = at >= node[f.WARMUP_NS]
        counts[f.ENDED] += measured
        if slots[f.STALLED, s]:
            slots[f.STALLED, s] = 0
            now[_STALLED] -= 1
        now[_ALIVE] -= 1
        if measured:
            born = slots[f.BORN, s]
            if _scans_before(at, node[f.FIRST_SCAN_NS], node[f.SCAN_EVERY_NS]) == _scans_before(
                born, node[f.FIRST_SCAN_NS], node[f.SCAN_EVERY_NS]
            ):
                counts[f.NEVER_SCANNED] += 1
            counts[f.NEVER_SAMPLED] += slots[f.SAMPLES, s] <= 1
            sums[f.TRUE_PEAKS] += slots[f.MOST_HELD, s]
            sums[f.SAMPLED_PEAKS] += slots[f.MOST_SAMPLED, s]
    _grow(slots, now, s, 0, 0)
    slots[f.PHASE, s] = f.WAITING
    slots[f.GENERATION, s] += 1
    if not slots[f.REPEATS, s]:
        return f.NEVER
    # Who was killed is not replaced in the same instant: else one that cannot start would be tried without end.
    return at + max(classes[f.GAP_NS, slots[f.CLASS, s]], 1 if by_itself else f.REPLACED_NS)


@njit(cache=True)
def _start(slots, classes, draws, node, state, counts, buckets, bucket, s, at):  # type: ignore[no-untyped-def]
    """Asks for admission; returns when the slot acts again: the container's start, or the next attempt."""
    kind = slots[f.CLASS, s]
    if (
        state[k.PRESSURE]
        and classes[f.BEST_EFFORT, kind]
        and not classes[f.CRITICAL, kind]
        and not classes[f.TOLERATES, kind]
    ):
        counts[f.REFUSED] += 1
        buckets[f.IN_REFUSED, bucket] += 1
        key, turn = slots[f.KEY, s], slots[f.GENERATION, s]
        slots[f.GENERATION, s] += 1
        if not slots[f.REPEATS, s]:
            return f.NEVER
        life = drawn(
            classes[f.LIFE_KIND, kind], draws[0, kind], draws[1, kind], uniform_of(node[f.SEED], key, turn, _LIFE)
        )
        return at + max(1, life)
    slots[f.PHASE, s] = f.CREATING
    slots[f.SAMPLES, s] = 0
    slots[f.SAMPLED, s] = 0
    slots[f.MOST_SAMPLED, s] = 0
    slots[f.MOST_HELD, s] = 0
    slots[f.STALLED, s] = 0
    slots[f.STEP, s] = -1
    return at + classes[f.CREATING_NS, kind]


@njit(cache=True)
def _run(slots, classes, draws, node, now, counts, s, at):  # type: ignore[no-untyped-def]
    """Starts the container's process and returns its first step's time."""
    kind = slots[f.CLASS, s]
    key, turn = slots[f.KEY, s], slots[f.GENERATION, s]
    slots[f.PHASE, s] = f.RUNNING
    which = int(uniform_of(node[f.SEED], key, turn, _CURVE) * classes[f.CURVES, kind])
    slots[f.CURVE, s] = classes[f.FIRST_CURVE, kind] + which
    slots[f.STEP, s] = 0
    slots[f.BORN, s] = at
    slots[f.SHIFT, s] = 0
    life = drawn(classes[f.LIFE_KIND, kind], draws[0, kind], draws[1, kind], uniform_of(node[f.SEED], key, turn, _LIFE))
    slots[f.DIES, s] = at + max(1, life)
    slots[f.SAMPLE_AT, s] = at
    now[_ALIVE] += 1
    counts[f.STARTED] += 1
    if now[_ALIVE] > counts[f.MOST_ALIVE] and at >= node[f.WARMUP_NS]:
        counts[f.MOST_ALIVE] = now[_ALIVE]
    return at


@njit(cache=True)
def _next(slots, offsets, ages, s):  # type: ignore[no-untyped-def]
    """Returns the earliest of a running pod's next step, next sample, awakening and end."""
    shift = slots[f.SHIFT, s]
    when = slots[f.DIES, s] + shift
    if slots[f.SAMPLE_AT, s] < when:
        when = slots[f.SAMPLE_AT, s]
    place = offsets[slots[f.CURVE, s]] + slots[f.STEP, s]
    if place < offsets[slots[f.CURVE, s] + 1]:
        step = slots[f.BORN, s] + ages[place] + shift
        if step < when:
            when = step
    if slots[f.STALLED, s] and slots[f.DUE, s] < when:
        when = slots[f.DUE, s]
    return when


@njit(cache=True)
def _advance(slots, classes, node, now, counts, offsets, ages, resident, live, s, at):  # type: ignore[no-untyped-def]
    """Takes a running pod's steps that are due. Returns False when it broke through its own limit."""
    kind = slots[f.CLASS, s]
    if slots[f.STALLED, s] and at >= slots[f.DUE, s]:
        slots[f.STALLED, s] = 0
        now[_STALLED] -= 1
    curve = slots[f.CURVE, s]
    high, most = classes[f.HIGH, kind], classes[f.MAX, kind]
    batch = node[f.BATCH_BYTES]
    while True:
        place = offsets[curve] + slots[f.STEP, s]
        if place >= offsets[curve + 1] or slots[f.BORN, s] + ages[place] + slots[f.SHIFT, s] > at:
            return True
        target = resident[place]
        held = slots[f.HELD, s]
        if target > held and target > high:
            # Above memory.high every batch of pages is paid for with a sleep before the next.
            charged = min(target, max(held, high) + batch)
            if charged > most:
                _grow(slots, now, s, min(charged, most), live[place])
                return False
            _grow(slots, now, s, charged, live[place])
            sleep = high_delay_ns(charged, high, batch >> 12, batch >> 12, node[f.TICKS_PER_SECOND])
            if sleep > 0:
                if not slots[f.STALLED, s]:
                    now[_STALLED] += 1
                    slots[f.STALLED, s] = 1
                if counts[f.FIRST_THROTTLE] < 0:
                    counts[f.FIRST_THROTTLE] = at
                if slots[f.SHIFT, s] == 0:
                    counts[f.THROTTLED_PODS] += at >= node[f.WARMUP_NS]
                slots[f.SHIFT, s] += sleep
                slots[f.DUE, s] = at + sleep
            if charged < target:
                if sleep > 0:
                    # The same step goes on when the task wakes: its age moves with the sleep.
                    if slots[f.BORN, s] + ages[place] + slots[f.SHIFT, s] <= at:
                        slots[f.SHIFT, s] = at + sleep - slots[f.BORN, s] - ages[place]
                    return True
                continue
        else:
            if target > most:
                _grow(slots, now, s, most, live[place])
                return False
            _grow(slots, now, s, target, live[place])
        slots[f.STEP, s] += 1


@njit(cache=True)
def _kill(slots, classes, tree, times, s, at):  # type: ignore[no-untyped-def]
    """Begins the end of an evicted pod: its process goes on until it exits."""
    kind = slots[f.CLASS, s]
    leave = at
    if slots[f.PHASE, s] == f.RUNNING:
        leave = min(at + classes[f.EXIT_NS, kind], slots[f.DIES, s] + slots[f.SHIFT, s])
    slots[f.PHASE, s] = f.TERMINATING
    set_time(tree, times, s, leave)
    return leave


@njit(cache=True)
def _shed(slots, classes, node, now, counts, sums, log, buckets, bucket, tree, times, at):  # type: ignore[no-untyped-def]
    """Kills pods while the node's memory is exceeded, as the kernel would."""
    while node[f.SYSTEM] + now[_HELD] > node[f.CAPACITY]:
        s = oom_victim(slots, classes, node[f.CAPACITY])
        if s < 0:
            return
        _note(log, counts, at, s, slots, f.BY_NODE, node[f.CAPACITY] - node[f.SYSTEM] - now[_HELD])
        counts[f.KILLED_BY_NODE] += at >= node[f.WARMUP_NS]
        buckets[f.IN_KILLED, bucket] += 1
        set_time(tree, times, s, _end(slots, classes, node, now, counts, sums, s, at, False))


@njit(cache=True)
def _kubelet(slots, classes, node, now, state, counts, log, passes, buckets, bucket, thresholds, first_met, unresolved,
             tree, times, at):  # type: ignore[no-untyped-def]  # fmt: skip
    """One pass, or one look at whether the last victim is gone. Sets the time of the next."""
    if state[k.BUSY_SLOT] >= 0:
        waited = at - state[k.POLLS_FROM]
        if at >= state[k.KILL_DONE] + node[f.CLEANUP_NS] or waited >= node[f.CLEANUP_TIMEOUT_NS]:
            state[k.BUSY_SLOT] = -1
        else:
            state[k.NEXT_PASS] = at + min(node[f.POLL_NS], node[f.CLEANUP_TIMEOUT_NS] - waited)
            return
    available = node[f.CAPACITY] - node[f.SYSTEM] - now[_HELD]
    chosen = k.evaluate(
        at, available, node[f.PODS_LIMIT] - now[_HELD], thresholds, first_met, unresolved, state, node[f.PRESSURE_NS]
    )
    taken = -1
    if chosen >= 0 and node[f.EVICTS]:
        taken = k.victim(slots, classes)
    number = counts[f.PASSES]
    counts[f.PASSES] = number + 1
    if number < passes.shape[0]:
        passes[number, f.PASS_AT] = at
        passes[number, f.PASS_AVAILABLE] = available
        passes[number, f.PASS_VICTIM] = taken
        passes[number, f.PASS_PRESSURE] = state[k.PRESSURE]
    if taken < 0:
        state[k.NEXT_PASS] = at + node[f.PASS_EVERY_NS]
        return
    hard = thresholds[f.GRACE, chosen] == 0
    if counts[f.FIRST_EVICTION] < 0:
        counts[f.FIRST_EVICTION] = at
    if at >= node[f.WARMUP_NS]:
        counts[f.EVICTED_HARD if hard else f.EVICTED_SOFT] += 1
        counts[f.EVICTED_WITHOUT_STATS] += slots[f.SAMPLES, taken] == 0
    buckets[f.IN_EVICTED, bucket] += 1
    _note(log, counts, at, taken, slots, f.BY_HARD if hard else f.BY_SOFT, available)
    gone = _kill(slots, classes, tree, times, taken, at)
    state[k.BUSY_SLOT] = taken
    state[k.KILL_DONE] = gone
    state[k.POLLS_FROM] = gone
    state[k.NEXT_PASS] = gone + node[f.POLL_NS]


@njit(cache=True, nogil=True)
def simulate(slots, classes, draws, offsets, ages, resident, live, node, thresholds, times, counts, sums, buckets, log,
             passes):  # type: ignore[no-untyped-def]  # fmt: skip
    """Runs a node from 0 to its end.

    slots, classes, node, thresholds, times, counts, log, passes: int64; draws, sums, buckets: float64, laid out as in
    `fields`. times: when each slot acts first, a power of two of entries, NEVER where there is no slot. offsets: where
    each curve begins in ages, resident and live, and one more. counts, sums, buckets, log and passes are filled.
    """
    now = np.zeros(5, dtype=np.int64)
    state = np.zeros(k.STATE_ENTRIES, dtype=np.int64)
    state[k.NEXT_PASS] = node[f.FIRST_PASS_NS]
    state[k.SINCE_PRESSURE] = f.NEVER
    state[k.BUSY_SLOT] = -1
    first_met = np.full(thresholds.shape[1], f.NEVER, dtype=np.int64)
    unresolved = np.zeros(thresholds.shape[1], dtype=np.bool_)
    tree = build_tree(times)
    end, warmup = node[f.END_NS], node[f.WARMUP_NS]
    length = max(1, end // node[f.BUCKETS])
    bucket = 0
    border = length
    next_scan = node[f.FIRST_SCAN_NS]
    next_psi = _PSI_NS
    stalled_in_period = 0
    average_10 = 0
    counts[f.FIRST_THROTTLE] = -1
    counts[f.FIRST_EVICTION] = -1
    while True:
        s = tree[1]
        at = times[s]
        beside = min(min(state[k.NEXT_PASS], border), min(next_scan, next_psi))
        is_pod = at <= beside
        if not is_pod:
            at = beside
        if at > end:
            at = end
        passed = at - now[_TIME]
        if passed > 0:
            held, alive = float(now[_HELD]), now[_ALIVE]
            buckets[f.IN_RESIDENT, bucket] += held * passed
            buckets[f.IN_LIVE, bucket] += float(now[_LIVE]) * passed
            buckets[f.IN_STALLED, bucket] += float(now[_STALLED]) * passed
            if state[k.PRESSURE]:
                buckets[f.IN_PRESSURE, bucket] += passed
            if now[_STALLED] > 0:
                stalled_in_period += passed
            if at > warmup:
                counted = float(min(passed, at - warmup))
                sums[f.RESIDENT_TIME] += held * counted
                sums[f.LIVE_TIME] += float(now[_LIVE]) * counted
                sums[f.ALIVE_TIME] += alive * counted
                if now[_STALLED] > 0:
                    sums[f.SOME_STALLED] += counted
                    sums[f.STALL_TIME] += now[_STALLED] * counted
                    if now[_STALLED] == alive:
                        sums[f.ALL_STALLED] += counted
                if state[k.PRESSURE]:
                    sums[f.PRESSURE_TIME] += counted
            now[_TIME] = at
        if at >= end:
            break
        if not is_pod:
            if at == state[k.NEXT_PASS]:
                _kubelet(
                    slots, classes, node, now, state, counts, log, passes, buckets, bucket, thresholds, first_met,
                    unresolved, tree, times, at,
                )  # fmt: skip
            elif at == next_scan:
                next_scan += node[f.SCAN_EVERY_NS]
                buckets[f.IN_SCANNED, bucket] = max(buckets[f.IN_SCANNED, bucket], float(now[_HELD]))
                if at >= warmup:
                    counts[f.SCANS] += 1
                    sums[f.SCANNED_SUM] += float(now[_HELD])
                    counts[f.PEAK_SCANNED] = max(counts[f.PEAK_SCANNED], now[_HELD])
                    counts[f.MOST_ALIVE_SCANNED] = max(counts[f.MOST_ALIVE_SCANNED], now[_ALIVE])
            elif at == next_psi:
                next_psi += _PSI_NS
                percent = stalled_in_period * 100 // _PSI_NS * _PSI_ONE
                average_10 = (average_10 * _PSI_10 + percent * (_PSI_ONE - _PSI_10) + (_PSI_ONE >> 1)) // _PSI_ONE
                stalled_in_period = 0
                buckets[f.IN_AVG10, bucket] = max(buckets[f.IN_AVG10, bucket], average_10 / 2048.0)
            else:
                border += length
                bucket = min(bucket + 1, node[f.BUCKETS] - 1)
                buckets[f.IN_MOST, bucket] = float(now[_HELD])
            continue
        counts[f.EVENTS] += 1
        phase = slots[f.PHASE, s]
        if phase == f.WAITING:
            again = _start(slots, classes, draws, node, state, counts, buckets, bucket, s, at)
        elif phase == f.CREATING:
            again = _run(slots, classes, draws, node, now, counts, s, at)
        elif phase == f.TERMINATING or slots[f.DIES, s] + slots[f.SHIFT, s] <= at:
            again = _end(slots, classes, node, now, counts, sums, s, at, phase == f.RUNNING)
        elif not _advance(slots, classes, node, now, counts, offsets, ages, resident, live, s, at):
            counts[f.KILLED_BY_LIMIT] += at >= warmup
            buckets[f.IN_KILLED, bucket] += 1
            _note(log, counts, at, s, slots, f.BY_LIMIT, node[f.CAPACITY] - node[f.SYSTEM] - now[_HELD])
            again = _end(slots, classes, node, now, counts, sums, s, at, False)
        else:
            if slots[f.SAMPLE_AT, s] <= at:
                held = slots[f.HELD, s]
                slots[f.SAMPLED, s] = held
                slots[f.MOST_SAMPLED, s] = max(slots[f.MOST_SAMPLED, s], held)
                slots[f.SAMPLES, s] += 1
                jitter = uniform_of(
                    node[f.SEED], slots[f.KEY, s], slots[f.GENERATION, s] * 65536 + slots[f.SAMPLES, s], _JITTER
                )
                slots[f.SAMPLE_AT, s] = at + node[f.HOUSEKEEPING_NS] + int(jitter * node[f.HOUSEKEEPING_NS])
            again = _next(slots, offsets, ages, s)
        set_time(tree, times, s, again)
        if now[_HELD] > counts[f.PEAK] and at >= warmup:
            counts[f.PEAK] = now[_HELD]
            counts[f.PEAK_AT] = at
        if now[_HELD] > buckets[f.IN_MOST, bucket]:
            buckets[f.IN_MOST, bucket] = float(now[_HELD])
        if node[f.SYSTEM] + now[_HELD] > node[f.CAPACITY]:
            _shed(slots, classes, node, now, counts, sums, log, buckets, bucket, tree, times, at)
