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


def rows(graph: FlameGraph, most: int = ROWS) -> list[Row]:
    """Returns the `most` rows that matter most: by flat value, or what differs first and most of it first."""
    told, count, step = graph.functions, len(graph.functions.name), graph.nodes.step
    flat, cum, base_flat, base_cum = (
        [value * step for value in unpack(packed, count, signed=True)]
        for packed in (told.flat, told.cum, told.base_flat, told.base_cum)
    )
    roles = unpack(told.role, count) if graph.roles else []
    now, before = (cum, base_cum) if graph.judged == "cum" and told.verdict else (flat, base_flat)
    order = sorted(range(count), key=lambda i: (-flat[i], -cum[i], told.name[i]))
    if graph.base_total is not None:
        rank = [_RANKS[verdict] for verdict in told.verdict] or [0] * count
        order = sorted(range(count), key=lambda i: (rank[i], -abs(now[i] - before[i]), told.name[i]))
    unit = words.unit(graph)

    def amount(value: float) -> str:
        return numbers.amount_text(value, unit)

    def share(value: int) -> str:
        return f"{100 * value / graph.total:.3g} %" if graph.total else numbers.MISSING

    found: list[Row] = []
    for i in order[:most]:
        verdict = told.verdict[i] if told.verdict else None
        if graph.base_total is None:
            cells = (amount(flat[i]), share(flat[i]), amount(cum[i]), share(cum[i]))
        elif told.verdict:
            mark = f"{words.MARKS[verdict]} {words.WORDS[verdict]}" if verdict else numbers.MISSING
            p = told.p_adjusted[i]
            cells = (
                mark,
                amount(before[i]),
                amount(now[i]),
                "",
                _ratio(graph, i),
                numbers.MISSING if p is None else f"{p:.2g}",
            )
        else:
            change = amount(flat[i] - base_flat[i])
            sign = "+" if flat[i] > base_flat[i] else ""
            cells = (amount(base_flat[i]), amount(flat[i]), sign + change, amount(base_cum[i]), amount(cum[i]))
        role = (names.clean(graph.roles[roles[i]]),) if graph.roles else ()
        found.append(Row((names.clean(told.name[i]), *cells, *role), verdict))
    return found


def _ratio(graph: FlameGraph, row: int) -> str:
    told = graph.functions
    ratio, low, high = told.ratio[row], told.low[row], told.high[row]
    decimals = numbers.ratio_decimals(ratio, low, high)
    text = numbers.ratio_text(ratio, decimals)
    return f"×{text} {numbers.interval_text(low, high, decimals)}".strip() if ratio is not None else text
