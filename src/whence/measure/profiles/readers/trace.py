"""Reads a Go execution trace of any version, v1 or v2, generation by generation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from .trace_columns import Generation
from .trace_v1 import read_v1
from .trace_v2 import generations, is_trace, seekable


def read_trace(file: BinaryIO) -> Iterator[Generation]:
    """Yields the generations of a trace (v1 has one), from the file's start; the file must stay open meanwhile.

    Raises BadInput for what is no trace or of an unknown version, DamagedInput after what could be read.
    """
    with seekable(file) as whole:
        whole.seek(0)
        if is_trace(whole.read(16)) == 1:
            whole.seek(0)
            yield from read_v1(whole)
        else:
            yield from generations(whole)
