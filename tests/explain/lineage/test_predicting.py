"""The simulator is asked about the same program, and its answers go the way that releases went."""

from __future__ import annotations

from functools import cache

import pytest

from whence.evidence.lineage import Predicted
from whence.explain.lineage.metrics import METRICS
from whence.explain.lineage.predicting import predict


@cache
def told(version: str) -> dict[str, Predicted | None]:
    return predict(version)


def value(version: str, name: str) -> float:
    predicted = told(version)[name]
    assert predicted is not None
    return predicted.value


def test_it_knows_every_metric_but_the_latencies() -> None:
    unknown = {metric.name for metric in METRICS} - set(told("1.27.4"))
    assert unknown == {"request-p99", "request-p99-off", "gc-cpu-told"}


def test_gc_cpu_is_not_predicted_where_no_release_tells_it() -> None:
    assert "gc-cpu" not in told("1.4.3")


def test_the_concurrent_collector_ends_long_pauses() -> None:
    assert value("1.4.3", "pause-max") > 20 * value("1.5.4", "pause-max")


def test_memory_comes_back_after_minutes_then_lazily_then_in_seconds() -> None:
    assert value("1.8.7", "back") >= 300.0
    assert value("1.13.15", "lazy") < 300.0
    assert value("1.13.15", "rss-after") > 200e6
    assert value("1.16.15", "back") < 30.0
    assert value("1.16.15", "rss-after") < 40e6


def test_intervals_hold_their_values() -> None:
    for name in ("alloc-16", "pause-sum", "gc-cycles"):
        predicted = told("1.27.4")[name]
        assert predicted is not None and predicted.low is not None and predicted.high is not None
        assert predicted.low <= predicted.value <= predicted.high


@pytest.mark.parametrize("version", ["1.28.0", "2.0.0"])
def test_a_release_without_a_model_has_no_predictions(version: str) -> None:
    assert predict(version) == {}
