"""What each bucket of a profile asked for: by the call in the program where that is given, else by its slot alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.golang.code.program import Program
from whence.golang.size_classes import TINY_BYTES
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import requested
from whence.measure.profiles.sites.buckets import Buckets
from whence.measure.profiles.sites.call_sites import Call, calls_at
from whence.measure.profiles.sites.counts import Float64
from whence.measure.profiles.sites.responsible import is_runtime

NEVER, ALWAYS, PERHAPS = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """By bucket: bytes of one object's request, whether it goes into tiny blocks, and the call that says so."""

    value: Float64
    low: Float64
    high: Float64
    tiny: NDArray[np.int64]
    """NEVER, ALWAYS or PERHAPS."""
    calls: list[Call | None]


def asked(profiles: Sequence[Profile], data: Buckets, program: Program | None, go_version: str) -> Asked:
    """Returns what is known of every bucket's requests."""
    calls: list[Call | None] = [None] * len(data)
    if program is not None:
        calls = _calls(profiles, data, program, go_version)
    each = [
        requested.of_slot(size, go_version) if call is None else call.asked(size, go_version)
        for size, call in zip(data.size_bytes.tolist(), calls, strict=True)
    ]
    table = np.array(each, np.float64).reshape(len(each), 3)
    tiny = np.array([PERHAPS if call is None or call.tiny is None else int(call.tiny) for call in calls], np.int64)
    tiny[data.size_bytes != TINY_BYTES] = NEVER
    return Asked(table[:, 0], table[:, 1], table[:, 2], tiny, calls)


def _calls(profiles: Sequence[Profile], data: Buckets, program: Program, go_version: str) -> list[Call | None]:
    """Returns the call of every bucket's first frame; None where the stack begins inside the runtime."""
    addresses = np.zeros(len(data), np.int64)
    for index, profile in enumerate(profiles):
        mine = np.flatnonzero(data.profile == index)
        starts = profile.stack_starts[data.sample[mine]]
        filled = profile.stack_starts[data.sample[mine] + 1] > starts
        leaf = profile.frames[starts[filled]].astype(np.int64)
        addresses[mine[filled]] = np.where(_own(profile)[leaf], profile.locations.address[leaf].astype(np.int64), 0)
    found = calls_at(program, addresses[addresses > 0].tolist(), go_version)
    return [found.get(address) for address in addresses.tolist()]


def _own(profile: Profile) -> NDArray[np.bool_]:
    """Tells which locations lie in functions that are not the runtime's."""
    names = profile.function_names()
    lines = profile.locations.line_starts
    first = np.minimum(lines[:-1], max(len(profile.locations.line_function) - 1, 0))
    function = profile.locations.line_function[first].astype(np.int64) if len(names) else np.zeros(0, np.int64)
    runtime = np.array([*(is_runtime(name) for name in names), True], np.bool_)
    return ~runtime[function] & (lines[1:] > lines[:-1])
