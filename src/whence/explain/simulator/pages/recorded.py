"""Scripts of page-heap operations recorded from the real runtime (`oracle.pagealloc/1`), and their replay.

`ops` rows hold numbers as decimal text: ["A", pages, page, scavenged] allocate (page `-`: failed), ["F", pages, page]
free, ["S", wanted, released] scavenge, forced. Longer scripts may also hold ["B", wanted, released] scavenge in the
background, ["G"] begin a generation of the scavenger, and of a processor's page cache ["R", cache, page, free bits,
scavenged bits] refill, ["C", cache, pages, page, scavenged] allocate from it, ["X", cache] flush. Pages count from the
first one of the heap. A heap begins with `chunks` chunks (8 where not said), all free and scavenged. `frees` is `told`
where frees go below the exported Free of the runtime's tests, which hides them from the scavenger of 1.18 to 1.20.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from whence.evidence.errors import BadInput
from whence.explain.simulator.pages import kernels_pages as allocator
from whence.explain.simulator.pages import kernels_replay as kernel
from whence.explain.simulator.pages import kernels_scavenge as scavenger
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.state import Pages, new_pages

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "oracle.pagealloc/1"
_WHAT = {"A": kernel.ALLOCATE, "S": kernel.SCAVENGE, "B": kernel.SCAVENGE_IN_BACKGROUND}
_CACHES = 16
MOST_CHUNKS = 4096
"""Chunks of a script's heap: 16 GiB."""
_SIGNED = 1 << 63


class Script(msgspec.Struct, frozen=True):
    """A recorded script: what was done, and what the runtime answered."""

    source: str
    chunks: int
    frees_told: bool
    """Frees told the scavenger of 1.18 to 1.20 which pages are free, as they do in a program."""
    rows: tuple[tuple[str, ...], ...]
    operations: np.ndarray
    """int64 [n, 3], as `kernels_replay.replay` takes them."""
    answers: np.ndarray
    """int64 [n, 2], zero where an operation has no answer."""


class Mismatch(msgspec.Struct, frozen=True):
    """An operation whose simulated answer differs from the recorded one."""

    operation: int
    """Number of the row, from 0."""
    row: tuple[str, ...]
    simulated: tuple[int, ...]


def _signed(text: str) -> int:
    number = int(text)
    return number - 2 * _SIGNED if number >= _SIGNED else number


def _page(text: str) -> int:
    return -1 if text == "-" else int(text)


def _within(chunks: int, first: int, count: int) -> tuple[int, int]:
    if not (count >= 1 and 0 <= first <= chunks * at.CHUNK_PAGES - count):
        raise ValueError(f"{count} pages from page {first}")
    return count, first


def _translated(row: list[str], chunks: int) -> tuple[list[tuple[int, int, int]], list[tuple[int, int]]]:
    """Returns the operations and answers of one row; a refill is two, the second for its bits."""
    letter = row[0]
    if letter == "A":
        # More than all pages fails whatever its number.
        count = min(int(row[1]), chunks * at.CHUNK_PAGES + 1)
        return [(kernel.ALLOCATE, _within(chunks + 1, 0, count)[0], 0)], [(_page(row[2]), int(row[3]))]
    if letter == "F":
        return [(kernel.FREE, *_within(chunks, int(row[2]), int(row[1])))], [(0, 0)]
    if letter in "SB":
        return [(_WHAT[letter], int(row[1]), 0)], [(0, int(row[2]))]
    if letter == "G":
        return [(kernel.GENERATION, 0, 0)], [(0, 0)]
    cache = int(row[1])
    if not 0 <= cache < _CACHES:
        raise ValueError(f"cache {cache}")
    if letter == "R":
        operations = [(kernel.REFILL, 0, cache), (-1, 0, 0)]
        return operations, [(_page(row[2]), 0), (_signed(row[3]), _signed(row[4]))]
    if letter == "C":
        return [(kernel.CACHED, int(row[2]), cache)], [(_page(row[3]), int(row[4]))]
    if letter == "X":
        return [(kernel.FLUSH, 0, cache)], [(0, 0)]
    raise ValueError(f"operation {letter!r}")


def read_script(path: Path) -> Script:
    """Returns the script of a file. Raises BadInput for another form of file, naming the row that is not understood."""
    try:
        document = json.loads(path.read_bytes())
        if document.get("schema") != SCHEMA:
            raise BadInput(f"{path}: schema is {document.get('schema')!r}. Give a file of the schema {SCHEMA}.")
        rows = document["ops"]
        chunks = int(document.get("chunks", 8))
        if not 1 <= chunks <= MOST_CHUNKS:
            raise ValueError(f"{chunks} chunks, at most {MOST_CHUNKS} are read")
    except (ValueError, KeyError, AttributeError) as error:
        raise BadInput(f"{path}: not a page-allocator script ({error}). Give a file of the schema {SCHEMA}.") from error
    operations: list[tuple[int, int, int]] = []
    answers: list[tuple[int, int]] = []
    kept: list[tuple[str, ...]] = []
    for number, row in enumerate(rows):
        try:
            done, answered = _translated(row, chunks)
        except (ValueError, IndexError, TypeError) as error:
            raise BadInput(f"{path}: row {number} of ops, {row!r}, is not understood ({error}).") from error
        operations += done
        answers += answered
        kept += [tuple(row)] * len(done)
    return Script(
        source=str(document.get("source", "")),
        chunks=chunks,
        frees_told=document.get("frees") == "told",
        rows=tuple(kept),
        operations=np.array(operations, np.int64).reshape(-1, 3),
        answers=np.array(answers, np.int64).reshape(-1, 2),
    )


def fresh_heap(chunks: int, scavenge_by: int, *, capacity_bytes: int = 1 << 34) -> Pages:
    """Returns a heap of `chunks` free and scavenged chunks, as the runtime's own NewPageAlloc leaves one behind.

    That function allocates and frees each chunk once for the density index of 1.21 and later, and begins a generation
    of the reserving scavenger, or sends the address of 1.14 to the top.
    """
    pages = new_pages(capacity_bytes)
    for chunk in range(chunks):
        allocator.grow(pages, chunk * at.CHUNK_PAGES, at.CHUNK_PAGES)
        if scavenge_by == scavenger.BY_DENSITY:
            allocator.index_alloc(pages, chunk, at.CHUNK_PAGES)
            allocator.index_free(pages, chunk, 0, at.CHUNK_PAGES)
    if scavenge_by == scavenger.BY_ADDRESS:
        scavenger.restart_address(pages)
    elif scavenge_by == scavenger.BY_RESERVATION:
        scavenger.start_generation(pages)
    return pages


def compare(script: Script, scavenge_by: int, *, silent_frees: bool = False) -> list[Mismatch]:
    """Returns the operations that the simulated heap answers differently; an empty list means exactly alike.

    `silent_frees`: frees tell the scavenger nothing, as in scripts recorded through the exported Free of the runtime's
    own tests of 1.18 to 1.20.
    """
    pages = fresh_heap(script.chunks, scavenge_by)
    caches = np.zeros((_CACHES, 3), np.uint64)
    results = np.zeros((len(script.operations), 2), np.int64)
    kernel.replay(pages, caches, scavenge_by, silent_frees, script.operations, results)
    wrong = np.flatnonzero((results != script.answers).any(axis=1))
    return [
        Mismatch(operation=int(row), row=script.rows[row], simulated=tuple(int(value) for value in results[row]))
        for row in wrong
    ]
