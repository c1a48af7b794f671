"""What the forms of a lineage share: its tables, and numbers with their intervals and the model's beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from whence.evidence.lineage import Ending, GivenBack, Lineage, LineageMetric, LineageRelease, Predicted, Reading
from whence.show.report import numbers

MODEL = "model"
_FACTORS = {"ns": (1.0, "ns"), "s": (1e-3, "ms"), "B": (1e6, "MB"), "1": (0.01, "%"), "count": (1.0, "")}
"""What a unit is divided by for reading, and the unit then written at the head of the column."""


class Cell(NamedTuple):
    """One number: `value`, its `interval` in brackets, and what the model says."""

    value: str
    interval: str = ""
    model: str = ""


class Column(NamedTuple):
    head: str
    unit: str
    words: str


class Table(NamedTuple):
    """One group of columns. Rows are releases."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    modelled: bool
    """Whether any cell has a prediction; else the model's columns are left out of text."""


def tables(lineage: Lineage) -> tuple[Table, ...]:
    """Returns the three tables: cost of an allocation, pauses and requests, the collector's CPU and memory."""
    return (
        _of_panels(lineage, "An allocation, CPU time with its part of collecting", ("allocation",)),
        _of_panels(lineage, "Pauses, and requests of 10 µs, under a fixed load of 256 MB/s", ("pauses",)),
        _of_panels(lineage, "The collector under that load", ("collector",)),
        _memory(lineage),
    )


def _of_panels(lineage: Lineage, title: str, panels: Sequence[str]) -> Table:
    metrics = [metric for metric in lineage.metrics if metric.panel in panels]
    rows = tuple(
        (release.version, tuple(cell(metric, release.reading(metric.name)) for metric in metrics))
        for release in lineage.releases
    )
    columns = tuple(Column(m.short, _FACTORS[m.unit][1], m.words) for m in metrics)
    return Table(title, columns, rows, any(c.model != numbers.MISSING for _, cells in rows for c in cells))


def cell(metric: LineageMetric, reading: Reading | None) -> Cell:
    """Returns a reading as text in the column's unit."""
    divisor = _FACTORS[metric.unit][0]
    model = predicted_text(reading.predicted if reading is not None else None, divisor)
    if reading is None or reading.value is None:
        return Cell(numbers.MISSING, "", model)
    interval = ""
    if reading.low is not None and reading.high is not None:
        interval = f"[{short(reading.low / divisor)}, {short(reading.high / divisor)}]"
    return Cell(short(reading.value / divisor), interval, model)


def predicted_text(predicted: Predicted | None, divisor: float) -> str:
    return numbers.MISSING if predicted is None else short(predicted.value / divisor)


def short(value: float) -> str:
    """Returns three significant digits, never an exponent: 0.0361, 1.04, 21.5, 154."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace("-", numbers.MINUS)
    decimals = 2
    while abs(value) < 10.0 ** (2 - decimals) and decimals < 6:
        decimals += 1
    text = f"{value:.{decimals}f}" if abs(value) < 10 else f"{value:.1f}"
    return text.replace("-", numbers.MINUS)


def _memory(lineage: Lineage) -> Table:
    columns = (
        Column("before", "MB", "resident just before 200 MB are dropped"),
        Column("after", "MB", "resident when the wait ended"),
        Column("lazily free", "MB", "the most that was lazily free: resident still, and the system may take it"),
        Column("peak", "MB", "VmHWM"),
        Column("given back", "", "when 90 % of it were no longer resident, or lazily free"),
    )
    rows = tuple((release.version, _memory_cells(release)) for release in lineage.releases)
    modelled = any(release.predicted_after is not None for release in lineage.releases)
    return Table("200 MB dropped in a process that then sleeps (once a release)", columns, rows, modelled)


def _memory_cells(release: LineageRelease) -> tuple[Cell, ...]:
    given = release.given_back
    after = predicted_text(release.predicted_after, 1e6)
    seconds = predicted_seconds_text(release.predicted_ending, release.predicted_seconds)
    if given is None:
        blank = Cell(numbers.MISSING, "", numbers.MISSING)
        return (blank, blank._replace(model=after), blank, blank, blank._replace(model=seconds))
    return (
        Cell(short(given.before / 1e6), "", numbers.MISSING),
        Cell(short(given.after / 1e6), "", after),
        Cell(short(given.lazy_free / 1e6), "", numbers.MISSING),
        Cell(short(given.peak / 1e6), "", numbers.MISSING),
        Cell(came_back(given), "", seconds),
    )


def came_back(given: GivenBack) -> str:
    """Returns `4.2 s`, `lazily, 2.2 s`, or `not in 480 s`."""
    if given.ending == "never" or given.seconds is None:
        return f"not in {given.waited:.0f} s"
    return f"{'lazily, ' if given.ending == 'lazy' else ''}{short(given.seconds)} s"


def predicted_seconds_text(ending: Ending | None, seconds: Predicted | None) -> str:
    if ending is None:
        return numbers.MISSING
    if ending == "never" or seconds is None:
        return "never"
    return f"{'lazily, ' if ending == 'lazy' else ''}{short(seconds.value)} s"


def host_text(lineage: Lineage) -> str:
    """Returns where and how it was measured, in one line."""
    host = lineage.host
    spread = host.calibration.get("spread")
    parts = [
        f"{numbers.plural(lineage.blocks, 'block')} of {numbers.plural(len(lineage.releases), 'release')} in random "
        "order",
        f"{host.cpus} CPUs{f' ({host.cpu_model})' if host.cpu_model else ''}",
    ]
    if spread is not None:
        parts.append(f"calibration spread {100 * spread:.0f} %")
    parts.append(f"{numbers.seconds_text(lineage.seconds)} without builds")
    return " · ".join(parts)


def missing_text(lineage: Lineage) -> str:
    """Returns one line that names what was left out; empty when nothing was."""
    if not lineage.missing:
        return ""
    names = ", ".join(f"go{release.version}" for release in lineage.missing)
    fetch = " ".join(release.version for release in lineage.missing)
    return f"Left out, not here and not fetched: {names}. With a network: whence toolchain fetch {fetch}"


BRACKETS = "Brackets: 95 % interval over the blocks. Model: what the simulator says of the same program."
