"""Subjects, gates, margins and amounts as people write them."""

from __future__ import annotations

import math
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.evidence.gate import parse_gate, parse_margin
from whence.evidence.metric import BUILT_IN, Metric, family_of, layout_sensitive
from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, Run, used_runs
from whence.evidence.subject import Load, parse_subject
from whence.evidence.units import parse_bytes, parse_seconds, to_base


def test_a_workload_carries_its_parameters() -> None:
    subject = parse_subject("workload:heapshape?size=262144&fill=25")
    assert (subject.kind, subject.target) == ("workload", "heapshape")
    assert subject.parameters == {"size": "262144", "fill": "25"}


def test_a_benchmark_expression_is_percent_decoded() -> None:
    subject = parse_subject("bench:./pkg?run=%5EBenchmarkA%26B%24&count=2")
    assert subject.kind == "bench"
    assert subject.target == "./pkg"
    assert subject.parameters == {"run": "^BenchmarkA&B$", "count": "2"}


def test_a_directory_is_a_main_package_and_its_arguments_are_kept() -> None:
    subject = parse_subject("./cmd/server", ("-n", "3"))
    assert (subject.kind, subject.target, subject.arguments) == ("package", "./cmd/server", ("-n", "3"))


def test_a_service_always_has_a_load() -> None:
    assert parse_subject("service:./srv").load == Load()
    assert parse_subject("exec:", ("./srv",), load=Load(rate_per_second=5)).load == Load(rate_per_second=5)


@pytest.mark.parametrize(
    "text", ["", "workload:", "workload:x?size", "bench:./p?nope=1", "exec:prog", "workload:x?a=1&a=2"]
)
def test_malformed_subjects_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_subject(text)


def test_relative_and_absolute_gates() -> None:
    relative = parse_gate("rss<=+5%")
    assert (relative.metric, relative.operator, relative.kind) == ("rss", "<=", "ratio")
    assert relative.limit == pytest.approx(1.05)
    absolute = parse_gate("Decode/any:ns/op <= 1.5 ms")
    assert (absolute.metric, absolute.kind, absolute.limit, absolute.written_unit) == (
        "Decode/any:ns/op",
        "value",
        1.5,
        "ms",
    )
    assert parse_gate("ops/s>=-3%").limit == pytest.approx(0.97)


@pytest.mark.parametrize("text", ["rss<=banana", "rss", "<=5%", "rss=5%", "rss<=", "rss<=-100%"])
def test_malformed_gates_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_gate(text)


def test_margins_are_fractions_of_a_named_metric() -> None:
    assert parse_margin("rss=2%") == ("rss", 0.02)
    for text in ("rss", "rss=2", "=2%", "rss=-1%", "rss=100%"):
        with pytest.raises(BadInput):
            parse_margin(text)


def test_amounts_are_converted_to_base_units() -> None:
    assert parse_bytes("1.5 GB") == 1_500_000_000
    assert parse_bytes("2KiB") == 2048
    assert parse_seconds("1h30m") == 5400
    assert parse_seconds("90") == 90
    assert to_base(3, "ms", "s") == pytest.approx(0.003)
    assert to_base(2, "ms", "ns") == pytest.approx(2e6)
    with pytest.raises(BadInput):
        to_base(3, "ms", "B")


@given(st.text(max_size=12))
def test_durations_are_read_or_refused_never_crash(text: str) -> None:
    try:
        assert parse_seconds(text) > 0
    except BadInput as error:
        assert "\n" not in str(error) or "\n" in text


@pytest.mark.parametrize(
    ("unit", "family"),
    [
        ("ns/op", "cpu"),
        ("B/op", "memory"),
        ("p99-ns", "latency"),
        ("blocks", "count"),
        ("MB/s", "cpu"),
        ("B", "memory"),
    ],
)
def test_the_family_of_a_unit_decides_its_margin(unit: str, family: str) -> None:
    assert family_of(unit) == family


def test_times_depend_on_layout_and_memory_does_not() -> None:
    assert layout_sensitive(BUILT_IN["cpu"])
    assert layout_sensitive(Metric(name="ns/op", unit="ns/op"))
    assert not layout_sensitive(BUILT_IN["rss"])
    assert not layout_sensitive(Metric(name="allocs/op", unit="allocs/op", declared_exact=True))


def test_a_request_repeats_itself_as_a_command_line() -> None:
    request = Request(
        variants=("a:go=1.24.3", r"gcflags=-d=a\,b"),
        subject="./my dir",
        arguments=("-n", "a b"),
        gates=("rss<=+5%",),
        pairs=8,
    )
    words = shlex.split(request.command())
    assert words[:4] == ["whence", "compare", "a:go=1.24.3", r"gcflags=-d=a\,b"]
    assert words[words.index("--subject") + 1] == "./my dir"
    assert words[words.index("--") + 1 :] == ["-n", "a b"]


def test_a_request_without_a_seed_fits_a_stored_one_with_any() -> None:
    stored = Request(variants=("a:", "b:"), subject="x", seed=7)
    assert Request(variants=("a:", "b:"), subject="x").differences(stored) == ()
    assert Request(variants=("a:", "b:"), subject="x", seed=8, pairs=3).differences(stored) == ("pairs", "seed")


def _run(block: int, attempt: int, variant: str, kind: str = "counted") -> Run:
    return Run(
        id=f"{kind}{block}.{attempt}.{variant}", kind=kind, variant=variant, block=block, attempt=attempt,
        started_at=math.pi, seconds=1.0, outcome="ok",
    )  # type: ignore[arg-type]  # fmt: skip


def test_only_complete_attempts_of_counted_runs_are_used() -> None:
    lines = [
        _run(0, 0, "a"),
        BlockEnd(block=0, attempt=0, status="repeat"),
        _run(0, 1, "a"),
        BlockEnd(block=0, attempt=1, status="complete"),
        _run(1, 0, "a", "warmup"),
        _run(1, 0, "a"),
    ]
    assert [run.id for run in used_runs(lines)] == ["counted0.1.a"]
