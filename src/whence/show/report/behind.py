"""The numbers behind the verdicts, for those who check them: pairs, margins, corrected intervals, p."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from whence.evidence.comparison import Comparison, Effect
from whence.show.report import names, numbers
from whence.show.report.forest import MOST_ROWS


class Row(NamedTuple):
    """One effect."""

    metric: str
    candidate: str
    cells: tuple[str, ...]


class Behind(NamedTuple):
    """Column heads and rows; a column without any number is left out."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def behind(comparison: Comparison) -> Behind | None:
    """Returns the numbers of the chosen effects, the A/A variant's too, or None without effects."""
    effects = comparison.effects[:MOST_ROWS]
    filled = [(head, [text(effect) for effect in effects]) for head, text in _COLUMNS]
    columns = [(head, cells) for head, cells in filled if any(cells)]
    if not effects:
        return None
    rows = (
        Row(names.metric_key(effect), names.label(comparison, effect.candidate), tuple(c[index] for _, c in columns))
        for index, effect in enumerate(effects)
    )
    return Behind(tuple(head for head, _ in columns), tuple(rows))


def _share(value: float | None) -> str:
    return "" if value is None else numbers.margin_text(value)


def _p(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _corrected(effect: Effect) -> str:
    decimals = numbers.ratio_decimals(effect.ratio, effect.corrected_low, effect.corrected_high, exact=effect.exact)
    return numbers.interval_text(effect.corrected_low, effect.corrected_high, decimals)


_COLUMNS: tuple[tuple[str, Callable[[Effect], str]], ...] = (
    ("pairs", lambda effect: str(effect.pairs)),
    ("margin", lambda effect: _share(effect.margin) if effect.margin > 0 else ""),
    ("corrected interval", _corrected),
    ("p", lambda effect: _p(effect.p)),
    ("p corrected", lambda effect: _p(effect.p_adjusted)),
    ("smallest effect seen", lambda effect: _share(effect.detectable)),
    ("95 % interval covers", lambda effect: "" if effect.level is None else f"{100 * effect.level:.1f} %"),
    ("pairs needed in all", lambda effect: "" if effect.pairs_needed is None else str(effect.pairs_needed)),
)
