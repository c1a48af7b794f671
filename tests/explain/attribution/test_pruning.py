"""Switches that change nothing in a program are left out, with the reason, and the others stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.evidence.variant import parse_variant
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.needs import settle_needs
from whence.explain.attribution.pruning import asked_by_runtime, prune
from whence.golang import toolchains
from whence.golang.installation import Toolchain
from whence.measure.compare import Silent
from whence.measure.settle import settle
from whence.measure.trials import Trials
from whence.store.inquiry_directory import InquiryDirectory


def test_a_subject_that_is_not_built_keeps_all():
    levers = derive(parse_variant("A=0,B=0"), parse_variant("A=1,B=1"), (None, None), directory=Path(), source=None)
    assert prune(levers, MadeUpLab("a:A=0", "b:A=1", lambda s: 1.0)) == levers


def test_switches_of_the_runtime_are_read_from_code_and_constraints_but_not_from_tests(tmp_path: Path):
    runtime = tmp_path / "src" / "runtime"
    (tmp_path / "src" / "internal" / "runtime" / "maps").mkdir(parents=True)
    runtime.mkdir()
    (runtime / "a.go").write_text("package runtime\n\nconst x = goexperiment.FastMaps\n")
    (runtime / "a_test.go").write_text("package runtime\n\nconst y = goexperiment.OnlyTests\n")
    (tmp_path / "src" / "internal" / "runtime" / "maps" / "m.go").write_text("//go:build !goexperiment.heaps\n")
    kit = Toolchain(version="1.31.0", goroot=tmp_path, go=tmp_path / "bin" / "go", origin="goroot")
    assert asked_by_runtime(kit) == {"fastmaps", "heaps"}


@pytest.mark.real
@pytest.mark.slow
def test_a_switch_of_the_language_goes_and_one_of_the_runtime_stays(tmp_path: Path):
    for release in ("1.23.9", "1.24.3"):
        if toolchains.find(release) is None:
            pytest.skip(f"SKIPPED go{release} is not here: whence toolchain fetch {release}")
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { println(len(map[string]int{})) }\n")
    request = Request(
        variants=("go=1.23.9", "go=1.24.3"), subject=".", metrics=("rss",), seed=1, directory=str(tmp_path)
    )
    with InquiryDirectory(tmp_path / "out") as directory:
        directory.open(Inquiry(request=request), 1)
        trials = Trials(settle(request), directory, Silent(), seed=1)
        variants = trials.settled.variants[0], trials.settled.variants[1]
        levers = derive(
            *variants,
            ("1.23.9", "1.24.3"),
            toggles="aliastypeparams,swissmap",
            directory=tmp_path,
            source=trials.source,
            kits=(trials.toolchain(variants[0]), trials.toolchain(variants[1])),
        )
        pruned = prune(levers, trials)
        assert [x.name for x in pruned.levers] == ["1.24.3", "swissmap"]
        assert "aliastypeparams: identical machine code with and without, so it carries nothing" in pruned.notes
        assert settle_needs(pruned, trials) == pruned
