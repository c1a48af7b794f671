"""A sweep on the terminal: a row a point, its numbers without intervals where the grid is long, and its hash."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from whence.evidence.sweep import Sweep, SweepPoint
from whence.show.report import numbers, terminal

COLUMNS = ("rss-peak", "rss", "gc-cycles", "cpu", "gc-cpu", "pause-max")
MOST_ROWS = 60
KILLED = "killed: memory exceeded after"


def render(sweep: Sweep, *, width: int = 100) -> str:
    """Returns the whole text with a final line end."""
    shown = sweep.points[:MOST_ROWS]
    heads = [*(axis.key for axis in sweep.axes), *COLUMNS]
    columns = [[point.settings[axis.key] for point in shown] for axis in sweep.axes]
    columns += [[_value(point, metric) for point in shown] for metric in COLUMNS]
    widths = [max(map(terminal.cells, [head, *column])) for head, column in zip(heads, columns, strict=True)]
    lines = [_row(heads, widths)]
    for index, point in enumerate(shown):
        end = _end(point)
        lines.append(_row([column[index] for column in columns], widths) + (f"   {end}" if end else ""))
    if len(sweep.points) > len(shown):
        lines.append(f"  … {len(sweep.points) - len(shown)} more points: see {sweep.directory}/sweep.json or --json.")
    lines.append("")
    for text in _basis(sweep):
        lines += textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  " + "   ".join(terminal.pad(cell, width, right=True) for cell, width in zip(cells, widths, strict=True))


def _value(point: SweepPoint, metric: str) -> str:
    total = point.totals.get(metric)
    return "–" if total is None else numbers.amount_text(total.value, total.unit)


def _end(point: SweepPoint) -> str:
    if point.outcome == "refused":
        return f"refused: {point.message}"
    return "" if point.oom_seconds is None else f"{KILLED} {numbers.seconds_text(point.oom_seconds)}"


def _basis(sweep: Sweep) -> list[str]:
    who = "" if sweep.workers == 0 else f" by {numbers.plural(sweep.workers, 'worker')}"
    cluster = "" if sweep.cluster is None or sweep.workers == 0 else f" of a {sweep.cluster} cluster"
    rest = "" if sweep.computed == len(sweep.points) else "; the others were stored, or mean the same as one"
    return [
        f"Simulated, not measured. {sweep.subject}, seed {sweep.seed}.",
        f"{sweep.computed} of {numbers.plural(len(sweep.points), 'point')} computed{who}{cluster} in "
        f"{numbers.seconds_text(sweep.seconds)}{rest}. All are in {sweep.directory}.",
        f"Hash of all results {sweep.hash}.",
    ]
