"""The data inside the report: the comparison as JSON, its effects as CSV, and the shown runs column by column."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Hashable, Iterable

from whence.evidence.comparison import Comparison
from whence.show.report import as_json, csv, evidence, names

_MOST_TEXT = 200_000
"""Characters from which the comparison is embedded compressed."""


def documents(comparison: Comparison) -> dict[str, dict[str, object]]:
    """Returns the files that the report offers: name → {"text": …} or, when large, {"gzip": base64}."""
    texts = {"comparison.json": as_json.render(comparison), "effects.csv": csv.render(comparison)}
    return {name: document(text) for name, text in texts.items()}


def document(text: str) -> dict[str, object]:
    if len(text) <= _MOST_TEXT:
        return {"text": text}
    packed = gzip.compress(text.encode("utf-8", "replace"), compresslevel=6, mtime=0)
    return {"gzip": base64.b64encode(packed).decode("ascii"), "bytes": len(text)}


class _Table:
    """Texts stored once; runs hold their index."""

    def __init__(self) -> None:
        self.rows: list[object] = []
        self._index: dict[Hashable, int] = {}

    def add(self, key: Hashable, row: object) -> int:
        if key not in self._index:
            self._index[key] = len(self.rows)
            self.rows.append(row)
        return self._index[key]


def runs(comparison: Comparison, of: evidence.Shown) -> dict[str, object]:
    """Returns the shown runs as columns; `values[m][i]` is metric m of run i."""
    commands, endings, reasons = _Table(), _Table(), _Table()
    host_keys = list(dict.fromkeys(key for run in of.runs for key in run.host))
    columns: dict[str, list[object]] = {
        "id": [names.clean(run.id) for run in of.runs],
        "variant": [of.variants.index(run.variant) for run in of.runs],
        "kind": [run.kind for run in of.runs],
        "block": [run.block for run in of.runs],
        "attempt": [run.attempt for run in of.runs],
        "position": [run.position for run in of.runs],
        "started_at": [_number(run.started_at, 14) for run in of.runs],
        "seconds": [_number(run.seconds) for run in of.runs],
        "before": [_number(run.calibration_before_s) for run in of.runs],
        "after": [_number(run.calibration_after_s) for run in of.runs],
        "layout": [run.layout_seed for run in of.runs],
        "outcome": [run.outcome for run in of.runs],
        "ending": [endings.add(text, text) for text in map(evidence.outcome_text, of.runs)],
        "reason": [reasons.add(text, text) for text in of.reasons],
        "command": [commands.add(text, text) for text in map(evidence.command_text, of.runs)],
    }
    return {
        "variants": [names.label(comparison, name) for name in of.variants],
        "names": [names.clean(name) for name in of.variants],
        "metrics": [
            {"metric": names.clean(key[0]), "benchmark": key[1] and names.clean(key[1]), "unit": names.clean(unit)}
            for key, unit in zip(of.metrics, of.units, strict=True)
        ],
        **columns,
        "values": [[_number(value, 9) for value in of.values(key)] for key in of.metrics],
        "host_keys": [names.clean(key) for key in host_keys],
        "host": [[_number(run.host.get(key), 4) for run in of.runs] for key in host_keys],
        "commands": commands.rows,
        "endings": endings.rows,
        "reasons": reasons.rows,
        "note": of.note,
    }


def _number(value: float | None, digits: int = 6) -> float | int | None:
    """Returns `value` rounded to some significant digits, as short as JSON can write it; None when not finite."""
    if value is None or not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 2**53 else rounded


def script_json(value: object) -> str:
    """Returns JSON that may stand inside a `<script>` element: no text in it can end the element or load anything."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return _escaped(text, (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("=", "\\u003d"), ("@", "\\u0040")))


def _escaped(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for character, code in pairs:
        text = text.replace(character, code)
    return text
