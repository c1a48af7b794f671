"""A program as kinds of objects from a recorded stream: exact counts, true lifetimes up to one collection.

What is alive at a collection are the objects there when it began, less those that its sweep found dead. The fewest
alive of a class over the collections are kept; the rest of the mean is replaced all the time, at the class's rate.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine.workload import LiveStep, ObjectKind, Workload
from whence.explain.simulator.inputs import recording as at
from whence.explain.simulator.inputs.from_profile import requested
from whence.explain.simulator.inputs.kernels_lifetimes import lives
from whence.explain.simulator.inputs.recording import Recording
from whence.golang.size_classes import table_of

PAGE_BYTES = 8192
FEW_COLLECTIONS = 4
MOST_STEPS = 64
UNSTEADY = 0.3
"""Spread of the live heap over the collections, relative to its mean, from which it is followed step by step."""
KEPT_QUANTILE = 0.1


class Class(msgspec.Struct, frozen=True):
    """Objects that the stream does not tell apart."""

    slot_bytes: int
    pointers: bool


class Lives(msgspec.Struct, frozen=True):
    """Columns by class."""

    classes: tuple[Class, ...]
    made: NDArray[np.int64]
    alive: NDArray[np.int64]
    """int64 [collections, classes]: numbers alive at each collection whose sweep is covered, or at the only one."""
    seconds: float
    at_seconds: NDArray[np.float64]
    """When those collections began."""


def lives_of(recording: Recording, name: str = "recording") -> Lives:
    """Returns how objects live. Raises BadInput, naming the event, where a death is of nothing that lives."""
    classes, shape_class, snapshot_class = _classes(recording)
    handles = max(recording.handles, len(snapshot_class), 1)
    class_of_handle, born = np.full(handles, -1, np.int64), np.full(handles, 1 << 40, np.int64)
    class_of_handle[: len(snapshot_class)], born[: len(snapshot_class)] = snapshot_class, 0
    collections = int(np.count_nonzero(recording.kind == at.COLLECTION_BEGIN))
    alive = np.bincount(snapshot_class, minlength=len(classes)).astype(np.int64)
    made = np.zeros(len(classes), np.int64)
    begun = np.zeros((collections, len(classes)), np.int64)
    dead = np.zeros_like(begun)
    bad = lives(
        np.asarray(recording.kind), shape_class, np.asarray(recording.shape), np.asarray(recording.died),
        class_of_handle, born, alive, made, begun, dead,
    )  # fmt: skip
    if bad:
        raise BadInput(f"{name}: event {bad - 1} frees an object that does not live. It is damaged; record anew.")
    times = recording.time_ns() / 1e9
    moments = times[np.asarray(recording.kind) == at.COLLECTION_BEGIN]
    whole = collections - 1 if collections > 1 else collections
    seconds = float(times[-1]) if len(times) else 0.0
    return Lives(classes, made, (begun - dead)[:whole], seconds, moments[:whole])


def _classes(recording: Recording) -> tuple[tuple[Class, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Returns the classes, the class of each shape and that of each object of the snapshot."""
    slots = np.array(table_of(recording.go_version).slots, np.int64)
    shapes, snapshot = recording.shapes, recording.snapshot
    keys = np.stack([_bytes(shapes.span_class, shapes.pages, slots), shapes.span_class % 2], axis=1)
    holds = np.searchsorted(snapshot.page, np.asarray(snapshot.object_word) // (PAGE_BYTES // 8), side="right") - 1
    held = np.stack([_bytes(snapshot.span_class, snapshot.pages, slots), snapshot.span_class % 2], axis=1)[holds]
    every, index = np.unique(np.concatenate([keys, held]).astype(np.int64), axis=0, return_inverse=True)
    index = np.asarray(index).reshape(-1)
    classes = tuple(Class(int(size), not noscan) for size, noscan in every)
    return classes, index[: len(keys)], index[len(keys) :]


def _bytes(span_class: NDArray[np.int16], pages: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int64]:
    number = np.asarray(span_class, np.int64) >> 1
    return np.where(number > 0, slots[np.clip(number, 0, len(slots) - 1)], np.asarray(pages) * PAGE_BYTES)


def program_of_recording(recording: Recording, *, name: str) -> Workload:
    """Returns the program of a recording, which it also holds. Raises BadInput for a stream without any time."""
    found = lives_of(recording, name)
    if found.seconds <= 0:
        raise BadInput(f"{name}: the stream takes no time, so it has no rates. Record for longer.")
    sizes = np.array([one.slot_bytes for one in found.classes], np.float64)
    alive = found.alive if len(found.alive) else _without_collections(recording, found)
    totals = alive @ sizes
    unsteady = len(totals) > 2 and float(np.ptp(totals)) > UNSTEADY * float(totals.mean())
    kinds: list[ObjectKind] = []
    for number, one in enumerate(found.classes):
        kept = round(float(np.quantile(alive[:, number], KEPT_QUANTILE)))
        replaced = max(round(float(alive[:, number].mean())) - kept, 0)
        size, rate = requested(one.slot_bytes, one.pointers, recording.go_version), found.made[number] / found.seconds
        if kept:
            kinds.append(ObjectKind(size_bytes=size, live=kept, pointers=one.pointers))
        if rate:
            live = 0 if unsteady else replaced
            kinds.append(ObjectKind(size_bytes=size, rate=float(rate), live=live, pointers=one.pointers))
    return Workload(
        name=name,
        kinds=tuple(kind for kind in kinds if kind.size_bytes > 0),
        duration_seconds=found.seconds,
        start_seconds=min(0.05, found.seconds / 10),
        live_over_time=_steps(found.at_seconds, totals) if unsteady else (),
        source="recorded",
        recording=recording,
    ).checked()


def notes_of(recording: Recording) -> tuple[str, ...]:
    """Returns what should be known of lifetimes that so many collections tell."""
    count = int(np.count_nonzero(np.asarray(recording.kind) == at.COLLECTION_BEGIN))
    if count == 0:
        return ("the recording holds no collection: what is alive in it is an upper bound. Record for longer.",)
    if count < FEW_COLLECTIONS:
        return (f"lifetimes rest on {count} of the recorded run's collections only; record for longer.",)
    return ("lifetimes are known up to one collection of the recorded run; recording slows a program down.",)


def _without_collections(recording: Recording, found: Lives) -> NDArray[np.int64]:
    """Returns one row for a stream without a whole collection: what the snapshot held and is not freed."""
    _, _, snapshot_class = _classes(recording)
    return np.bincount(snapshot_class, minlength=len(found.classes)).astype(np.int64).reshape(1, -1)


def _steps(moments: NDArray[np.float64], totals: NDArray[np.float64]) -> tuple[LiveStep, ...]:
    """Returns what is alive beyond the least, at no more than `MOST_STEPS` moments."""
    least = float(np.quantile(totals, KEPT_QUANTILE))
    rows = np.unique(np.linspace(0, len(totals) - 1, min(len(totals), MOST_STEPS)).astype(np.int64))
    steps = ((float(moments[row]), max(0, round(float(totals[row]) - least))) for row in rows)
    return tuple(LiveStep(at_seconds=at_seconds, bytes=more) for at_seconds, more in steps)
