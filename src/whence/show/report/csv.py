"""CSV twins: the effects, one a row, and the runs, one number a row. Full precision, base units."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence

from whence.evidence.comparison import Comparison, Effect
from whence.evidence.run import JournalLine, Run, used_runs

EFFECT_COLUMNS = (
    "metric", "benchmark", "unit", "base", "candidate", "base_value", "candidate_value", "ratio", "low", "high",
    "verdict", "differs", "exact", "pairs", "pairs_needed", "margin", "better", "detectable", "p", "p_adjusted",
    "corrected_low", "corrected_high", "level", "family", "where",
)  # fmt: skip
RUN_COLUMNS = (
    "run", "kind", "used", "variant", "block", "attempt", "position", "started_at", "seconds", "outcome", "exit_code",
    "signal", "layout_seed", "calibration_before_s", "calibration_after_s", "metric", "benchmark", "unit", "value",
)  # fmt: skip


def render(comparison: Comparison) -> str:
    """Returns the effects as CSV, chosen metrics first, then the listed ones. What is missing is an empty cell."""
    effects: Iterable[Effect] = (*comparison.effects, *comparison.listed)
    return _text(EFFECT_COLUMNS, ([getattr(effect, name) for name in EFFECT_COLUMNS] for effect in effects))


def render_runs(lines: Sequence[JournalLine]) -> str:
    """Returns every number of every run, warm-ups and repeated blocks too; `used` tells what estimates are made of.

    A run without any number (it crashed) has one row without metric and value.
    """
    return _text(RUN_COLUMNS, _run_rows(lines))


def _run_rows(lines: Sequence[JournalLine]) -> Iterator[list[object]]:
    used = {id(run) for run in used_runs(list(lines))}
    for run in lines:
        if not isinstance(run, Run):
            continue
        head: list[object] = [
            run.id, run.kind, id(run) in used, run.variant, run.block, run.attempt, run.position, run.started_at,
            run.seconds, run.outcome, run.exit_code, run.signal, run.layout_seed, run.calibration_before_s,
            run.calibration_after_s,
        ]  # fmt: skip
        for sample in run.samples:
            yield [*head, sample.metric, sample.benchmark, sample.unit, sample.value]
        if not run.samples:
            yield [*head, None, None, None, None]


def _text(columns: tuple[str, ...], rows: Iterable[list[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, str):
        # A lone carriage return is no line end to the writer, but one to readers: it would go unquoted.
        return value.replace("\r", " ").encode("utf-8", "replace").decode("utf-8")
    return "" if value is None else value
