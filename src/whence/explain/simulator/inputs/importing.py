"""Reads the allocations and deaths of an execution trace recorded with GODEBUG=traceallocfree=1 (Go 1.23 and later)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from whence.evidence.errors import BadInput
from whence.explain.simulator.inputs import recording as at
from whence.explain.simulator.inputs.columns_file import write_recording
from whence.explain.simulator.inputs.gathering import Gathering, Refused
from whence.explain.simulator.inputs.recording import Recording, Truth
from whence.explain.simulator.inputs.trace_blocks import blocks_of
from whence.explain.simulator.inputs.trace_stops import Stops
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.trace_v2 import generations

_NO_HEAP = "This trace holds no allocations. Record it with GODEBUG=traceallocfree=1 and Go 1.23 or later."


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a trace held."""

    events: int
    allocations: int
    joined: int
    """Tiny objects that found room in an open block; Go 1.23 does not record them."""
    deaths: int
    collections: int
    processors: int
    initial_objects: int
    most_objects: int
    """Alive at once."""
    seconds: float
    file_bytes: int
    damage: str | None
    """What ended the stream early, when only the good part was asked for."""


def import_trace(trace: Path, out: Path, go_version: str, *, good_part: bool = False) -> Imported:
    """Writes what a trace tells of allocations to a compact file; returns what it held.

    `go_version`: the release that recorded it. Raises BadInput, naming the event, for a trace that breaks off, frees
    what it does not know, or goes back in time; with `good_part` what came before a break is kept instead.
    """
    recording, _, damage = read_trace(trace, go_version, good_part=good_part)
    write_recording(out, recording)
    counts = np.bincount(recording.kind, minlength=at.KINDS)
    return Imported(
        events=len(recording.kind),
        allocations=int(counts[at.ALLOCATE] + counts[at.LATE]),
        joined=int(counts[at.JOIN]),
        deaths=int(counts[at.DIE]),
        collections=int(counts[at.COLLECTION_END]),
        processors=1 if not len(recording.processor) else int(recording.processor.max()) + 1,
        initial_objects=len(recording.snapshot.object_word),
        most_objects=recording.handles,
        seconds=float(recording.time_ns()[-1]) / 1e9 if len(recording.kind) else 0.0,
        file_bytes=out.stat().st_size,
        damage=damage,
    )


def read_trace(trace: Path, go_version: str, *, good_part: bool = False) -> tuple[Recording, Truth, str | None]:
    """Returns the stream of a trace, the addresses that the runtime chose, and what ended it early if anything did.

    Raises as `import_trace` does.
    """
    gathering, stops = Gathering(), Stops(go_version)
    damage: str | None = None
    with trace.open("rb") as file:
        try:
            for generation in generations(file):
                if not generation.complete:
                    damage = f"the trace breaks off in its part {generation.number}"
                if not generation.layout.known:
                    raise BadInput(f"{trace}: {_NO_HEAP}")
                for block in blocks_of(generation, stops):
                    gathering.add(block)
        except DamagedInput as error:
            damage = str(error)
        except Refused as error:
            raise BadInput(f"{trace}: {error} at event {error.event}. The trace is damaged; record it again.") from None
    if damage is not None and not good_part:
        raise BadInput(
            f"{trace}: {damage}; {gathering.events} events before it are good. Ask for the good part to use them."
        )
    if not gathering.allocations:
        raise BadInput(f"{trace}: {_NO_HEAP}")
    return (*gathering.finish(go_version), damage)
