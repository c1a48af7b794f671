"""Whole comparisons of tiny Go programs, from texts to verdicts, with real builds and processes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.comparison import Comparison, Effect, VariantResult
from whence.evidence.errors import BadInput
from whence.evidence.run import Run
from whence.golang import toolchains
from whence.measure.compare import compare, plan_only
from whence.measure.lab import limits
from whence.measure.stored import Result, stored_result
from whence.show.report import sentence

from . import factories as make

pytestmark = pytest.mark.real
HOLD = Path(__file__).resolve().parents[2] / "docs" / "examples" / "hold"
Compare = Callable[..., Comparison]

ODD_MAIN = """package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

var keep [][]byte

func main() {
	how := flag.String("how", "", "")
	flag.Parse()
	switch *how {
	case "panic":
		panic("no such thing")
	case "exit":
		fmt.Fprintln(os.Stderr, "giving up")
		time.Sleep(120 * time.Millisecond)
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "eat":
		for {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			keep = append(keep, b)
		}
	}
	fmt.Printf("BenchmarkArgs 1 %d words\\n", len(strings.Fields(strings.Join(flag.Args(), " "))))
}
"""

BENCH = """package codec

import "testing"

var sink []byte

func BenchmarkShort(b *testing.B) { for i := 0; i < b.N; i++ { sink = make([]byte, 64) } }
func BenchmarkLong(b *testing.B)  { for i := 0; i < b.N; i++ { sink = make([]byte, 256); sink = make([]byte, 64) } }
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the subjects of these tests; its name has a space and letters beyond ASCII."""
    root = tmp_path_factory.mktemp("with a space and ü")
    shutil.copytree(HOLD, root / "hold")
    for name, file, text in (("odd", "main.go", ODD_MAIN), ("codec", "codec_test.go", BENCH)):
        (root / name).mkdir()
        (root / name / "go.mod").write_text(f"module example.org/{name}\n\ngo 1.21\n")
        (root / name / file).write_text(text)
    (root / "codec" / "codec.go").write_text("package codec\n")
    return root


@pytest.fixture
def measured(tree: Path, tmp_path: Path) -> Callable[..., Result]:
    def run(*variants: str, out: str = "run", listener: Ear | None = None, **changes: object) -> Result:
        fields: dict[str, object] = {"metrics": ("rss",), "pairs": 6, "directory": str(tree)}
        return compare(make.request(*variants, **{**fields, **changes}), out=tmp_path / out, listener=listener)

    return run


@pytest.fixture
def compared(measured: Callable[..., Result]) -> Compare:
    return lambda *variants, **changes: measured(*variants, **changes).comparison


def effect(of: Comparison, metric: str = "rss", candidate: str | None = None) -> Effect:
    both = (*of.effects, *of.listed)
    return next(e for e in both if e.metric == metric and candidate in {None, e.candidate})


def variant(of: Comparison, name: str) -> VariantResult:
    return next(v for v in of.variants if v.name == name)


def runs(of: Result) -> list[Run]:
    return [line for line in of.lines if isinstance(line, Run) and line.kind == "counted"]


def test_a_known_difference_is_found_and_gates_are_judged_by_it(measured: Callable[..., Result]) -> None:
    gates = ("rss<=+5%", "rss<=+50%", "blocks>=45", "rss<=48 MB", "blocks<=45")
    result = measured("base:arg.megabytes=40", "more:arg.megabytes=50", gates=gates, metrics=("rss", "blocks"), pairs=9)
    found = result.comparison
    assert [(e.metric, e.verdict) for e in found.effects] == [("rss", "worse"), ("blocks", "worse")]
    assert effect(found).ratio == pytest.approx(55 / 45, rel=0.03)
    assert effect(found, "blocks").ratio == pytest.approx(1.25)
    assert [g.outcome for g in found.gates] == ["broken", "held", "held", "broken", "broken"]
    assert all(v.outcomes["ok"] == 9 for v in found.variants)
    assert [v.command[1:] for v in found.variants] == [("-megabytes=40",), ("-megabytes=50",)]


def test_a_program_compared_with_itself_is_equivalent_and_so_is_its_check(measured: Callable[..., Result]) -> None:
    result = measured("a:", "b:", aa=True, gates=("rss<=+5%",))
    found = result.comparison
    assert {e.candidate: e.verdict for e in found.effects} == {"b": "equivalent", "A/A": "equivalent"}
    assert [g.outcome for g in found.gates] == ["held"]
    assert (sentence.aa_line(found) or "").endswith("so the instrument is sound here today.")
    again = stored_result(result.directory)
    assert again.comparison == found and again.lines == result.lines


class Ear:
    """Remembers the stages it is told of."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stage(self, name: str, text: str) -> None:
        self.told.append(f"{name}: {text}")

    def event(self, event: object) -> None:
        return


def test_a_second_comparison_builds_nothing(measured: Callable[..., Result]) -> None:
    measured("a:", "b:GOGC=50")
    ear = Ear()
    measured("a:", "b:GOGC=50", out="again", listener=ear)
    assert ear.told == ["builds: 2 of 2, all from the cache"]


def test_times_are_judged_over_layouts_that_differ_in_every_block(measured: Callable[..., Result]) -> None:
    result = measured("a:", "b:GOGC=50", metrics=("cpu",))
    of_a = [run for run in runs(result) if run.variant == "a"]
    assert len({run.layout_seed for run in of_a}) == 6
    assert len({run.binary_sha256 for run in of_a}) == 6
    assert all(v.layouts == 6 for v in result.comparison.variants)


def test_the_size_of_the_binary_is_exact_and_reproducible(compared: Compare) -> None:
    found = compared("a:", "b:ldflags=-s -w", metrics=("binary-size",), pairs=2)
    size = effect(found, "binary-size")
    assert size.exact and size.verdict == "better" and size.p is None
    assert variant(found, "a").binary_size_bytes == size.base_value
    assert compared("a:", "b:ldflags=-s -w", metrics=("binary-size",), pairs=2, out="2").effects[0] == size


DEATHS = [
    ("panic", {"signal": 0, "exit": 6}, "bad died at start in 6 of 6 runs: ", "panic: no such thing"),
    ("exit", {"exit": 6}, "bad exited with 3 in 6 of 6 runs: giving up", "exit 3: giving up"),
    ("hang", {"timeout": 6}, "bad ran into the timeout in 6 of 6 runs", "timeout"),
]


@pytest.mark.parametrize(("how", "outcomes", "said", "first"), DEATHS, ids=[d[0] for d in DEATHS])
def test_a_variant_that_fails_is_an_answer(
    compared: Compare, how: str, outcomes: dict[str, int], said: str, first: str
) -> None:
    found = compared("good:", f"bad:arg.how={how}", subject="./odd", timeout_s=0.5, gates=("rss<=+5%",), warmup=0)
    bad = variant(found, "bad")
    assert {k: bad.outcomes[k] for k in outcomes} == outcomes and bad.outcomes["ok"] == 0
    assert variant(found, "good").outcomes["ok"] == 6
    assert bad.first_failure is not None and first in bad.first_failure
    assert sentence.headline(found).startswith(said)
    assert (effect(found).verdict, effect(found).pairs, effect(found).ratio) == ("undetermined", 0, None)
    assert [g.outcome for g in found.gates] == ["broken"]


def test_a_variant_killed_for_its_memory_limit_is_told_as_that(compared: Compare) -> None:
    try:
        limits.check(None, 64 << 20)
    except Exception as reason:
        pytest.skip(f"SKIPPED: {reason}")
    found = compared("good:memory=64MiB", "bad:memory=64MiB,arg.how=eat", subject="./odd", warmup=0)
    assert variant(found, "bad").outcomes["oom"] == 6
    assert "bad was killed for its memory limit in 6 of 6 runs" in sentence.headline(found)


def test_a_cpu_limit_slows_wall_time_and_not_cpu_time(compared: Compare) -> None:
    try:
        limits.check(0.5, None)
    except Exception as reason:
        pytest.skip(f"SKIPPED: {reason}")
    spin = "import time\nwhile time.process_time() < 0.05: pass"
    found = compared("free:", "half:cpu=0.2", subject="exec:", arguments=(sys.executable, "-c", spin),
                     metrics=("wall",), pairs=8)  # fmt: skip
    assert effect(found, "wall").verdict == "worse"
    ratio = effect(found, "cpu").ratio
    assert ratio is not None and ratio < 1.5


def test_a_setting_that_its_release_does_not_survive_is_reported_as_exactly_that(compared: Compare) -> None:
    release = "1.27.4"
    if toolchains.find(release) is None:
        pytest.skip(f"SKIPPED: go{release} is not here. Run: whence toolchain fetch {release}")
    found = compared(f"go={release}", f"old:go={release},debug.asynctimerchan=1", subject="./odd", pairs=2, warmup=0)
    old = variant(found, "old")
    assert old.known_fatal is not None and old.first_failure == old.known_fatal
    assert "asynctimerchan" in old.known_fatal
    assert sentence.headline(found).startswith("old died at start in 2 of 2 runs: ")


def test_benchmarks_of_a_package_have_a_row_each_and_a_mean(compared: Compare) -> None:
    found = compared("a:", "b:GOGC=50", subject="bench:./codec?benchtime=20x", metrics=("allocs/op", "ns/op"), pairs=2)
    rows = {e.metric: (e.benchmark, e.exact, e.base_value) for e in found.effects if e.unit == "allocs/op"}
    assert rows == {"Short:allocs/op": ("Short", True, 1.0), "Long:allocs/op": ("Long", True, 2.0)}
    assert [(m.unit, m.benchmarks, m.ratio) for m in found.geometric_means if m.unit == "allocs/op"] == [
        ("allocs/op", 2, 1.0)
    ]
    assert effect(found, "Short:allocs/op").verdict == "equivalent"


def test_one_benchmark_of_a_package_is_chosen_by_its_name(compared: Compare) -> None:
    found = compared("a:", "b:GOGC=50", subject="bench:./codec?run=Sh%6Frt%24&benchtime=20x&count=3",
                     metrics=("allocs/op",), pairs=2)  # fmt: skip
    assert [(e.metric, e.benchmark, e.base_value) for e in found.effects] == [("allocs/op", "Short", 1.0)]


@pytest.mark.parametrize(("run", "said"), [("Nosuch", "ran no benchmark. Check run="), ("%28", "is no regular expr")])
def test_a_pattern_that_chooses_no_benchmark_is_refused(compared: Compare, tmp_path: Path, run: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        compared("a:", "b:GOGC=50", subject=f"bench:./codec?run={run}", metrics=(), pairs=2)
    assert list(tmp_path.iterdir()) == []


def test_ready_binaries_are_measured_as_they_are(compared: Compare, tree: Path) -> None:
    for name in ("one", "two"):
        path = tree / name
        path.write_text(f"#!/bin/sh\n[ $# = 2 ] && echo Benchmark{name} 1 7 frobs\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    found = compared("a:binary=one", "b:binary=./two", subject="exec:", arguments=("x", "y z"), metrics=("rss",))
    assert [v.go for v in found.variants] == [None, None]
    assert variant(found, "a").binary_sha256 != variant(found, "b").binary_sha256
    assert variant(found, "b").command == (str(tree / "two"), "x", "y z")
    assert variant(found, "b").outcomes["ok"] == 6


def test_a_command_takes_its_settings_from_the_variant(compared: Compare) -> None:
    words = ("sh", "-c", 'echo "BenchmarkX 1 $SIZE size"')
    found = compared("a:SIZE=7", "b:SIZE=8", subject="exec:", arguments=words, metrics=("size",))
    assert (effect(found, "size").base_value, effect(found, "size").candidate_value) == (7.0, 8.0)


def test_what_a_program_declares_and_odd_values_have_defined_answers(compared: Compare) -> None:
    lines = [
        "Unit frobs assume=exact better=higher",
        "BenchmarkOdd 1 $F frobs 0 zeros -5 below",
        "BenchmarkOdd 1 $F frobs 0 zeros -5 below",
    ]
    words = ("sh", "-c", "\n".join(f'echo "{line}"' for line in lines))
    found = compared("a:F=7", "b:F=8", subject="exec:", arguments=words, metrics=("frobs", "zeros", "below"))
    assert {e.metric: (e.verdict, e.exact) for e in found.effects} == {
        "frobs": ("better", True), "zeros": ("equivalent", False), "below": ("equivalent", False),
    }  # fmt: skip


def test_the_arguments_behind_the_dashes_reach_the_program_after_the_variants(compared: Compare) -> None:
    found = compared("a:", "b:GOGC=50", subject="./odd", arguments=("x", "y z"), metrics=("words",), pairs=2)
    assert effect(found, "words").base_value == 3.0


def test_a_seed_reproduces_a_plan_and_the_pilot_does_not_change_the_order(
    measured: Callable[..., Result], tree: Path
) -> None:
    request = make.request("a:", "b:GOGC=50", seed=7, metrics=("rss",), pairs=6, directory=str(tree))
    (_, one), (_, two) = plan_only(request), plan_only(request)
    assert one == two
    result = measured("a:", "b:GOGC=50", seed=7)
    assert result.comparison.plan is not None and result.comparison.plan.order == one.order
    assert [run.variant for run in runs(result)] == ["ab"[i] for block in one.order for i in block]


def test_a_plan_runs_and_writes_nothing(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, plan = plan_only(make.request("go=1.23.9", "go=1.24.3", directory=str(tree), aa=True))
    assert (plan.pairs, plan.variants[-1], plan.price_builds) == (10, "A/A", 3)
    assert plan.price_links == 3 * 9 and plan.price_runs == 3 * 11
    assert list(tmp_path.iterdir()) == []


def test_the_users_tree_is_not_touched(compared: Compare, tree: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        paths = [Path(folder) / name for folder, _, names in os.walk(tree) for name in names]
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in paths}

    before = state()
    compared("a:goline=1.22", "b:tags=x", pairs=2)
    assert state() == before


def test_a_revision_of_the_repository_is_a_variant(compared: Compare, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(HOLD, repository)

    def git(*words: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *who, *words], cwd=repository, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    main = repository / "main.go"
    main.write_text(main.read_text().replace('"megabytes", 40', '"megabytes", 50'))
    found = compared("old:ref=HEAD", "now:", subject=".", directory=str(repository), metrics=("blocks",), pairs=6)
    assert (effect(found, "blocks").base_value, effect(found, "blocks").candidate_value) == (40.0, 50.0)


@pytest.mark.parametrize("names", [("go=1.99", "a:"), ("a:overlay=nosuch.json", "b:"), ("a:ref=HEAD~1", "b:")])
def test_a_refusal_leaves_no_run_directory(compared: Compare, tmp_path: Path, names: tuple[str, str]) -> None:
    with pytest.raises(BadInput):
        compared(*names)
    assert list(tmp_path.iterdir()) == []
