"""Compares where objects lie in the simulation with where they lay in the real heap."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import numpy as np

from whence.explain.simulator.allocator import kernels_replay
from whence.explain.simulator.allocator.replaying import replay
from whence.explain.simulator.inputs import recording as stream
from whence.explain.simulator.inputs.columns_file import read_recording, write_recording
from whence.explain.simulator.inputs.importing import read_trace

PAGE_WORDS = 1024


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded run."""

    release: str
    workload: str
    objects: int
    same: float
    """Share of the objects at the very offset from the first arena."""
    deaths: int
    collections: int
    runs: int
    """Runs of pages for stacks and for the collector's own memory."""
    runs_same: float
    early: int
    """Slots taken before the event that tells of them."""
    odd_sweeps: int
    """Sweeps or deaths that the simulation did not have where the recording has them."""
    first_divergence: str
    bytes_per_event: float
    replay_seconds: float


def compare(trace: Path, release: str, workload: str) -> Compared:
    """Returns what a simulation made of a trace without its addresses has in common with the trace."""
    recording, truth, _ = read_trace(trace, release)
    packed = trace.with_suffix(".recording")
    write_recording(packed, recording)
    bytes_per_event = packed.stat().st_size / len(recording.kind)
    begin = time.process_time()
    replayed = replay(read_recording(packed))
    seconds = time.process_time() - begin
    same = replayed.object_word == truth.object_word
    counts = np.bincount(recording.kind, minlength=stream.KINDS)
    odd = replayed.counts[[kernels_replay.UNEXPLAINED_DEATHS, kernels_replay.OTHER_SPAN, kernels_replay.UNSEEN_SWEEPS]]
    return Compared(
        release=release,
        workload=workload,
        objects=len(same),
        same=float(same.mean()),
        deaths=int(counts[stream.DIE]),
        collections=int(counts[stream.COLLECTION_END]),
        runs=len(truth.taken_page),
        runs_same=float((replayed.taken_page == truth.taken_page).mean()) if len(truth.taken_page) else 1.0,
        early=int(counts[stream.EARLY]),
        odd_sweeps=int(odd.sum()),
        first_divergence="" if same.all() else _first(recording, truth, replayed),
        bytes_per_event=bytes_per_event,
        replay_seconds=seconds,
    )


def _first(recording: stream.Recording, truth: stream.Truth, replayed) -> str:
    at = int(np.flatnonzero(replayed.object_word != truth.object_word)[0])
    events = np.flatnonzero((recording.kind == stream.ALLOCATE) | (recording.kind == stream.LATE))
    event = int(events[at])
    before = int((recording.kind[:event] == stream.COLLECTION_END).sum())
    simulated, real = divmod(int(replayed.object_word[at]), PAGE_WORDS), divmod(int(truth.object_word[at]), PAGE_WORDS)
    doubt = int(replayed.counts[kernels_replay.FIRST_DOUBT])
    if 0 <= doubt <= event:
        why = f"deaths seen at event {doubt} did not fit the simulated sweep"
    else:
        why = "no sweep was out of place before it"
    return (
        f"object {at} at event {event}, after {before} collections: page {simulated[0]} word {simulated[1]} simulated, "
        f"page {real[0]} word {real[1]} real; {why}"
    )
