"""Files to a story: what each is, is told by its content; several files are snapshots of one run, in their order."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from whence.evidence.errors import BadInput
from whence.evidence.gc_story import GCStory
from whence.measure.profiles.gc.from_trace import from_trace
from whence.measure.profiles.gc.run import GcRun
from whence.measure.profiles.gc.story import story
from whence.measure.profiles.loading import Announce, content
from whence.measure.profiles.readers import runtime_log
from whence.measure.profiles.readers.reading import content_of, decompressed
from whence.measure.profiles.readers.runtime_log import RuntimeLog
from whence.measure.profiles.readers.snapshot import Snapshot
from whence.measure.profiles.readers.snapshots import read_snapshots
from whence.measure.profiles.readers.trace import read_trace
from whence.measure.profiles.readers.trace_v2 import is_trace

_HEAD = 1 << 16


def story_of_files(
    paths: Sequence[str | Path],
    *,
    gogc_percent: float | None = None,
    memory_limit_bytes: int | None = None,
    program: int | None = None,
    seconds: float | None = None,
    announce: Announce | None = None,
) -> GCStory:
    """Returns the story that files tell: one log, one execution trace, or one or more snapshots of metrics.

    `-` is standard input, and http(s) addresses are asked, `seconds` being how long a live process is traced. Raises
    BadInput (DamagedInput, UnknownFormat) for files that cannot be read, or are not of one kind.
    """
    if not paths:
        raise BadInput("no file is given. Give what GODEBUG=gctrace=1 printed, an execution trace, or runtime metrics.")
    found = [_read(path, seconds, announce) for path in paths]
    source = found[0] if len(found) == 1 else _snapshots(found, paths)
    return story(source, gogc_percent=gogc_percent, memory_limit_bytes=memory_limit_bytes, program=program)


def read_source(given: bytes) -> RuntimeLog | tuple[Snapshot, ...] | GcRun:
    """Returns what `given` is, compressed or not; a log when it is nothing else. Raises DamagedInput, BadInput."""
    given = bytes(decompressed(given))
    if is_trace(given[:16]):
        return from_trace(read_trace(io.BytesIO(given)))
    if runtime_log.looks_like(given[:_HEAD]):
        return runtime_log.read(given)
    return read_snapshots(given) or runtime_log.read(given)


def _read(
    source: str | Path, seconds: float | None, announce: Announce | None
) -> RuntimeLog | tuple[Snapshot, ...] | GcRun:
    if source == "-" or "://" in str(source) or seconds is not None:
        return read_source(bytes(content(str(source), seconds=seconds, announce=announce)))
    return _read_file(Path(source))


def _read_file(path: Path) -> RuntimeLog | tuple[Snapshot, ...] | GcRun:
    """Returns what a file is; a trace is read from the file itself, so that it may be larger than memory."""
    try:
        with open(path, "rb") as file:
            if is_trace(file.read(16)):
                return from_trace(read_trace(file))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Give a log, a trace or metrics.") from error
    return read_source(bytes(content_of(path)))


def _snapshots(
    found: Sequence[RuntimeLog | tuple[Snapshot, ...] | GcRun], paths: Sequence[str | Path]
) -> tuple[Snapshot, ...]:
    joined: list[Snapshot] = []
    for source, path in zip(found, paths, strict=True):
        if not isinstance(source, tuple):
            raise BadInput(
                f"{path} is no snapshot of metrics, and of logs and traces only one can be told. Give it alone."
            )
        joined += source
    return tuple(joined)
