"""Recorded streams as programs: counts equal to the reference on random streams, damage told by its event."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explain.simulator.inputs.reference_lives import lives

from whence.evidence.errors import BadInput
from whence.explain.simulator.inputs import recording as at
from whence.explain.simulator.inputs.from_recording import lives_of, notes_of, program_of_recording
from whence.explain.simulator.inputs.recording import Recording, Shapes, Snapshot

# Size classes 5 (48 B) and 8 (96 B), each with and without pointers, as spans are called; and a large object.
SPAN_CLASSES = (10, 11, 16, 0)
BYTES = {10: 48, 11: 48, 16: 96, 0: 5 * 8192}


def recording_of(kind: list[int], shape: list[int], died: list[int], initial: list[int], handles: int) -> Recording:
    words = np.array([one * 1024 + 6 * number for number, one in enumerate(initial)], np.int64)
    none32, none64 = np.zeros(0, np.uint32), np.zeros(0, np.int64)
    return Recording(
        go_version="1.25", first_page=0, kind=np.array(kind, np.uint8), since=np.full(len(kind), 1000, np.uint16),
        long_since=none64, processor=np.zeros(0, np.uint8), shape=np.array(shape, np.uint16),
        died=np.array(died, np.uint32), taken_pages=none32, given=none32, late=none32,
        shapes=Shapes(np.array(SPAN_CLASSES, np.int16), np.array([0, 0, 0, 5], np.int64), np.zeros(4, np.int64)),
        snapshot=Snapshot(
            np.arange(4, dtype=np.int64), np.ones(4, np.int64), np.array([10, 11, 16, 10], np.int16), words
        ),
        handles=handles, page_handles=0, goal_bytes=none64,
    )  # fmt: skip


def random_stream(seed: int) -> tuple[list[int], list[int], list[int], list[int], int]:
    random = np.random.default_rng(seed)
    initial = [int(one) for one in random.integers(0, 3, 12)]
    alive, free, fresh, most = list(range(12)), [], 12, 12
    kind, shape, died = [], [], []
    for _ in range(600):
        chance = random.random()
        if chance < 0.45:
            handle = free.pop() if free else fresh
            fresh = max(fresh, handle + 1)
            alive.append(handle)
            most = max(most, fresh)
            kind.append(at.ALLOCATE if chance < 0.4 else at.EARLY)
            shape.append(int(random.integers(0, 4)))
        elif chance < 0.5:
            kind.append(at.JOIN)
            shape.append(1)
        elif chance < 0.9 and alive:
            handle = alive.pop(int(random.integers(0, len(alive))))
            free.append(handle)
            kind.append(at.DIE)
            died.append(handle)
        elif chance < 0.93:
            kind += [at.COLLECTION_BEGIN, at.COLLECTION_END]
    return kind, shape, died, initial, most


@pytest.mark.parametrize("seed", range(6))
def test_counts_equal_the_reference(seed: int) -> None:
    kind, shape, died, initial, handles = random_stream(seed)
    found = lives_of(recording_of(kind, shape, died, initial, handles))
    made, alive = lives(kind, shape, died, initial, 4)
    # Classes are told apart by bytes and pointers: shape i is the class with its bytes and its pointer bit.
    order = [next(i for i, c in enumerate(found.classes) if (c.slot_bytes, c.pointers) == (BYTES[s], s % 2 == 0))
             for s in SPAN_CLASSES]  # fmt: skip
    assert [int(found.made[i]) for i in order] == made
    expected = np.array(alive[:-1] if len(alive) > 1 else alive)
    assert found.alive[:, order].tolist() == expected.tolist()


def test_the_program_has_the_rates_of_the_stream_and_keeps_it() -> None:
    kind, shape, died, initial, handles = random_stream(1)
    stream = recording_of(kind, shape, died, initial, handles)
    program = program_of_recording(stream, name="stream")
    made = sum(what in (at.ALLOCATE, at.EARLY) for what in kind)
    assert sum(k.rate for k in program.kinds) * program.duration_seconds == pytest.approx(made)
    assert program.source == "recorded"
    assert program.recording is stream


def test_a_death_of_nothing_names_the_event() -> None:
    kind = [at.ALLOCATE, at.DIE, at.DIE]
    with pytest.raises(BadInput, match=r"x: event 2 frees an object that does not live"):
        lives_of(recording_of(kind, [0], [12, 12], [0] * 12, 13), "x")


def test_few_collections_are_told() -> None:
    kind = [at.ALLOCATE, at.COLLECTION_BEGIN, at.COLLECTION_END]
    assert "upper bound" in notes_of(recording_of([at.ALLOCATE], [0], [], [0], 2))[0]
    assert "1 of the recorded" in notes_of(recording_of(kind, [0], [], [0], 2))[0]
