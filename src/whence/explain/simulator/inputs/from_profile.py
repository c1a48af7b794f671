"""A program from a heap profile: what it allocates by size, what stays, and lifetimes by Little's law.

A heap profile says for each place and size how many objects were made since the start (N) and how many of them were
alive at the last collection (M), both with their sampling undone. Over the time T that the profile covers the rate is
N ÷ T, and where the number alive is steady the mean lifetime is M ÷ (N ÷ T) (J. D. C. Little, Operations Research 9,
1961). A place of which half or more is still there made what is kept; its objects are made at the start. What the
program counts about itself, when it is given, replaces sampled totals by exact ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.explain.simulator.costs.rows import costs_of
from whence.explain.simulator.engine.workload import ObjectKind, Workload
from whence.explain.simulator.inputs.from_metrics import Counters, SizeRow
from whence.explain.simulator.inputs.process_facts import ProcessFacts
from whence.golang.size_classes import HEADER_BYTES, HEADERS_ABOVE_BYTES, small_limit_bytes
from whence.golang.versions import at_least, parse_version
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites.buckets import Buckets, buckets

NEEDED = ("alloc_objects", "alloc_space", "inuse_objects", "inuse_space")
KEPT_FROM = 0.5
FEWEST_RECORDED = 3
"""Records that a place must have before it is said to keep what it makes; the others are pooled by size."""
MOST_SECONDS = 600.0
START_RATE = 400e6
"""Bytes a second at which what is kept is made at the start."""
UNKNOWN_POINTER_SHARE = 0.5
POOR = 0.1
IDLE = 0.05
"""Share of idle Ps below which a program runs as fast as it can."""


class _Row(NamedTuple):
    size_bytes: int
    made: float
    alive: float
    kept: bool


class Profiled(NamedTuple):
    """The program of a profile and what should be known about how well it is known."""

    program: Workload
    notes: tuple[str, ...]


def program_of(
    profile: Profile, *, name: str, counters: Counters | None = None, seconds: float | None = None,
    alloc_rate: float | None = None, go: str = "1.27", facts: ProcessFacts | None = None,
) -> Profiled:  # fmt: skip
    """Returns the program. `seconds`: how long it ran; `alloc_rate`: bytes a second instead; `go`: its release.

    Raises BadInput for a profile without the needed sample types, and when nothing tells the time.
    """
    check_types(profile, name)
    data = buckets([profile])
    if not len(data):
        raise BadInput(f"{name}: the profile has no allocations in it. Record it when the program has run for a while.")
    rows = _rows(data)
    made_bytes = sum(row.made * row.size_bytes for row in rows)
    time_s = _time(name, made_bytes, counters, seconds, alloc_rate)
    rows = _exact(rows, time_s, counters)
    share = UNKNOWN_POINTER_SHARE
    if counters is not None and counters.pointer_share is not None:
        share = counters.pointer_share
    kinds = [kind for row in rows for kind in _kinds(row, time_s, share, go)]
    kept = sum(kind.live * kind.size_bytes for kind in kinds if not kind.rate)
    length = min(time_s, MOST_SECONDS)
    program = Workload(
        name=name,
        kinds=tuple(kinds),
        duration_seconds=length,
        start_seconds=min(max(0.05, kept / START_RATE), length / 5),
        source="profile",
    )
    program = with_counters(program, counters, go, facts)
    return Profiled(program.checked(), _notes(data, time_s, length, counters, facts))


def check_types(profile: Profile, name: str) -> None:
    """Raises BadInput when a profile has not both what was made and what is in use."""
    names = [kind.type for kind in profile.sample_types]
    if not all(needed in names for needed in NEEDED):
        raise BadInput(
            f"{name}: the profile has {', '.join(names) or 'no values'}; lifetimes need {', '.join(NEEDED)}. Give a "
            "heap or allocs profile of Go (/debug/pprof/allocs), or --alloc-rate and --live instead."
        )
    if profile.duration_nanos and (profile.values < 0).any():
        raise BadInput(f"{name}: the profile is a difference of two. Give a plain one (/debug/pprof/allocs).")


def _rows(data: Buckets) -> list[_Row]:
    """Returns what was made and what is alive by size, what is kept apart from what is replaced."""
    made, alive = data.recorded / data.probability, data.in_use / data.probability
    keeps = (data.recorded >= FEWEST_RECORDED) & (data.in_use >= KEPT_FROM * data.recorded)
    found: list[_Row] = []
    for kept in (False, True):
        rows = np.flatnonzero(keeps == kept)
        sizes, group = np.unique(data.size_bytes[rows], return_inverse=True)
        sums = [np.bincount(group, column[rows], len(sizes)) for column in (made, alive)]
        found += [_Row(int(size), float(n), float(m), kept) for size, n, m in zip(sizes, *sums, strict=True)]
    return found


def _time(
    name: str, made_bytes: float, counters: Counters | None, seconds: float | None, alloc_rate: float | None
) -> float:
    if seconds is not None:
        return seconds
    if alloc_rate:
        return made_bytes / alloc_rate
    if counters is not None and counters.alloc_rate:
        return made_bytes / counters.alloc_rate
    if counters is not None and counters.seconds:
        return counters.seconds
    raise BadInput(
        f"{name}: a heap profile does not say how long the program ran. Give --duration 10m, --alloc-rate 200MB/s, or "
        "its counters with --metrics FILE."
    )


def _exact(rows: list[_Row], seconds: float, counters: Counters | None) -> list[_Row]:
    """Returns the rows with the runtime's own totals where they are known."""
    if counters is None:
        return rows
    by_size = {row.size_bytes: row for row in counters.sizes}
    if by_size:
        rows = _by_size(rows, seconds, by_size)
    live = sum(row.alive * row.size_bytes for row in rows)
    factor = counters.live_bytes / live if counters.live_bytes and live else 1.0
    return [row._replace(alive=row.alive * factor) for row in rows]


def _by_size(rows: list[_Row], seconds: float, exact: dict[int, SizeRow]) -> list[_Row]:
    """Returns the rows with the counted numbers of their size class; classes that the profile missed are added."""
    made: dict[int, float] = {}
    for row in rows:
        made[row.size_bytes] = made.get(row.size_bytes, 0.0) + row.made
    found = [
        row._replace(made=row.made * exact[row.size_bytes].rate * seconds / made[row.size_bytes])
        if row.size_bytes in exact and made[row.size_bytes]
        else row
        for row in rows
    ]
    large = max(exact)
    missed = [row for size, row in exact.items() if size not in made and size != large]
    return found + [_Row(row.size_bytes, row.rate * seconds, row.live, False) for row in missed]


def _kinds(row: _Row, seconds: float, pointer_share: float, go: str) -> list[ObjectKind]:
    """Returns the kinds of one row: what is kept, and what is made anew all the time."""
    found: list[ObjectKind] = []
    for pointers, share in ((True, pointer_share), (False, 1 - pointer_share)):
        size = requested(row.size_bytes, pointers, go)
        made, alive = row.made * share, row.alive * share
        if row.kept:
            if round(alive):
                found.append(ObjectKind(size_bytes=size, live=round(alive), pointers=pointers))
            made, alive = max(made - alive, 0.0), 0.0
        rate = made / seconds
        if rate > 0 and row.size_bytes > 0:
            found.append(ObjectKind(size_bytes=size, rate=rate, live=round(alive), pointers=pointers))
        elif round(alive):
            found.append(ObjectKind(size_bytes=size, live=round(alive), pointers=pointers))
    return found


def requested(slot_bytes: int, pointers: bool, go: str) -> int:
    """Returns a request that ends in such a slot: the slot less what the release keeps of it for itself."""
    headers = (
        at_least(go, "1.22") and pointers and HEADERS_ABOVE_BYTES < slot_bytes <= small_limit_bytes(go) + HEADER_BYTES
    )
    return slot_bytes - HEADER_BYTES if headers else slot_bytes


def with_counters(program: Workload, counters: Counters | None, go: str, facts: ProcessFacts | None = None) -> Workload:
    """Returns the program with stacks, globals and CPU as counted.

    Ps that hardly idle mean a program that runs as fast as it can: then its rates are over its own CPU time, so that
    collections and a lack of CPU stretch it as they did.
    """
    changes: dict[str, object] = {}
    if counters is None:
        counters = Counters(seconds=None, alloc_rate=None, allocated_bytes=None, live_bytes=None, pointer_share=None)
    if counters.globals_bytes:
        changes["globals_bytes"] = counters.globals_bytes
    if counters.stack_bytes:
        changes["stack_bytes"] = counters.stack_bytes
    cores = own_cores(counters, facts)
    if cores is None:
        return msgspec.structs.replace(program, **changes)
    workers = max(1, min(math.ceil(cores), counters.processors or 1))
    changes["goroutines"] = workers
    if counters.idle_share is not None and counters.idle_share < IDLE and cores > 0:
        busy = min(cores / workers, 1.0)
        program = msgspec.structs.replace(
            program,
            kinds=tuple(msgspec.structs.replace(kind, rate=kind.rate / busy) for kind in program.kinds),
            duration_seconds=program.duration_seconds * busy,
            closed_loop=True,
        )
        kept = any(not kind.rate for kind in program.kinds)
        changes["start_seconds"] = min(program.start_seconds, program.duration_seconds / 5) if kept else 0.0
        cores = float(workers)
    changes["cpu_share"] = max(0.0, cores - _allocating(program, go))
    return msgspec.structs.replace(program, **changes)


def _allocating(program: Workload, go: str) -> float:
    """Returns the cores that allocating alone takes, by the cost constants."""
    costs = costs_of(parse_version(go))
    objects = sum(kind.rate for kind in program.kinds)
    return (objects * costs.allocate_ns + program.alloc_rate * costs.allocate_byte_ns) / 1e9


def own_cores(counters: Counters, facts: ProcessFacts | None) -> float | None:
    """Returns the cores that the program itself used, the collector's apart: by the kernel where it was asked."""
    if facts is not None and facts.cpu_seconds > 0:
        return facts.cores * (counters.user_share if counters.user_share is not None else 1.0)
    return counters.user_cores


def program_of_counters(
    counters: Counters, *, name: str, seconds: float | None = None, go: str = "1.27", facts: ProcessFacts | None = None
) -> Profiled:
    """Returns a program from counters alone, without any profile: sizes by the runtime's histograms.

    What is kept is not told apart from what is replaced slowly. Raises BadInput when rates or sizes are missing.
    """
    time_s = seconds or counters.seconds
    if not counters.sizes or not time_s:
        raise BadInput(
            f"{name}: the counters hold no sizes of allocations over a known time. Give two scrapes with "
            "/gc/heap/allocs-by-size and /gc/heap/frees-by-size, or a heap profile beside them."
        )
    share = counters.pointer_share if counters.pointer_share is not None else UNKNOWN_POINTER_SHARE
    rows = [_Row(row.size_bytes, row.rate * time_s, row.live, False) for row in counters.sizes]
    kinds = [kind for row in rows for kind in _kinds(row, time_s, share, go)]
    length = min(time_s, MOST_SECONDS)
    program = Workload(name=name, kinds=tuple(kinds), duration_seconds=length, start_seconds=0.0, source="profile")
    return Profiled(with_counters(program, counters, go, facts).checked(), ())


def _notes(
    data: Buckets, seconds: float, length: float, counters: Counters | None, facts: ProcessFacts | None
) -> tuple[str, ...]:
    found: list[str] = []
    error = _relative_error(data.in_use, data.size_bytes, data.probability)
    if (counters is None or not counters.live_bytes) and error > POOR:
        found.append(f"the live heap rests on {int(data.in_use.sum())} sampled objects: ±{100 * error:.0f} % (1 sd).")
    if counters is None or counters.pointer_share is None:
        found.append("the profile does not say which objects hold pointers: half of the bytes are taken to.")
    if facts is None and counters is not None and counters.user_cores:
        found.append("CPU is the time of Ps, more than real CPU on a busy host; whence simulate record counts it.")
    if length < seconds:
        found.append(f"the program ran {seconds:.0f} s; {length:.0f} s of it are simulated.")
    return tuple(found)


def _relative_error(
    k: Sequence[int] | NDArray[np.int64], sizes: NDArray[np.int64], probability: NDArray[np.float64]
) -> float:
    """Returns the standard deviation of the sampled bytes ÷ their estimate."""
    counts = np.asarray(k, np.float64)
    each = sizes / probability
    whole = float((counts * each).sum())
    return math.sqrt(float((counts * (1 - probability) * each**2).sum())) / whole if whole else 1.0
