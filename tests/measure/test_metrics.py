"""Which numbers there are, what they are called, and which of them are judged."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.run import Sample
from whence.measure import metrics

from . import factories as make


def names(of: tuple[metrics.Metric, ...]) -> list[str]:
    return [metric.name for metric in of]


def test_a_unit_of_one_benchmark_goes_by_itself() -> None:
    found = metrics.found([make.run("a", 0, {"rss": 1.0, "Hold:ns/op": 2.0})])
    assert list(found) == ["rss", "ns/op"]
    assert found["ns/op"].benchmark == "Hold"


def test_a_unit_of_several_benchmarks_goes_by_benchmark_and_unit() -> None:
    found = metrics.found([make.run("a", 0, {"Decode/any:ns/op": 1.0, "Encode:ns/op": 2.0, "Encode:frobs": 3.0})])
    assert list(found) == ["Decode/any:ns/op", "Encode:ns/op", "frobs"]


def test_units_collide_over_all_variants_together() -> None:
    """Else two variants would hold one benchmark's number under two names."""
    found = metrics.found([make.run("a", 0, {"A:ns/op": 1.0}), make.run("b", 0, {"A:ns/op": 1.0, "B:ns/op": 2.0})])
    assert list(found) == ["A:ns/op", "B:ns/op"]


def test_a_program_cannot_pass_its_own_number_off_as_one_read_from_outside() -> None:
    found = metrics.found([make.run("a", 0, {"rss": 5.0, "Hold:rss": 1.0})])
    assert found["rss"].where == "kernel"
    assert found["Hold:rss"].where == "program"


def test_allocations_are_exact_and_throughput_is_better_when_higher() -> None:
    found = metrics.found([make.run("a", 0, {"A:allocs/op": 1.0, "A:MB/s": 2.0, "A:ns/op": 3.0})])
    assert [m.declared_exact for m in found.values()] == [True, False, False]
    assert [m.better for m in found.values()] == ["lower", "higher", "lower"]


def test_what_a_program_declares_of_a_unit_is_believed() -> None:
    declared = {"frobs": {"assume": "exact", "better": "higher"}, "MB/s": {"better": "lower"}}
    found = metrics.found([make.run("a", 0, {"A:frobs": 1.0, "A:MB/s": 2.0}, declarations=declared)])
    assert (found["frobs"].declared_exact, found["frobs"].better) == (True, "higher")
    assert found["MB/s"].better == "lower"


def test_without_a_request_the_defaults_and_every_printed_unit_are_judged() -> None:
    values = {"wall": 1.0, "start": 1.0, "rss": 1.0, "rss-peak": 1.0, "rss-anon": 1.0, "cpu": 1.0, "Hold:ns/op": 2.0}
    chosen = metrics.choose((), metrics.found([make.run("a", 0, values)]), service=False)
    assert names(chosen) == ["rss", "rss-peak", "cpu", "wall", "ns/op"]


def test_a_service_is_judged_by_its_own_defaults() -> None:
    values = {"rss": 1.0, "cpu": 1.0, "wall": 1.0, "cpu-ns/req": 1.0, "p99-ns": 2.0, "errors": 0.0}
    chosen = metrics.choose((), metrics.found([make.run("a", 0, values)]), service=True)
    assert names(chosen) == ["rss", "cpu-ns/req", "p99-ns", "errors"]


def test_what_the_load_client_counts_is_read_and_not_judged_unasked() -> None:
    run = make.run("a", 0, {"rss": 1.0, "errors": 0.0})
    counted = (*run.samples, Sample("requests", 50.0, "count"), Sample("achieved-rate", 99.0, "ops/s"))
    found = metrics.found([make.run("a", 0, {}, samples=counted)])
    assert names(metrics.choose((), found, service=True)) == ["rss", "errors"]
    assert (found["achieved-rate"].unit, found["achieved-rate"].better) == ("ops/s", "higher")


def test_a_latency_that_a_program_prints_itself_is_judged_like_any_printed_unit() -> None:
    found = metrics.found([make.run("a", 0, {"rss": 1.0, "Load:p99-ns": 2.0})])
    assert names(metrics.choose((), found, service=False)) == ["rss", "p99-ns"]


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (("rss",), ["rss"]),
        (("ns/op",), ["A:ns/op", "B:ns/op"]),
        (("B:ns/op", "rss"), ["B:ns/op", "rss"]),
        (("frobs",), ["frobs"]),
        (("A:frobs",), ["frobs"]),
    ],
)
def test_a_metric_is_asked_for_by_unit_or_by_benchmark_and_unit(asked: tuple[str, ...], chosen: list[str]) -> None:
    found = metrics.found([make.run("a", 0, {"rss": 1.0, "A:ns/op": 1.0, "B:ns/op": 1.0, "A:frobs": 1.0})])
    assert names(metrics.choose(asked, found, service=False)) == chosen


def test_a_metric_that_is_not_there_is_refused_with_those_that_are() -> None:
    found = metrics.found([make.run("a", 0, {"rss": 1.0, "Hold:p99-ns": 2.0})])
    with pytest.raises(BadInput) as refusal:
        metrics.choose(("ns/op",), found, service=False)
    assert str(refusal.value) == "the program printed no ns/op (it gave rss, p99-ns). Use --metric p99-ns."


def test_a_typo_is_answered_with_the_nearest_name_that_every_variant_gives() -> None:
    found = metrics.found([make.run("a", 0, {"rss": 1.0, "Hold:widgets": 2.0})])
    assert str(metrics.missing_metric("rrs", found)).endswith("Use --metric rss.")
    usable = {"rss": found["rss"]}
    assert str(metrics.missing_metric("ns/op", found, usable=usable)).endswith("Use --metric rss.")


def test_a_failed_run_has_no_values() -> None:
    lines = [make.run("a", 0, {"rss": 1.0}), make.run("a", 1, {"rss": 2.0}, outcome="exit", exit_code=3)]
    assert metrics.values_by_run(lines, metrics.Naming(lines)) == {"a-0": {"rss": 1.0}}
