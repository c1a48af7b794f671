"""One format of a profile or trace from another."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.reading import decompressed, read_profile
from whence.measure.profiles.readers.trace import read_trace
from whence.measure.profiles.readers.trace_v2 import is_trace
from whence.measure.profiles.views.choosing import column_of
from whence.measure.profiles.writers.folded import write_folded
from whence.measure.profiles.writers.otlp import write_otlp
from whence.measure.profiles.writers.perfetto import write_perfetto
from whence.measure.profiles.writers.pprof import write_pprof
from whence.measure.profiles.writers.speedscope import write_speedscope

Format = Literal["pprof", "folded", "speedscope", "perfetto", "otlp"]
FORMATS: tuple[str, ...] = get_args(Format)
_WRITERS: dict[str, Callable[[Profile], bytes]] = {
    "pprof": write_pprof,
    "folded": write_folded,
    "speedscope": write_speedscope,
    "otlp": write_otlp,
}


_ENDINGS: tuple[tuple[str, Format], ...] = (
    (".pb.gz", "pprof"),
    (".pprof", "pprof"),
    (".pb", "pprof"),
    (".folded", "folded"),
    (".txt", "folded"),
    (".speedscope.json", "speedscope"),
    (".perfetto.json", "perfetto"),
    (".otlp", "otlp"),
)


def format_of(name: str, out: Path | None) -> Format:
    """Returns the format that is named, or that the ending of the output says. Raises BadInput."""
    for known in get_args(Format):
        if name == known:
            return known
    if name:
        raise BadInput(f"there is no format {name}. Choose one of: {', '.join(FORMATS)}.")
    for ending, known in _ENDINGS:
        if out is not None and out.name.endswith(ending):
            return known
    raise BadInput(f"the output's name does not say a format. Choose one with --to: {', '.join(FORMATS)}.")


def convert(
    data: bytes | bytearray | BinaryIO,
    to: Format,
    sample_type: str | None = None,
    note: Callable[[str], None] | None = None,
) -> bytes:
    """Returns a profile or an execution trace, of any format that is read here, in another one.

    `sample_type` keeps one column of values; folded stacks hold only one in any case, the profile's own default. An
    execution trace becomes a time line (perfetto) and nothing else does: with `note` to be told where it breaks off,
    also one that does. A file must be one that can seek. Raises BadInput, DamagedInput.
    """
    if to not in FORMATS:
        raise BadInput(f"there is no format {to}. Choose one of: {', '.join(FORMATS)}.")
    file = io.BytesIO(data) if isinstance(data, bytes | bytearray) else data
    if is_trace(_head(file)):
        return _trace(file, to, note)
    content = decompressed(file.read())
    if is_trace(bytes(content[:16])):
        return _trace(io.BytesIO(content), to, note)
    return convert_profile(read_profile(content), to, sample_type)


def _trace(file: BinaryIO, to: Format, note: Callable[[str], None] | None) -> bytes:
    if to != "perfetto":
        raise BadInput(f"an execution trace is a time line: it cannot become {to}. Convert it to perfetto.")
    if note is None:
        return write_perfetto(read_trace(file))
    return write_perfetto(read_trace(file), lambda error: note(f"drawn as far as the trace goes: {error}"))


def convert_profile(profile: Profile, to: Format, sample_type: str | None = None) -> bytes:
    """Returns the profile in another format; see `convert`."""
    if to == "perfetto":
        raise BadInput(
            "a profile does not say when its samples were taken, so it is no time line. "
            "Convert an execution trace to perfetto, or the profile to speedscope."
        )
    if sample_type is not None or to == "folded":
        profile = _only(profile, column_of(profile, sample_type))
    return _WRITERS[to](profile)


def _only(profile: Profile, column: int) -> Profile:
    """Returns the profile with one column of values, and the samples that it counts."""
    chosen = profile.values[:, column] != 0
    one = profile.take(chosen, profile.values[chosen, column : column + 1].copy())
    kind = profile.sample_types[column]
    return replace(one, sample_types=(kind,), default_sample_type=kind.type)


def _head(file: BinaryIO) -> bytes:
    head = file.read(16)
    file.seek(-len(head), io.SEEK_CUR)
    return head
