"""Bad input: exit 2, one line of what, where and what to do, and nothing run, written or left behind."""

from __future__ import annotations

import http.server
import importlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.errors import UnusableEnvironment
from whence.golang import toolchains
from whence.golang.build import Builder
from whence.measure.lab import process

from .conftest import Whence

Script = Callable[[str, str], Path]
PRINTS = "echo BenchmarkHold 1 5 ns/op 7 frobs"


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it a failure to fetch, build or run anything."""
    importlib.import_module("whence.measure.compare")  # so that nothing takes its name for good from below

    def started(*_: object, **__: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(toolchains, "ensure", started)
    monkeypatch.setattr(Builder, "build", started)
    monkeypatch.setattr(process, "run_process", started)


FINE = ("--subject", "exec:", "--quiet")
REFUSED = [
    (("a:",), "compare needs a base and at least one candidate; only 'a:' was given."),
    (("a:", "b:GOGC=5,gooo=1"), "variant 'b:GOGC=5,gooo=1': unknown key 'gooo'. Known: go, goline,"),
    (("a:", "b:GOGC"), "variant 'b:GOGC': 'GOGC' is not KEY=VALUE. Write for example go=1.24.3,GOGC=50."),
    (("a:", "b:GOEXPERIMENT=x"), "variant 'b:GOEXPERIMENT=x': GOEXPERIMENT is not set through the environment. Use"),
    (("a:", "b:memory=lots"), "variant 'b:memory=lots': memory=lots is no amount of memory. Write for example"),
    (("a:", "b:cpu=-1"), "variant 'b:cpu=-1': cpu=-1 is not a number above zero. Write for example cpu=0.5."),
    (("a:", "b:GOGC=5,GOGC=6"), "variant 'b:GOGC=5,GOGC=6': GOGC is given twice. Keep one."),
    (("a:", "a:GOGC=5"), "two variants are named 'a'. Give one another name, as in other:GOGC=5."),
    (("GOGC=5", "GOGC=5"), "variants 'GOGC=5' and 'GOGC=5' are the same."),
    (("a:", "b:go=1.24.3"), "variant b: go= needs a build, and exec: builds nothing. Drop it."),
    (("a:", "b:binary=./nosuch"), "variant b: binary=./nosuch is not there or not executable. Check the path."),
    (("a:", "b:GOGC=5", "--gate", "rss<=banana"), "gate 'rss<=banana': 'banana' is neither"),
    (("a:", "b:GOGC=5", "--gate", "rss<=5s"), "gate 'rss<=5s': 's' is not a unit of this metric"),
    (("a:", "b:GOGC=5", "--margin", "rss=much"), "margin 'rss=much' is not METRIC=N%."),
    (("a:", "b:GOGC=5", "--timeout", "long"), "'long' is no duration."),
    (("a:", "b:GOGC=5", "--budget", "0s"), "'0s' is no duration above zero."),
    (("a:", "b:GOGC=5", "--budget", "9m", "--pairs", "6"), "--pairs and --budget exclude each other."),
    (("a:", "b:GOGC=5", "--out", "/proc/nowhere"), "/proc/nowhere cannot be written"),
    (("a:", "b:GOGC=5", "--json", "/proc/x.json"), "/proc/x.json cannot be written"),
    (("a:", "b:GOGC=5", "--html", "."), ". cannot be written"),
    (("a:", "b:GOGC=5", "--csv", "-"), "only --json prints to standard output with -. Give a file for the other"),
    (("a:", "b:GOGC=5", "--junit", "/dev/null/x"), "/dev/null/x cannot be written"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.usefixtures("nothing_starts")
def test_it_is_refused_before_anything_is_run_or_written(
    here: Whence, folder: Path, words: tuple[str, ...], said: str
) -> None:
    assert here("compare", *words, *FINE, "--", "true").refusal.startswith(said)
    assert left_behind(folder) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compare", "a:", "b:GOGC=5"), "compare needs --subject, or two files in Go benchmark format."),
        (("compare", "old.txt", "new.txt"), "there is no file old.txt. Check the path."),
        (("compare", "a:", "b:GOGC=5", "--subject", "./nowhere"), "subject ./nowhere: there is no directory"),
        (("compare", "a:", "b:GOGC=5", "--subject", "workload:hepshape"), "no workload 'hepshape'. Known: heapshape"),
        (("compare", "go=1.99", "go=1.24.3", "--subject", "workload:trees"), "no toolchain for go1.99; newest known"),
        (
            ("compare", "go=1.26.0,experiment=noswissmap", "go=1.24.3", "--subject", "workload:trees"),
            "go1.26 has no switch noswissmap (it exists in 1.24 and 1.25). Remove it, or compare with go=1.25.",
        ),
        (("report", "nowhere"), "nowhere is no run directory (it has neither plan.json nor journal.jsonl)."),
        (("workload", "show", "hepshape"), "no workload 'hepshape'. Known: heapshape"),
    ],
)
@pytest.mark.usefixtures("nothing_starts")
def test_other_verbs_and_subjects_refuse_alike(here: Whence, folder: Path, words: tuple[str, ...], said: str) -> None:
    assert here(*words).refusal.startswith(said)
    assert left_behind(folder) == []


def test_a_folder_that_holds_something_else_is_left_as_it_is(here: Whence, folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "notes.txt").write_text("keep")
    answer = here("compare", "a:", "b:GOGC=5", *FINE, "--out", "mine", "--", "true")
    assert answer.refusal == "mine is no run directory and not empty (it holds notes.txt). Choose another --out."
    assert left_behind(folder / "mine") == ["notes.txt"]


PILOT = [
    (("--metric", "happiness"), (), "the program printed no happiness (it gave rss, "),
    (("--gate", "frobz<=+5%"), ("--out", "there"), "gate 'frobz<=+5%': frobz was not measured (measured: rss,"),
    (("--gate", "frobs<=5 MB"), ("--out", "made/here"), "gate 'frobs<=5 MB': 'MB' is not a unit of this metric, which"),
    (("--budget", "10ms"), (), "a budget of 0.0s is too short for two blocks: one takes about"),
]


@pytest.mark.real
@pytest.mark.parametrize(("words", "out", "said"), PILOT, ids=lambda x: x if isinstance(x, str) else "")
def test_what_only_the_pilot_can_tell_leaves_nothing_either(
    here: Whence, folder: Path, script: Script, words: tuple[str, ...], out: tuple[str, ...], said: str
) -> None:
    """Also no half-made run directory: the corrected command may use the same --out."""
    script("prog", PRINTS)
    (folder / "there").mkdir()
    assert here("compare", "a:", "b:GOGC=5", *FINE, *words, *out, "--", "./prog").refusal.startswith(said)
    assert left_behind(folder) == ["prog", "there"]
    assert left_behind(folder / "there") == []


@pytest.mark.real
def test_a_metric_that_one_variant_lacks_is_told_with_its_name(here: Whence, script: Script) -> None:
    script("prog", 'echo BenchmarkHold 1 5 ns/op; [ "$LESS" ] || echo BenchmarkHold 1 7 frobs')
    answer = here("compare", "a:", "b:LESS=1", *FINE, "--metric", "frobs", "--", "./prog")
    assert answer.refusal.startswith("variant b printed no frobs (it gave rss, ")


@pytest.mark.real
def test_variants_that_print_one_benchmark_in_different_units_are_refused(here: Whence, script: Script) -> None:
    script("prog", 'echo BenchmarkHold 1 5 "${UNIT:-ns/op}"')
    answer = here("compare", "a:", "b:UNIT=ms/op", *FINE, "--", "./prog")
    assert answer.refusal == (
        "a prints Hold in ns/op and b in ms/op: units must agree. Choose what both print with --metric."
    )


@pytest.mark.real
def test_a_subject_that_does_not_build_shows_what_the_compiler_said(here: Whence, folder: Path) -> None:
    (folder / "broken").mkdir()
    (folder / "broken" / "go.mod").write_text("module example.org/broken\n\ngo 1.21\n")
    (folder / "broken" / "main.go").write_text("package main\n\nfunc main() { nosuch() }\n")
    answer = here("compare", "a:", "b:tags=x", "--subject", "./broken", "--quiet")
    assert (answer.code, answer.out) == (2, "")
    head, *compiler = answer.err.splitlines()
    assert head.startswith("whence: variant a does not build with Go ")
    assert [line.strip() for line in compiler] == ["./main.go:3:15: undefined: nosuch"]
    assert left_behind(folder) == ["broken"]


@pytest.mark.real
def test_without_a_network_a_missing_toolchain_is_named_with_the_command_to_fetch_it(
    whence: Whence, folder: Path
) -> None:
    env = {"GOPROXY": "off", "GOMODCACHE": str(folder / "modules"), "WHENCE_CACHE": str(folder / "cache")}
    answer = whence("compare", "go=1.22.3", "go=1.24.3", "--subject", "workload:trees", "--quiet", env=env)
    assert answer.refusal.startswith("go1.22.3 is not here, ")
    assert answer.refusal.endswith("run: whence toolchain fetch 1.22.3")
    assert not (folder / "whence-runs").exists()


class _HoldsNothing(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.mark.real
def test_a_release_without_a_build_for_this_platform_is_told_as_that(whence: Whence, folder: Path) -> None:
    """As the Go project's proxy says it: 403 (of a 404 the go command says the same as of no network at all)."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _HoldsNothing) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        env = {
            "GOPROXY": f"http://127.0.0.1:{proxy.server_address[1]}",
            "GOMODCACHE": str(folder / "modules"),
            "WHENCE_CACHE": str(folder / "cache"),
        }
        answer = whence("compare", "go=1.22.3", "go=1.24.3", "--subject", "workload:trees", "--quiet", env=env)
        proxy.shutdown()
    assert answer.refusal.startswith("go1.22.3 has no build for ")
    assert "Take another: whence toolchain list" in answer.refusal
    assert not (folder / "whence-runs").exists()


@pytest.fixture
def stored(here: Whence, folder: Path, script: Script) -> Path:
    """A small run directory."""
    script("prog", PRINTS)
    run = ("compare", "a:", "b:GOGC=5", *FINE, "--metric", "frobs", "--pairs", "2", "--out", "run", "--", "./prog")
    assert here(*run).code == 0
    return folder / "run"


@pytest.mark.real
def test_a_damaged_run_directory_says_what_is_still_readable(here: Whence, stored: Path) -> None:
    whole = here("report", "run", "--json", "-")
    (stored / "comparison.json").write_text('{"schema": ')
    again = here("report", "run", "--json", "-")
    assert again.code == 0 and again.document["effects"] == whole.document["effects"]
    assert any("comparison.json cannot be read" in str(note) for note in again.document["notes"])  # type: ignore[union-attr]
    (stored / "plan.json").write_text("{")
    said = here("report", "run").refusal
    assert "comparison.json" in said and "plan.json" in said and "12 journal lines can be read" in said
    (stored / "journal.jsonl").write_bytes(b"\x00\xff garbage")
    assert "nothing in it can be read" in here("report", "run").refusal


@pytest.mark.real
def test_another_request_does_not_resume_into_a_run_directory(here: Whence, stored: Path) -> None:
    before = {path.name: path.read_bytes() for path in stored.iterdir()}
    words = ("compare", "a:", "b:GOGC=6", *FINE, "--metric", "frobs", "--pairs", "2", "--out", "run", "--", "./prog")
    refusal = here(*words).refusal
    assert refusal.startswith("run holds another comparison (variants was a: b:GOGC=5, now a: b:GOGC=6).")
    assert {path.name: path.read_bytes() for path in stored.iterdir()} == before


@pytest.mark.real
def test_a_run_directory_with_a_damaged_plan_is_not_measured_into(here: Whence, stored: Path) -> None:
    (stored / "plan.json").write_text("{")
    words = ("compare", "a:", "b:GOGC=5", *FINE, "--metric", "frobs", "--pairs", "2", "--out", "run", "--", "./prog")
    assert "plan.json cannot be read" in here(*words).refusal
    assert json.loads((stored / "comparison.json").read_text())["schema"] == "whence.comparison/1"


@pytest.mark.real
def test_a_disk_that_fills_up_at_the_end_keeps_the_result(here: Whence, folder: Path, script: Script) -> None:
    script("prog", f"rm -rf {folder}/gone; touch {folder}/gone; {PRINTS}")
    os.mkdir(folder / "gone")  # noqa: PTH102
    words = ("compare", "a:", "b:GOGC=5", *FINE, "--pairs", "2", "--metric", "frobs", "--out", "run")
    refusal = here(*words, "--csv", "gone/effects.csv", "--", "./prog").refusal
    assert refusal.startswith("gone/effects.csv cannot be written")
    assert "The result is kept; redraw it with: whence report run" in refusal
    assert here("report", "run", "--json", "-").code == 0


def test_a_limit_that_this_host_cannot_set_is_refused_with_the_reason(
    here: Whence, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whence.measure.lab import limits

    def check(cpu: float | None, memory: int | None) -> None:
        if memory is not None:
            raise UnusableEnvironment("memory= needs a cgroup that may be written to. Run as root.")

    monkeypatch.setattr(limits, "check", check)
    answer = here("compare", "a:", "b:memory=64MiB", *FINE, "--", "true")
    assert answer.refusal.startswith("memory= needs a cgroup")
    assert left_behind(folder) == []
