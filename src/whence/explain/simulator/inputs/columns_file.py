"""The compact file of a recording: a JSON header, then plain columns, so that it can be mapped into memory as it is."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from whence.evidence.errors import BadInput
from whence.explain.simulator.inputs.recording import Recording, Shapes, Snapshot
from whence.store.files import fill_atomically

MAGIC = b"whence.allocations/1\n"
ALIGNMENT = 64
_COLUMNS = {
    "kind": ("u1",),
    "since": ("<u2",),
    "long_since": ("<i8",),
    "processor": ("u1",),
    "shape": ("<u2", "<u4"),
    "died": ("<u4",),
    "taken_pages": ("<u4",),
    "given": ("<u4",),
    "late": ("<u4",),
    "goal_bytes": ("<i8",),
    "shapes.span_class": ("<i2",),
    "shapes.pages": ("<i8",),
    "shapes.type_bytes": ("<i8",),
    "snapshot.page": ("<i8",),
    "snapshot.pages": ("<i8",),
    "snapshot.span_class": ("<i2",),
    "snapshot.object_word": ("<i8",),
}


class _Column(msgspec.Struct, frozen=True):
    type: str
    count: int
    offset: int
    """Bytes from the end of the header."""


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    go_version: str
    first_page: int
    handles: int
    page_handles: int
    columns: dict[str, _Column]


def write_recording(path: Path, recording: Recording) -> None:
    """Writes a recording, all or nothing. Raises OSError."""
    arrays = {name: np.ascontiguousarray(_column(recording, name)) for name in _COLUMNS}
    columns, offset = {}, 0
    for name, array in arrays.items():
        offset = -(-offset // ALIGNMENT) * ALIGNMENT
        columns[name] = _Column(array.dtype.newbyteorder("<").str.replace("|", ""), len(array), offset)
        offset += array.nbytes
    header = msgspec.json.encode(
        _Header(
            go_version=recording.go_version,
            first_page=recording.first_page,
            handles=recording.handles,
            page_handles=recording.page_handles,
            columns=columns,
        )
    )
    begin = len(MAGIC) + 8 + len(header)
    header += b" " * (-begin % ALIGNMENT)

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            file.write(MAGIC + len(header).to_bytes(8, "little") + header)
            base = file.tell()
            for name, array in arrays.items():
                file.write(b"\0" * (base + columns[name].offset - file.tell()))
                file.write(array.data)

    fill_atomically(path, fill)


def read_recording(path: Path) -> Recording:
    """Returns a recording whose columns are mapped from the file. Raises BadInput for another file or a damaged one."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BadInput(f"{path} is no recording of allocations. Make one with `whence simulate import`.")
        length = int.from_bytes(file.read(8), "little")
        base = len(MAGIC) + 8 + length
        if base > size:
            raise _damaged(path, "its header is cut off")
        try:
            header = msgspec.json.decode(file.read(length), type=_Header)
        except msgspec.DecodeError as error:
            raise _damaged(path, f"its header is broken ({error})") from None
    arrays: dict[str, np.ndarray] = {}
    for name, types in _COLUMNS.items():
        column = header.columns.get(name)
        if column is None or column.type not in types or column.count < 0 or column.offset < 0:
            raise _damaged(path, f"its column {name} is not described")
        if base + column.offset + column.count * np.dtype(column.type).itemsize > size:
            raise _damaged(
                path, f"its column {name} is cut off: at most {_readable(header, base, size)} events are there"
            )
        arrays[name] = (
            np.memmap(path, column.type, "r", base + column.offset, (column.count,))
            if column.count
            else np.zeros(0, column.type)
        )
    return Recording(
        go_version=header.go_version,
        first_page=header.first_page,
        kind=arrays["kind"],
        since=arrays["since"],
        long_since=arrays["long_since"],
        processor=arrays["processor"],
        shape=arrays["shape"],
        died=arrays["died"],
        taken_pages=arrays["taken_pages"],
        given=arrays["given"],
        late=arrays["late"],
        goal_bytes=arrays["goal_bytes"],
        shapes=Shapes(arrays["shapes.span_class"], arrays["shapes.pages"], arrays["shapes.type_bytes"]),
        snapshot=Snapshot(
            arrays["snapshot.page"],
            arrays["snapshot.pages"],
            arrays["snapshot.span_class"],
            arrays["snapshot.object_word"],
        ),
        handles=header.handles,
        page_handles=header.page_handles,
    )


def _column(recording: Recording, name: str) -> np.ndarray:
    group, _, field = name.rpartition(".")
    return getattr(getattr(recording, group) if group else recording, field)


def _damaged(path: Path, what: str) -> BadInput:
    return BadInput(f"{path} is damaged: {what}. Import the trace again.")


def _readable(header: _Header, base: int, size: int) -> int:
    """Returns how many events have their kind and time in what is left of a file."""
    counts = [
        max(0, min(column.count, (size - base - column.offset) // np.dtype(column.type).itemsize))
        for column in (header.columns[name] for name in ("kind", "since") if name in header.columns)
    ]
    return min(counts, default=0)
