"""What things are called when people read about them: metrics in words, variants by label, verdicts by mark."""

from __future__ import annotations

import re
from typing import NamedTuple

from whence.evidence.comparison import Comparison, Effect, VariantResult, Verdict

MARKS: dict[str, str] = {"worse": "▲", "better": "▼", "equivalent": "=", "undetermined": "?"}
WORDS: dict[str, str] = {
    "worse": "worse",
    "better": "better",
    "equivalent": "equivalent",
    "undetermined": "not enough data",
}
GATE_MARKS: dict[str, str] = {"held": "✓", "broken": "✗", "undecided": "?"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_GO_ONLY = re.compile(r"go=(\d[\w.]*)\Z")


class MetricWords(NamedTuple):
    """A metric in running text: `resident memory` is so many times `large`."""

    text: str
    adjective: str


_BUILT_IN = {
    "rss": MetricWords("resident memory", "large"),
    "rss-peak": MetricWords("peak resident memory", "large"),
    "rss-anon": MetricWords("anonymous resident memory", "large"),
    "rss-file": MetricWords("file-backed resident memory", "large"),
    "cpu": MetricWords("CPU time", "long"),
    "wall": MetricWords("wall time", "long"),
    "start": MetricWords("time to first output", "long"),
    "heap-live": MetricWords("live heap", "large"),
    "heap-inuse": MetricWords("heap in use", "large"),
    "heap-goal": MetricWords("heap goal", "large"),
    "gc-cycles": MetricWords("the number of GC cycles", "high"),
    "runtime-total": MetricWords("memory by Go's own count", "large"),
    "binary-size": MetricWords("binary size", "large"),
    "ns/op": MetricWords("time per operation (ns/op)", "long"),
    "sec/op": MetricWords("time per operation (sec/op)", "long"),
    "B/op": MetricWords("allocated bytes per operation (B/op)", "large"),
    "allocs/op": MetricWords("the number of allocations per operation (allocs/op)", "high"),
    "B/s": MetricWords("throughput (B/s)", "high"),
    "MB/s": MetricWords("throughput (MB/s)", "high"),
    "ops/s": MetricWords("throughput (ops/s)", "high"),
}
_QUANTILE = re.compile(r"p(\d{2})(\d*)-(ns|us|µs|ms|s|sec)\Z")
_TIME_UNIT = re.compile(r"(^|-)(ns|us|µs|ms|s|sec)(/\w+)?\Z")


def metric_words(metric: str, benchmark: str | None = None) -> MetricWords:
    """Returns the words for a metric; a unit that a program prints goes by its own name."""
    if metric in _BUILT_IN:
        words = _BUILT_IN[metric]
    elif (quantile := _QUANTILE.match(metric)) is not None:
        tail = f".{quantile[2]}" if quantile[2] else ""
        ordinal = "th" if tail or quantile[1][-1] not in "123" else {"1": "st", "2": "nd", "3": "rd"}[quantile[1][-1]]
        words = MetricWords(f"{quantile[1]}{tail}{ordinal} percentile latency", "long")
    elif _TIME_UNIT.search(metric):
        words = MetricWords(metric, "long")
    else:
        words = MetricWords(metric, "high")
    if benchmark:
        return MetricWords(f"{clean(words.text)} of {clean(benchmark)}", words.adjective)
    return words._replace(text=clean(words.text))


def metric_key(effect: Effect) -> str:
    """Returns the name under which users write a metric: `rss`, or `Decode/any:ns/op`."""
    return clean(f"{effect.benchmark}:{effect.metric}" if effect.benchmark else effect.metric)


def label(comparison: Comparison, name: str) -> str:
    """Returns how a variant is called in text: `go=1.24.3` is `go1.24.3`, a variant with a name goes by it."""
    found = next((variant for variant in comparison.variants if variant.name == name), None)
    return _label(name, found)


def _label(name: str, variant: VariantResult | None) -> str:
    if not name:
        return "base"
    match = _GO_ONLY.match(name)
    if match is not None:
        return f"go{match[1]}"
    if name == "go=local" and variant is not None and variant.go:
        return f"go{clean(variant.go)} (local)"
    return clean(name)


def clean(text: str) -> str:
    """Returns `text` without what could move a cursor, colour a line or reorder it; such characters become `�`."""
    return _CONTROL.sub("\ufffd", re.sub(r"[\t\n\r]+", " ", text)).encode("utf-8", "replace").decode("utf-8")


def capital(text: str) -> str:
    """Returns the text with a capital first letter, unless it begins with a unit or a name that has none."""
    head = text.split(" ", 1)[0]
    if any(character in head for character in "/-:0123456789") or head.startswith("go"):
        return text
    return text[:1].upper() + text[1:]


def join(items: list[str]) -> str:
    """Returns `a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def mark(verdict: Verdict) -> str:
    return MARKS[verdict]
