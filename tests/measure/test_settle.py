"""Every refusal that needs no process: one line of what, where and what to do, before anything is fetched or built."""

from __future__ import annotations

from pathlib import Path

import pytest

from whence.evidence.errors import BadInput, WhenceError
from whence.evidence.metric import BUILT_IN
from whence.evidence.variant import parse_variant
from whence.measure.settle import Settled, effective_settings, settle

from . import factories as make


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """A folder with a main package `./hold`."""
    (tmp_path / "hold").mkdir()
    (tmp_path / "hold" / "main.go").write_text("package main\n\nfunc main() {}\n")
    (tmp_path / "empty").mkdir()
    program = tmp_path / "prog"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


def settled(folder: Path, *variants: str, **changes: object) -> Settled:
    return settle(make.request(*variants, directory=str(folder), **changes))


def refusal(folder: Path, *variants: str, **changes: object) -> str:
    with pytest.raises(WhenceError) as caught:
        settled(folder, *variants, **changes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_releases_are_resolved_and_nothing_is_needed_of_them_yet(hold: Path) -> None:
    found = settled(hold, "go=1.23.9", "go=1.24.3,GOGC=50")
    assert found.releases == ("1.23.9", "1.24.3")
    assert [v.name for v in found.variants] == ["go=1.23.9", "go=1.24.3,GOGC=50"]


def test_a_second_copy_of_the_base_is_a_variant_behind_all_others(hold: Path) -> None:
    found = settled(hold, "go=1.23.9", "go=1.24.3", aa=True)
    assert found.variants[-1].name == found.aa_variant == "A/A"
    assert found.releases[-1] == "1.23.9"
    assert found.variants[-1].settings == found.variants[0].settings


def test_the_built_in_server_is_loaded_as_its_table_says_unless_asked_otherwise(hold: Path) -> None:
    load = settled(hold, "a:", "b:GOGC=50", subject="workload:httpd").subject.load
    other = settled(hold, "a:", "b:GOGC=50", subject="workload:httpd", rate_per_second=7.0, path="/x").subject.load
    assert load is not None and other is not None
    assert (other.rate_per_second, other.path, other.seconds) == (7.0, "/x", load.seconds)


@pytest.mark.parametrize("option", ["service", "load_command", "rate_per_second", "load_seconds", "path", "ready_url"])
def test_any_option_of_loading_makes_a_directory_a_server(hold: Path, option: str) -> None:
    values = {"service": True, "rate_per_second": 5.0, "load_seconds": 2.0, "path": "/x"}
    assert settled(hold, **{option: values.get(option, "x")}).subject.load is not None


REFUSALS = [
    ((), {"subject": "./nowhere"}, "subject ./nowhere: there is no directory ./nowhere. Give a directory"),
    ((), {"subject": "./empty"}, "subject ./empty: no Go files in ./empty."),
    ((), {"subject": "bench:./nowhere"}, "subject bench:./nowhere: there is no directory ./nowhere."),
    ((), {"subject": "service:./nowhere"}, "subject service:./nowhere: there is no directory ./nowhere."),
    ((), {"subject": "bench:./hold?rum=x"}, "subject 'bench:./hold?rum=x': unknown parameter 'rum'. Known: run,"),
    ((), {"subject": "workload:heapshap"}, "no workload 'heapshap'. Known: heapshape,"),
    ((), {"subject": "workload:heapshape?sise=3"}, "workload heapshape has no parameter 'sise'. Known: shape,"),
    ((), {"subject": "bench:./hold", "service": True}, "a benchmark is no server: --service, --load,"),
    ((), {"load_command": "true", "rate_per_second": 5.0}, "--load brings its own load; --rate, --for and --get are"),
    ((), {"service": True, "path": "hi"}, "--get hi: a path starts with a slash. Write --get /hi."),
    ((), {"subject": "exec:"}, "subject exec: needs a command behind --, or binary=PATH in every variant."),
    ((), {"subject": "exec:./prog"}, "subject 'exec:./prog': exec: takes the command behind --"),
    ((), {"subject": "exec:", "arguments": ("nosuchcmd",)}, "subject exec: the command 'nosuchcmd' is not there."),
    ((), {"pairs": 6, "budget": "10m"}, "--pairs and --budget exclude each other. Give one of the two."),
    ((), {"budget": "soon"}, "'soon' is no duration. Write for example 90s, 10m or 1h30m."),
    ((), {"gates": ("rss<=banana",)}, "gate 'rss<=banana': 'banana' is neither ±N% nor a value."),
    ((), {"gates": ("rss",)}, "gate 'rss' is not METRIC<=BOUND or METRIC>=BOUND."),
    ((), {"gates": ("rss<=+5",)}, "gate 'rss<=+5': +5 is no change without a % sign. Write rss<=+5%."),
    ((), {"gates": ("rss<=5s",)}, "gate 'rss<=5s': 's' is not a unit of this metric, which is measured in B."),
    ((), {"margins": ("rss",)}, "margin 'rss' is not METRIC=N%. Write for example --margin rss=2%."),
    (("go=1.99", "go=1.24.3"), {}, "no toolchain for go1.99; newest known is 1."),
    (
        ("go=1.26.0,experiment=noswissmap", "go=1.24.3"),
        {},
        "go1.26 has no switch noswissmap (it exists in 1.24 and 1.25). Remove it, or compare with go=1.25.",
    ),
    (("go=1.24.3,gcflags=-d=nosuch", "go=1.24.3"), {}, "go1.24 has no switch -d=nosuch"),
    (("go=1.26.0,debug.nosuch=1", "go=1.24.3"), {}, "go1.26 has no switch nosuch"),
    (("go=1.26.0", "go=1.26.0"), {}, "variants 'go=1.26.0' and 'go=1.26.0' are the same. Change one, or name both"),
    (("x:go=1.26.0", "go=1.26.0"), {}, "variants 'x:go=1.26.0' and 'go=1.26.0' are the same."),
    (("x:go=1.26.0", "x:go=1.25.0"), {}, "two variants are named 'x'. Give one another name, as in other:go=1.25.0."),
    (("a:binary=./no", "b:binary=./prog"), {}, "variant a: binary=./no is not there or not executable. Check the path"),
    (("a:binary=./hold/main.go", "b:binary=./prog"), {}, "variant a: binary=./hold/main.go is not there or not exec"),
    (
        ("a:binary=./prog", "b:GOGC=5"),
        {"subject": "exec:"},
        "subject exec: needs binary= in every variant or in none; b has none.",
    ),
    (
        ("a:", "b:go=1.24.3"),
        {"subject": "exec:", "arguments": ("true",)},
        "variant b: go= needs a build, and exec: builds nothing. Drop it.",
    ),
    (
        (),
        {"subject": "workload:httpd", "metrics": ("p99-ns",), "rate_per_second": 50.0, "load_seconds": 1.5},
        "p99-ns takes 100 requests, and 50 a second for 1.5 s are 75. Use a longer --for or a higher --rate.",
    ),
    (("a:", "b:arg.sise=3"), {"subject": "workload:heapshape"}, "workload heapshape has no parameter 'sise'."),
]


@pytest.mark.parametrize(("variants", "changes", "said"), REFUSALS, ids=lambda x: x if isinstance(x, str) else "")
def test_it_is_refused_in_one_line(
    hold: Path, variants: tuple[str, ...], changes: dict[str, object], said: str
) -> None:
    assert refusal(hold, *variants, **changes).startswith(said)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GOGC=50,GOMEMLIMIT=1GiB", "GOMEMLIMIT=1GiB,GOGC=50"),
        ("experiment=a+b", "experiment=b+a"),
        ("debug.a=1,debug.b=2", "x:debug.b=2,debug.a=1"),
    ],
)
def test_two_spellings_of_one_variant_are_the_same(one: str, other: str) -> None:
    assert effective_settings(parse_variant(one), "1.26.0") == effective_settings(parse_variant(other), "1.26.0")


def test_releases_written_differently_are_the_same(hold: Path) -> None:
    assert "are the same" in refusal(hold, "base:", "go=local")


def test_the_same_twice_with_names_is_a_check_of_the_instrument(hold: Path) -> None:
    found = settled(hold, "a:go=1.26.0", "b:go=1.26.0")
    assert [v.name for v in found.variants] == ["a", "b"]


def test_every_built_in_metric_can_carry_a_gate_in_its_own_unit(hold: Path) -> None:
    gates = tuple(f"{m.name}<=5 {m.unit}" for m in BUILT_IN.values() if m.unit != "count")
    assert len(settled(hold, gates=gates).gates) == len(gates)


def test_an_amount_of_memory_that_this_host_cannot_limit_is_refused_with_the_reason(
    hold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whence.evidence.errors import UnusableEnvironment
    from whence.measure.lab import limits

    def check(cpu: float | None, memory: int | None) -> None:
        if memory is not None:
            raise UnusableEnvironment("memory= needs a cgroup that may be written to. Run as root.")

    monkeypatch.setattr(limits, "check", check)
    assert refusal(hold, "a:", "b:memory=64MiB").startswith("memory= needs a cgroup")
    assert settled(hold, "a:", "b:GOGC=50")


def test_a_refusal_is_bad_input(hold: Path) -> None:
    with pytest.raises(BadInput) as caught:
        settled(hold, "go=1.26.0", "go=1.26.0")
    assert caught.value.exit_code == 2
