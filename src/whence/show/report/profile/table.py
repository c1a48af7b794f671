"""The first rows of the function table, as they stand in the page before any script has run."""

from __future__ import annotations

from typing import NamedTuple

from whence.evidence.flame import FlameGraph
from whence.evidence.flame_packing import unpack
from whence.show.report import names, numbers
from whence.show.report.profile import words

ROWS = 30
"""Rows that stand in the page without scripts and are printed."""
_RANKS = {"worse": 0, "moved": 1, "better": 2, "undetermined": 3, "equivalent": 4, None: 5}


class Head(NamedTuple):
    """A column: the key it is sorted by, its word, and whether it holds numbers."""

    key: str
    word: str
    numeric: bool


class Row(NamedTuple):
    cells: tuple[str, ...]
    verdict: str | None
    name_at: int = 0


def heads(graph: FlameGraph) -> list[Head]:
    """Returns the columns that fit the graph: one profile, two, or two with judgements."""
    role = [Head("role", "role", False)] if graph.roles else []
    if graph.base_total is None:
        found = [
            Head("flat", "flat", True),
            Head("flat", "flat %", True),
            Head("cum", "cum", True),
            Head("cum", "cum %", True),
        ]
    elif graph.functions.verdict:
        found = [
            Head("verdict", "verdict", False),
            Head("base", "base", True),
            Head("value", "candidate", True),
            Head("ratio", "ratio", False),
            Head("ratio", "candidate ÷ base", True),
            Head("p", "p, corrected", True),
        ]
    else:
        found = [
            Head("base", "flat, base", True),
            Head("value", "candidate", True),
            Head("delta", "change", True),
            Head("basecum", "cum, base", True),
            Head("cum", "candidate", True),
        ]
    return [Head("name", "function", False), *found, *role]


class _Values(NamedTuple):
    """What functions hold, by row; `now` and `before` are the values that a diff is about."""

    flat: list[int]
    cum: list[int]
    base_flat: list[int]
    base_cum: list[int]
    now: list[int]
    before: list[int]


def rows(graph: FlameGraph, most: int = ROWS) -> list[Row]:
    """Returns the `most` rows that matter most: by flat value, or what differs first and most of it first."""
    told, values = graph.functions, _values(graph)
    order = sorted(range(len(told.name)), key=lambda i: (-values.flat[i], -values.cum[i], told.name[i]))
    if graph.base_total is not None:
        rank = [_RANKS[verdict] for verdict in told.verdict] or [0] * len(order)
        order.sort(key=lambda i: (rank[i], -abs(values.now[i] - values.before[i])))
    roles = unpack(told.role, len(told.name)) if graph.roles else []
    cells = _one if graph.base_total is None else _judged if told.verdict else _both
    return [
        Row(
            (
                names.clean(told.name[i]),
                *cells(graph, values, i),
                *([names.clean(graph.roles[roles[i]])] if roles else []),
            ),
            told.verdict[i] if told.verdict else None,
        )
        for i in order[:most]
    ]


def _values(graph: FlameGraph) -> _Values:
    told, step = graph.functions, graph.nodes.step
    flat, cum, base_flat, base_cum = (
        [value * step for value in unpack(packed, len(told.name), signed=True)]
        for packed in (told.flat, told.cum, told.base_flat, told.base_cum)
    )
    now, before = (cum, base_cum) if graph.judged == "cum" and told.verdict else (flat, base_flat)
    return _Values(flat, cum, base_flat, base_cum, now, before)


def _one(graph: FlameGraph, values: _Values, row: int) -> tuple[str, ...]:
    """Returns the cells of a function of a single profile."""
    unit, flat, cum = words.unit(graph), values.flat[row], values.cum[row]
    return numbers.amount_text(flat, unit), _share(flat, graph), numbers.amount_text(cum, unit), _share(cum, graph)


def _both(graph: FlameGraph, values: _Values, row: int) -> tuple[str, ...]:
    """Returns the cells of a function of two profiles that nothing was judged about."""
    change = values.flat[row] - values.base_flat[row]
    told = (values.base_flat[row], values.flat[row], change, values.base_cum[row], values.cum[row])
    cells = [numbers.amount_text(value, words.unit(graph)) for value in told]
    cells[2] = ("+" if change > 0 else "") + cells[2]
    return tuple(cells)


def _judged(graph: FlameGraph, values: _Values, row: int) -> tuple[str, ...]:
    """Returns the cells of a function of a diff; that of the picture is empty."""
    told, before, now = graph.functions, values.before[row], values.now[row]
    verdict, p = told.verdict[row], told.p_adjusted[row]
    mark = f"{words.MARKS[verdict]} {words.WORDS[verdict]}" if verdict else numbers.MISSING
    ratio = _new_or_gone(before, now) if verdict and told.ratio[row] is None else ""
    unit = words.unit(graph)
    return (
        mark,
        numbers.amount_text(before, unit),
        numbers.amount_text(now, unit),
        "",
        ratio or _ratio(graph, row),
        numbers.MISSING if p is None else f"{p:.2g}",
    )


def _share(value: int, graph: FlameGraph) -> str:
    return f"{100 * value / graph.total:.3g} %" if graph.total else numbers.MISSING


def _new_or_gone(before: int, now: int) -> str:
    """Returns what stands in place of a ratio for a function that one side never showed."""
    return "new" if now and not before else "gone" if before and not now else ""


def _ratio(graph: FlameGraph, row: int) -> str:
    told = graph.functions
    ratio, low, high = told.ratio[row], told.low[row], told.high[row]
    decimals = numbers.ratio_decimals(ratio, low, high)
    text = numbers.ratio_text(ratio, decimals)
    return f"×{text} {numbers.interval_text(low, high, decimals)}".strip() if ratio is not None else text
