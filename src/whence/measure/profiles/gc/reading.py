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
from whence.measure.profiles.readers import metrics_json, metrics_text, runtime_log
from whence.measure.profiles.readers.reading import content_of, decompressed
from whence.measure.profiles.readers.runtime_log import RuntimeLog
from whence.measure.profiles.readers.snapshot import Snapshot
from whence.measure.profiles.readers.trace import read_trace
from whence.measure.profiles.readers.trace_v2 import is_trace

_HEAD = 1 << 16


def story_of_files(
    paths: Sequence[str | Path],
    *,
    gogc_percent: float | None = None,
    memory_limit_bytes: int | None = None,
    program: int | None = None,
) -> GCStory:
    """Returns the story that files tell: one log, one execution trace, or one or more snapshots of metrics.

    Raises BadInput (DamagedInput, UnknownFormat) for files that cannot be read, or are not of one kind.
    """
    if not paths:
        raise BadInput("no file is given. Give what GODEBUG=gctrace=1 printed, an execution trace, or runtime metrics.")
    found = [_read_file(Path(path)) for path in paths]
    source = found[0] if len(found) == 1 else _snapshots(found, paths)
    return story(source, gogc_percent=gogc_percent, memory_limit_bytes=memory_limit_bytes, program=program)


def read_source(content: bytes) -> RuntimeLog | tuple[Snapshot, ...] | GcRun:
    """Returns what `content` is, compressed or not; a log when it is nothing else. Raises DamagedInput, BadInput."""
    content = bytes(decompressed(content))
    if is_trace(content[:16]):
        return from_trace(read_trace(io.BytesIO(content)))
    head = content[:_HEAD]
    if head.lstrip()[:1] in (b"{", b"[") and not runtime_log.looks_like(head):
        return metrics_json.read(content)
    if metrics_text.looks_like(head) and not runtime_log.looks_like(head):
        return metrics_text.read(content)
    return runtime_log.read(content)


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
