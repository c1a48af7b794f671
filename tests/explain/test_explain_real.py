"""The whole way on real processes: a command that builds nothing, a small module, and what is refused or goes on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.explain.explain import explain

pytestmark = pytest.mark.real

PROGRAM = """
import os
units = 1000
if os.environ.get("MORE") == "1": units += 200
if os.environ.get("IDLE") == "1": pass
if os.environ.get("LESS") == "1": units -= 100
print(f"BenchmarkWork 1 {units} allocs/op")
"""


def inquiry(tmp_path: Path, *variants: str, **options: object) -> Inquiry:
    (tmp_path / "work.py").write_text(PROGRAM)
    request = Request(
        variants=variants,
        subject="exec:",
        arguments=("python3", str(tmp_path / "work.py")),
        metrics=("allocs/op",),
        seed=1,
        directory=str(tmp_path),
    )
    return Inquiry(request=request, **options)  # type: ignore[arg-type]


def test_causes_of_a_command_are_its_variables_and_undoing_them_was_tried(tmp_path: Path):
    asked = inquiry(tmp_path, "MORE=0,IDLE=0,LESS=0", "MORE=1,IDLE=1,LESS=1")
    answer = explain(asked, out=tmp_path / "out").attribution
    shares = {c.name: c.share for c in answer.causes}
    assert answer.verdict == "explained"
    assert sum(s or 0 for s in shares.values()) == pytest.approx(math.log(answer.total.ratio or 0), abs=1e-9)
    assert shares["IDLE"] == pytest.approx(0, abs=1e-9)
    assert not next(c for c in answer.causes if c.name == "IDLE").blamed
    assert answer.total.ratio == pytest.approx(1.1)
    assert any("MORE=0" in r.change for r in (*answer.remedies, *answer.rejected_remedies))


def test_going_on_measures_nothing_twice_and_answers_the_same(tmp_path: Path):
    asked = inquiry(tmp_path, "MORE=0,LESS=0", "MORE=1,LESS=1")
    first = explain(asked, out=tmp_path / "out")
    before = {name: len(lines) for name, lines in first.lines.items()}
    again = explain(asked, out=tmp_path / "out")
    assert {name: len(lines) for name, lines in again.lines.items()} == before
    assert again.attribution.causes == first.attribution.causes


def test_a_metric_that_did_not_change_is_not_searched_for_causes(tmp_path: Path):
    answer = explain(inquiry(tmp_path, "IDLE=0", "IDLE=1"), out=tmp_path / "out").attribution
    assert answer.verdict == "no-effect"
    assert answer.causes == ()


def test_a_metric_that_nobody_prints_is_refused_with_one_that_is(tmp_path: Path):
    import msgspec

    asked = inquiry(tmp_path, "MORE=0", "MORE=1")
    asked = msgspec.structs.replace(asked, request=msgspec.structs.replace(asked.request, metrics=("nosuch",)))
    with pytest.raises(BadInput, match="printed no nosuch"):
        explain(asked, out=tmp_path / "out")


def test_the_only_thing_that_differs_carries_the_whole(tmp_path: Path):
    answer = explain(inquiry(tmp_path, "MORE=0", "MORE=1"), out=tmp_path / "out").attribution
    assert [(c.kind, c.name) for c in answer.causes] == [("environment", "MORE")]
    assert answer.causes[0].share == pytest.approx(math.log(1.2))


MODULE = "module whence.invalid/m\n\ngo 1.20\n"
BIG = """package main

import "fmt"

func main() {
	n := len(fmt.Sprint(size))
	held := make([]byte, size*1000000)
	for i := 0; i < len(held); i += 4096 {
		held[i] = byte(n)
	}
	fmt.Println(held[0])
}
"""


def module(tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "go.mod").write_text(MODULE)
    (folder / "main.go").write_text(BIG)
    (folder / "on.go").write_text("//go:build big\n\npackage main\n\nconst size = 60\n")
    (folder / "off.go").write_text("//go:build !big\n\npackage main\n\nconst size = 40\n")
    return folder


@pytest.mark.slow
def test_a_build_tag_among_idle_things_is_found_by_its_memory(tmp_path: Path):
    folder = module(tmp_path)
    request = Request(
        variants=("GOGC=100", "GOGC=90,tags=big\\,idle"),
        subject=".",
        metrics=("rss",),
        seed=1,
        directory=str(folder),
    )
    answer = explain(Inquiry(request=request), out=tmp_path / "out").attribution
    assert answer.verdict == "explained"
    assert [c.name for c in answer.causes if c.blamed] == ["big"]
    assert answer.memory
    assert any(r.measured for r in answer.remedies)


@pytest.mark.slow
def test_what_builds_on_one_side_only_is_an_answer_that_names_what_breaks_it(tmp_path: Path):
    folder = module(tmp_path)
    (folder / "broken.go").write_text('//go:build broken\n\npackage main\n\nvar x int = "text"\n')
    request = Request(
        variants=("GOGC=100", "GOGC=90,tags=broken\\,idle"), subject=".", metrics=("rss",), directory=str(folder)
    )
    answer = explain(Inquiry(request=request), out=tmp_path / "out").attribution
    assert answer.verdict == "build-break"
    assert [c.name for c in answer.causes] == ["broken"]
