"""Contention on the terminal: the sentence of each release, and a table of throughput and waits by processors."""

from __future__ import annotations

import textwrap

from whence.evidence.contention import Contention, ContentionPoint, ContentionVariant
from whence.evidence.node_simulation import Range

MOST_ROWS = 12
_BOLD, _DIM, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_HEADS = ("procs", "million/s", "gain", "wait ns", "central ns", "heap ns", "shared ns", "heap held")


def render(document: Contention, *, width: int = 110, color: bool = False) -> str:
    """Returns the text; processors beyond the calibration are marked with *."""
    bold, dim, off = (_BOLD, _DIM, _OFF) if color else ("", "", "")
    lines: list[str] = []
    for variant in document.variants:
        lines += [f"{bold}{line}{off}" for line in textwrap.wrap(variant.sentence, width)]
        lines += textwrap.wrap(variant.warning, width) if variant.warning else []
        lines += ["", *_table(variant), ""]
    rate = "as fast as it can" if document.rate is None else f"{document.rate:,.0f} times a second"
    about = f"Mix {document.mix}; each processor allocates {rate} when alone; brackets: 90 % of what is not known"
    starred = any(point.extrapolated for variant in document.variants for point in variant.points)
    lines += [f"{dim}{line}{off}" for line in textwrap.wrap(about + ("; * extrapolated" if starred else ""), width)]
    for note in document.notes:
        lines += [f"{dim}{line}{off}" for line in textwrap.wrap(note, width)]
    return "\n".join(lines) + "\n"


def shown(variant: ContentionVariant) -> list[ContentionPoint]:
    """Returns at most MOST_ROWS points: the first and last, doublings between, and where the gain ends."""
    points = variant.points
    if len(points) <= MOST_ROWS:
        return list(points)
    doublings = {1 << power for power in range(20)}
    kept = doublings | {variant.bends_at or 0, points[0].processors, points[-1].processors}
    return [point for point in points if point.processors in kept]


def _table(variant: ContentionVariant) -> list[str]:
    rows = [(f"Go {variant.go}", *[""] * (len(_HEADS) - 1)), _HEADS]
    rows += [_row(point) for point in shown(variant)]
    widths = [max(len(row[column]) for row in rows[1:]) for column in range(len(_HEADS))]
    lines = ["  ".join(f"{cell:>{size}}" for cell, size in zip(row, widths, strict=True)) for row in rows[1:]]
    return [rows[0][0], *lines]


def _row(point: ContentionPoint) -> tuple[str, ...]:
    return (
        f"{point.processors}{'*' if point.extrapolated else ' '}",
        _range(point.allocations_per_second, 1e-6),
        _range(point.gain, 100.0, " %"),
        _range(point.wait_ns),
        _short(point.central_wait_ns),
        _short(point.heap_wait_ns),
        _short(point.shared_wait_ns),
        f"{100 * point.heap_utilisation.value:.0f} %",
    )


def _range(found: Range, factor: float = 1.0, unit: str = "") -> str:
    middle, low, high = (_digits(factor * number) for number in (found.value, found.low, found.high))
    interval = "" if low == high else f" [{low}, {high}]"
    return f"{middle}{unit}{interval}"


def _short(found: Range) -> str:
    return _digits(found.value)


def _digits(value: float) -> str:
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "0" if abs(value) < 5e-3 else text.replace("-", "−")
