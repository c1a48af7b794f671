"""Prometheus text (also OpenMetrics): the Go metrics in it as snapshots under their runtime/metrics names.

Known are the names of the Go client (`go_gc_heap_goal_bytes`, `go_memstats_…`, histograms by their `le` buckets) and
the package's own (`/gc/heap/goal:bytes 4194304`, or quoted in braces). Other metrics are skipped. A series that comes
again begins a new snapshot, so scrapes may stand one behind another; times in milliseconds or seconds are kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from whence.measure.profiles.readers import json_text, memstats
from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.metric_names import BY_PROMETHEUS, FROM_MEMSTATS
from whence.measure.profiles.readers.snapshot import Histogram, Snapshot, read_time

_SAMPLE = re.compile(
    rb"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*|/[^\s{]+)?"
    rb"(?:\{(?P<labels>(?:[^\"}\n]|\"(?:[^\"\\]|\\.)*\")*)\})?\s+(?P<value>\S+)(?:\s+(?P<time>[-+.\deE]+))?\s*(?:#.*)?"
)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_LABEL = re.compile(rb'([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"')
_PAUSE_SUMS = frozenset({"go_gc_duration_seconds_sum"})
_LONGEST_LINE = 1 << 16


class _Sample(NamedTuple):
    offset: int
    name: str
    labels: dict[str, str]
    value: float
    time_s: float | None


def read(data: bytes) -> tuple[Snapshot, ...]:
    """Returns the snapshots in order. Raises DamagedInput at a line that is none of the format's, UnknownFormat when
    there is no Go metric."""
    moments: list[list[_Sample]] = [[]]
    seen: set[tuple[str, str]] = set()
    for sample in _samples(data):
        series = (sample.name, repr(sorted(sample.labels.items())))
        if series in seen:
            moments.append([])
            seen.clear()
        seen.add(series)
        moments[-1].append(sample)
    found = [made for moment in moments if len(made := _snapshot(moment)) or made.pause_total_s is not None]
    if not found:
        raise UnknownFormat("the text holds no metric of the Go runtime (go_gc_…, go_memstats_…, /gc/…).")
    return tuple(found)


def looks_like(data: bytes) -> bool:
    """Tells whether the beginning of a file is Prometheus text with Go metrics."""
    return (
        re.search(
            rb'(?m)^(?:go_(?:gc|memstats|info|goroutines|sched|cpu|threads)|/(?:gc|memory|cpu|sched)/|\{"/gc)', data
        )
        is not None
    )


def _samples(data: bytes) -> Iterator[_Sample]:
    offset, count = 0, 0
    for line in data.split(b"\n"):
        stripped = line.strip()
        if stripped and not stripped.startswith(b"#"):
            match = _SAMPLE.fullmatch(stripped) if len(stripped) <= _LONGEST_LINE else None
            value = None if match is None else _float(match["value"])
            if match is None or value is None or not (match["name"] or match["labels"]):
                raise DamagedInput("a line is no sample of the Prometheus format", offset, f"{count:,} samples")
            count += 1
            labels = match["labels"] or b""
            quoted = _QUOTED.match(labels) if not match["name"] else None
            name = match["name"] or (quoted[1] if quoted else b"")
            pairs = {key.decode(): text.decode("utf-8", "replace") for key, text in _LABEL.findall(labels)}
            moment = _float(match["time"]) if match["time"] else None
            yield _Sample(offset, name.decode("utf-8", "replace"), pairs, value, read_time(moment))
        offset += len(line) + 1


def _float(text: bytes) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _snapshot(samples: list[_Sample]) -> Snapshot:
    values: dict[str, float] = {}
    stats: dict[str, object] = {}
    buckets: dict[str, list[tuple[float, float]]] = {}
    pause_total, go = None, None
    for sample in samples:
        stem = sample.name.removesuffix("_bucket")
        name = BY_PROMETHEUS.get(stem, stem if stem.startswith("/") else "")
        if "le" in sample.labels and name:
            edge = _float(sample.labels["le"].encode())
            if edge is not None:
                buckets.setdefault(name, []).append((edge, sample.value))
        elif name and stem == sample.name:
            number = json_text.as_amount(sample.value)
            if number is not None:
                values[name] = number
        elif sample.name in FROM_MEMSTATS:
            stats[FROM_MEMSTATS[sample.name]] = sample.value
        elif sample.name in _PAUSE_SUMS:
            pause_total = json_text.as_amount(sample.value)
        elif sample.name == "go_gc_duration_seconds_count":
            stats["NumGC"] = sample.value
        elif sample.name == "go_info":
            go = sample.labels.get("version", "").removeprefix("go") or None
    older = memstats.snapshot(stats) if stats else Snapshot(time_s=None, values={})
    return Snapshot(
        time_s=next((sample.time_s for sample in samples if sample.time_s is not None), None),
        values={**older.values, **values},
        histograms={name: made for name, pairs in buckets.items() if (made := _histogram(pairs)) is not None},
        pause_total_s=pause_total,
        collecting_share=older.collecting_share,
        go=go,
    )


def _histogram(pairs: list[tuple[float, float]]) -> Histogram | None:
    """Returns counts between the edges of cumulative buckets; None when they do not grow."""
    pairs = sorted(pairs)
    edges, counts = np.array([edge for edge, _ in pairs]), np.array([count for _, count in pairs])
    if not np.isfinite(counts).all() or (np.diff(counts) < 0).any() or (counts < 0).any() or counts[-1] >= 1 << 62:
        return None
    if not math.isinf(edges[-1]):
        edges, counts = np.append(edges, np.inf), np.append(counts, counts[-1])
    # The client leaves out what lies below its first edge; nothing of the runtime's is below 0.
    first = min(0.0, float(edges[0]))
    return Histogram(np.concatenate([[first], edges]), np.diff(np.concatenate([[0.0], counts])).astype(np.int64))
