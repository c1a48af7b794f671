"""Builds a `FlameGraph` of plain columns, and reads its packed columns back.

Packing: the numbers of a column are written with the fewest bytes that hold its largest, split into planes (the lowest
byte of every number, then the next, ...) and deflated. Planes of small numbers are all zero and cost nothing, so wide
and narrow columns alike come out near their entropy, and both ends are a few lines in any language.
"""

from __future__ import annotations

import math
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypedDict, Unpack

from whence.evidence.errors import BadInput
from whence.evidence.flame import FlameFunctions, FlameGraph, FlameNodes, FlameVerdict

_RATIO_DIGITS, _P_DIGITS = 5, 3
"""Significant digits that are kept; of ratios one less where they are far from 1."""


class Told(TypedDict, total=False):
    """What the page says in words; see the fields of `FlameGraph`."""

    verdict: FlameVerdict | None
    story: tuple[str, ...]
    command: str
    subject: str
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    started_at: float | None
    whence_version: str


class Judgements(NamedTuple):
    """What is known of each function of a diff, a row a function, None where it was not judged."""

    ratio: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    p_adjusted: Sequence[float | None]
    verdict: Sequence[FlameVerdict | None]
    of: Literal["flat", "cum"] = "flat"


class Sides(NamedTuple):
    """Flat and cumulative values by function row."""

    flat: Sequence[int]
    cum: Sequence[int]


def flame_graph(
    *,
    title: str,
    sample_type: str,
    unit: str,
    names: Sequence[str],
    parent: Sequence[int],
    function: Sequence[int],
    values: Sequence[int],
    base: Sequence[int] | None = None,
    packages: Sequence[str] | None = None,
    roles: Sequence[str] | None = None,
    judgements: Judgements | None = None,
    **told: Unpack[Told],
) -> FlameGraph:
    """Returns the noun of a tree given as columns (lists, arrays or NumPy arrays of whole numbers).

    `parent`, `function`, `values`: one entry a frame in preorder; the parent's index (-1 for a frame without caller),
    the row of `names`, and what was sampled in the frame itself (for a diff of the candidate, and `base` of the base).
    `packages`, `roles`: a name for each function. Flat and cumulative values are those of the tree: a function on a
    stack twice counts once. Raises BadInput for columns that are no tree in preorder.
    """
    parents, rows, own = _whole(parent), _whole(function), _whole(values)
    own_base = _whole(base) if base is not None else None
    if not len(parents) == len(rows) == len(own) or (own_base is not None and len(own_base) != len(own)):
        raise BadInput(
            "the columns of a flame graph differ in length: parent, function and values need one row a frame."
        )
    up, predicted = _shape(parents, rows, len(names))
    step = math.gcd(*own, *(own_base or ())) or 1
    now = sides(parents, rows, own, len(names))
    before = sides(parents, rows, own_base, len(names)) if own_base is not None else None
    package_names, package_rows = _table(packages)
    role_names, role_rows = _table(roles)
    found = judgements or Judgements((), (), (), (), ())

    def steps(column: Iterable[int]) -> bytes:
        return pack((value // step for value in column), signed=True)

    return FlameGraph(
        title=title,
        sample_type=sample_type,
        unit=unit,
        total=sum(own),
        base_total=sum(own_base) if own_base is not None else None,
        judged=found.of,
        packages=package_names,
        roles=role_names,
        functions=FlameFunctions(
            name=tuple(map(_text, names)),
            package=package_rows,
            role=role_rows,
            flat=steps(now.flat),
            cum=steps(now.cum),
            base_flat=steps(before.flat) if before is not None else b"",
            base_cum=steps(before.cum) if before is not None else b"",
            ratio=_ratios(found.ratio),
            low=_ratios(found.low),
            high=_ratios(found.high),
            p_adjusted=tuple(_rounded(p, _P_DIGITS) for p in found.p_adjusted),
            verdict=tuple(found.verdict),
        ),
        nodes=FlameNodes(
            count=len(own),
            step=step,
            up=pack(up),
            function=pack(predicted),
            value=steps(own),
            base=steps(own_base) if own_base is not None else b"",
        ),
        **told,
    )


def pack(values: Iterable[int], *, signed: bool = False) -> bytes:
    """Returns a column of whole numbers as deflated byte planes; `signed` folds negative numbers between the others."""
    numbers = array("Q", [v << 1 if v >= 0 else (-v << 1) - 1 for v in values] if signed else values)
    if sys.byteorder == "big":
        numbers.byteswap()
    raw = numbers.tobytes()
    width = (max(numbers, default=0).bit_length() + 7) // 8
    return zlib.compress(b"".join(raw[plane::8] for plane in range(width)), 6)


def unpack(packed: bytes, count: int, *, signed: bool = False) -> list[int]:
    """Returns the `count` numbers of a packed column. Raises BadInput when it does not hold so many."""
    if not packed:
        return [0] * count
    try:
        planes = zlib.decompressobj().decompress(packed, 8 * count + 1)
    except zlib.error as error:
        raise BadInput(
            f"a packed column of the flame graph cannot be inflated: {error}. Make the report anew."
        ) from None
    width = len(planes) // count if count else 0
    if width * count != len(planes) or width > 8:
        raise BadInput(f"a packed column of the flame graph does not hold {count:,} numbers. Make the report anew.")
    raw = bytearray(8 * count)
    for plane in range(width):
        raw[plane::8] = planes[plane * count : (plane + 1) * count]
    numbers = array("Q", bytes(raw))
    if sys.byteorder == "big":
        numbers.byteswap()
    return [v >> 1 if v & 1 == 0 else -((v + 1) >> 1) for v in numbers] if signed else numbers.tolist()


def sides(parents: Sequence[int], rows: Sequence[int], own: Sequence[int], functions: int) -> Sides:
    """Returns flat and cumulative values by function; of one that calls itself only the outermost frame counts."""
    whole = list(own)
    for i in range(len(whole) - 1, -1, -1):
        if parents[i] >= 0:
            whole[parents[i]] += whole[i]
    flat, cum = [0] * functions, [0] * functions
    path: list[int] = []
    on_path = [0] * functions
    for i, row in enumerate(rows):
        caller = parents[i]
        while path and path[-1] != caller:
            on_path[rows[path.pop()]] -= 1
        path.append(i)
        flat[row] += own[i]
        if not on_path[row]:
            cum[row] += whole[i]
        on_path[row] += 1
    return Sides(flat, cum)


def _shape(parents: Sequence[int], rows: Sequence[int], functions: int) -> tuple[list[int], list[int]]:
    """Returns the columns `up` and `function` of the nodes. Raises BadInput when the frames are not in preorder."""
    depth = 0
    up: list[int] = []
    predicted: list[int] = []
    path: list[int] = []
    last = [0] * (functions + 1)
    for i, caller in enumerate(parents):
        while path and path[-1] != caller:
            path.pop()
        if not path and caller != -1:
            raise BadInput(f"frame {i} of the flame graph is called by frame {caller}, which is not above it.")
        row = rows[i]
        if not 0 <= row < functions:
            raise BadInput(f"frame {i} of the flame graph has function {row}, of {functions} functions.")
        up.append(depth - len(path) if i else 0)
        above = rows[path[-1]] + 1 if path else 0
        predicted.append(0 if last[above] == row + 1 else row + 1)
        last[above] = row + 1
        path.append(i)
        depth = len(path)
    return up, predicted


def _text(name: str) -> str:
    """Returns a name as it can be written in UTF-8; what a damaged file holds besides becomes `?`."""
    return name if name.isascii() else name.encode("utf-8", "replace").decode("utf-8")


def _whole(values: Iterable[int]) -> list[int]:
    """Returns a column as plain integers, whatever it came in."""
    tolist = getattr(values, "tolist", None)
    return tolist() if tolist is not None else list(values)


def _table(names: Sequence[str] | None) -> tuple[tuple[str, ...], bytes]:
    """Returns the different names in order of appearance, and the packed row of each."""
    if names is None:
        return (), b""
    index: dict[str, int] = {}
    rows = [index.setdefault(_text(name), len(index)) for name in names]
    return tuple(index), pack(rows)


def _ratios(values: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple(
        _rounded(value, _RATIO_DIGITS if value is not None and 0.9 < value < 1.1 else _RATIO_DIGITS - 1)
        for value in values
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.{digits}g}")
