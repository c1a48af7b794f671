"""What passes through functions: everything allocated while one was on the stack, counted once a stack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whence.evidence.profile_sites import Range, Through
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import counts, tiny
from whence.measure.profiles.sites.buckets import Buckets
from whence.measure.profiles.sites.grouping import strata
from whence.measure.profiles.sites.responsible import in_chunks, lines_of

LEAST_SHARE = 0.002
MOST_FUNCTIONS = 400
Int64 = NDArray[np.int64]


def through(
    profiles: Sequence[Profile], data: Buckets, sharing: NDArray[np.bool_], joined: Range, level: float
) -> tuple[Through, ...]:
    """Returns the functions through which at least a five-hundredth of all objects passes, most first.

    `sharing`: the buckets whose objects may live in tiny blocks.
    """
    names: dict[str, int] = {}
    parts: list[tuple[Int64, Int64]] = []
    for index, profile in enumerate(profiles):
        parts += _passages(profile, data, index, names)
    if not parts:
        return ()
    bucket = np.concatenate([part[0] for part in parts])
    function = np.concatenate([part[1] for part in parts])
    shown = np.bincount(function, data.shown_objects[bucket], len(names))
    order = np.argsort(-shown, kind="stable")[:MOST_FUNCTIONS]
    chosen = order[shown[order] >= LEAST_SHARE * max(float(data.shown_objects.sum()), 1)]
    number = np.full(len(names), -1)
    number[chosen] = np.arange(len(chosen))
    kept = number[function] >= 0
    sums = strata(data.take(bucket[kept]), number[function[kept]], level)
    everything = strata(data, np.zeros(len(data), np.int64), level)
    text = list(names)
    total, bytes_ = sums.total(len(chosen)), sums.total(len(chosen), by_bytes=True)
    pairs = np.flatnonzero(kept)
    pairs = pairs[sharing[bucket[pairs]]]
    opened = strata(data.take(bucket[pairs]), number[function[pairs]], level).total(len(chosen))
    all_total = everything.total(1)
    all_opened = strata(data, np.zeros(len(data), np.int64), level, sharing).total(1)
    rows: list[Through] = []
    for i, at in enumerate(chosen.tolist()):
        pair = counts.complement(total, i, all_total)
        pair_opened = counts.complement(opened, i, all_opened)
        whole, share = tiny.with_joined(pair, pair_opened, joined)
        rows.append(
            Through(
                function=text[at],
                profile_share=float(shown[at] / data.shown_objects.sum()),
                objects=range_of(whole, 0),
                objects_share=range_of(share, 0),
                slot_bytes=range_of(bytes_, i),
            )
        )
    return tuple(rows)


def range_of(estimates: counts.Estimates, row: int) -> Range:
    """Returns one row of estimates as the noun has it."""
    return Range(value=float(estimates.value[row]), low=float(estimates.low[row]), high=float(estimates.high[row]))


def _passages(profile: Profile, data: Buckets, index: int, names: dict[str, int]) -> list[tuple[Int64, Int64]]:
    """Returns pairs (bucket, number of function) of one profile, each once."""
    bucket_of = np.full(len(profile), -1)
    mine = np.flatnonzero(data.profile == index)
    bucket_of[data.sample[mine]] = mine
    numbers = np.array([names.setdefault(name, len(names)) for name in profile.function_names()] + [-1], np.int64)
    found: list[tuple[Int64, Int64]] = []
    for samples in in_chunks(profile):
        samples = samples[bucket_of[samples] >= 0]
        if not len(samples):
            continue
        starts, lines = lines_of(profile, samples)
        function = numbers[profile.locations.line_function[lines].astype(np.int64)]
        owner = np.repeat(np.arange(len(samples)), np.diff(starts))
        width = len(names) + 1
        pairs = np.unique(owner[function >= 0] * width + function[function >= 0])
        found.append((bucket_of[samples[pairs // width]], pairs % width))
    return found
