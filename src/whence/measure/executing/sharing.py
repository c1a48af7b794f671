"""One object for all workers of a host: pickled once, its arrays laid beside it in memory that every worker maps.

The memory is an anonymous file (memfd): workers inherit its descriptor, and it is gone when the last process that has
it is, however that one ended. Arrays come back read-only and without a copy (pickle protocol 5, out-of-band buffers).
Arrays that are mapped from a file already are named by that file instead: the page cache shares them.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np

ALIGNMENT = 64
_WORD = 8


class _Pickler(pickle.Pickler):
    """Leaves memory-mapped arrays out of the pickle: named by their file where that is there too, else as buffers."""

    def __init__(self, text: io.BytesIO, buffers: list[pickle.PickleBuffer], *, same_files: bool) -> None:
        super().__init__(text, protocol=5, buffer_callback=buffers.append)
        self._same_files = same_files

    def reducer_override(self, obj: Any) -> Any:
        if not isinstance(obj, np.memmap):
            return NotImplemented
        if self._same_files and _is_whole_mapping(obj):
            return _mapped, (os.fspath(obj.filename), obj.dtype.str, obj.offset, obj.shape)  # type: ignore[arg-type]
        return obj.view(np.ndarray).__reduce_ex__(5)


def packed(shared: object, *, same_files: bool) -> list[memoryview]:
    """Returns the pickle of `shared`, then its buffers as they lie in memory now. `same_files`: whoever unpacks sees
    the files of this host. Raises what pickle raises."""
    buffers: list[pickle.PickleBuffer] = []
    text = io.BytesIO()
    _Pickler(text, buffers, same_files=same_files).dump(shared)
    return [memoryview(text.getvalue()), *(buffer.raw() for buffer in buffers)]


def unpacked(parts: Sequence[Any]) -> Any:
    """Returns what was packed; its arrays lie in the parts and, where those are read-only, cannot be written."""
    return pickle.loads(parts[0], buffers=parts[1:])


def _is_whole_mapping(array: np.memmap) -> bool:
    """True for what np.memmap returned, read-only and in order of rows; a slice of it does not know its offset."""
    return (
        array.filename is not None
        and not array.flags.writeable
        and array.flags.c_contiguous
        and not array.dtype.hasobject
        and array.dtype.names is None
        and isinstance(array.base, mmap.mmap)
    )


def _mapped(path: str, kind: str, offset: int, shape: tuple[int, ...]) -> np.memmap:
    return np.memmap(path, kind, "r", offset, shape)


def put(shared: object) -> int:
    """Returns the descriptor of a memory file that holds `shared`. Raises OSError when memory is short, and what
    pickle raises."""
    views = packed(shared, same_files=True)
    sizes = np.array([len(views), *(view.nbytes for view in views)], dtype="<u8").tobytes()
    descriptor = os.memfd_create("whence-shared", os.MFD_CLOEXEC)
    try:
        position = _write(descriptor, memoryview(sizes), 0)
        for view in views:
            position = _write(descriptor, view, _aligned(position))
        os.ftruncate(descriptor, max(position, 1))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def get(descriptor: int) -> Any:
    """Returns what `put` was given; its arrays lie in the mapped memory and cannot be written."""
    memory = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    count = int.from_bytes(memory[:_WORD], "little")
    sizes = np.frombuffer(memory, "<u8", count, _WORD)
    position, views = _WORD * (1 + count), []
    for size in sizes:
        begin = _aligned(position)
        position = begin + int(size)
        views.append(memory[begin:position])
    return unpacked(views)


def _aligned(position: int) -> int:
    return -(-position // ALIGNMENT) * ALIGNMENT


def _write(descriptor: int, view: memoryview, position: int) -> int:
    """Writes the whole view at `position`; returns where it ends."""
    view = view.cast("B") if view.nbytes else memoryview(b"")
    while view.nbytes:
        written = os.pwrite(descriptor, view[: 1 << 30], position)
        view, position = view[written:], position + written
    return position
