"""Explicit pods from a CSV or JSON file: one row a pod, `start` and the settings that variants take."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import NamedTuple

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_seconds
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.pods import PodKind
from whence.explain.simulator.node.settings import OF_POD, OF_PROCESS, with_settings

MOST_PODS = 200_000
MOST_BYTES = 200_000_000


class ExplicitPod(NamedTuple):
    name: str
    start_ns: int
    settings: tuple[tuple[str, str], ...]


def read(path: Path) -> list[ExplicitPod]:
    """Returns the pods of a file, by its ending. Raises BadInput, naming the row."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path} is larger than {MOST_BYTES} bytes. Split it.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Name a CSV or JSON file of pods.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no UTF-8 text at byte {error.start}. Save it as CSV or JSON in UTF-8.") from error
    rows = _json_rows(text, path) if path.suffix.lower() == ".json" else _csv_rows(text, path)
    if not rows:
        raise BadInput(f"{path} holds no pods. Write one row a pod, with a start and a lifetime.")
    if len(rows) > MOST_PODS:
        raise BadInput(f"{path} holds {len(rows)} pods; {MOST_PODS} are the most. Split it.")
    return [_pod(row, f"{path}: pod {number}") for number, row in enumerate(rows, start=1)]


def _csv_rows(text: str, path: Path) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise BadInput(f"{path}: line {reader.line_num} has not as many cells as the head. Fill or quote them.")
            rows.append({str(key).strip(): str(value).strip() for key, value in row.items()})
        return rows
    except csv.Error as error:
        raise BadInput(f"{path} is no CSV ({error}). Write a head with start,lifetime and one row a pod.") from error


def _json_rows(text: str, path: Path) -> list[dict[str, str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON ({error}). Write a list of pods.") from error
    if isinstance(found, dict):
        found = found.get("pods")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadInput(f'{path} holds no list of pods. Write [{{"start": "0s", "lifetime": "5s"}}, …].')
    rows = []
    for number, row in enumerate(found, start=1):
        for key, value in row.items():
            if not isinstance(value, str | int | float):
                raise BadInput(f'{path}: pod {number}: {key} is no text or number. Write for example "5s".')
        rows.append({key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in row.items()})
    return rows


def _pod(row: dict[str, str], where: str) -> ExplicitPod:
    known = {"name", "start", *OF_POD, *OF_PROCESS}
    for key in row:
        if key not in known:
            raise BadInput(f"{where}: {key!r} is no column known here. Known are: {', '.join(sorted(known))}.")
    start = row.get("start", "0")
    try:
        start_ns = 0 if start in {"", "0", "0s"} else round(parse_seconds(start) * SECOND)
    except BadInput as error:
        raise BadInput(f"{where}: start: {error}") from error
    settings = tuple((key, value) for key, value in row.items() if key not in {"name", "start"} and value)
    return ExplicitPod(row.get("name") or where.rsplit(": ", 1)[1].replace(" ", "-"), start_ns, settings)


def kinds_of(pods: list[ExplicitPod], base: PodKind, path: Path) -> tuple[list[int], tuple[PodKind, ...]]:
    """Returns for each pod the index of its kind, and the kinds; equal settings share one. Raises BadInput."""
    index: dict[tuple[tuple[str, str], ...], int] = {}
    kinds: list[PodKind] = []
    which = []
    for number, pod in enumerate(pods, start=1):
        if pod.settings not in index:
            try:
                kinds.append(with_settings(base, dict(pod.settings)))
            except BadInput as error:
                raise BadInput(f"{path}: pod {number}: {error}") from error
            index[pod.settings] = len(kinds) - 1
        which.append(index[pod.settings])
    return which, tuple(kinds)
