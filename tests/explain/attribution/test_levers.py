"""Which things differ between two variants, and what a cell of levels is as a variant."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.variant import parse_variant
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.levers import Levers
from whence.golang import toolchains
from whence.golang.build import Source


def levers_of(base: str, candidate: str, *, toggles: str = "auto", source: Source | None = None) -> Levers:
    variants = parse_variant(base), parse_variant(candidate)
    releases = tuple(toolchains.resolve(v.get("go") or "local") for v in variants)
    return derive(
        *variants, (releases[0], releases[1]), toggles=toggles, directory=Path(), source=source
    )  # fmt: skip


def kinds(levers: Levers) -> dict[str, str]:
    return {lever.name: lever.kind for lever in levers.levers}


def test_a_new_release_brings_its_switches_each_as_a_lever_that_needs_it():
    levers = levers_of("go=1.23.9", "go=1.24.3")
    assert kinds(levers)["1.24.3"] == "toolchain"
    assert {"swissmap", "spinbitmutex", "synchashtriemap"} <= kinds(levers).keys()
    assert all(lever.needs == "1.24.3" for lever in levers.levers if lever.default)


def test_no_switch_is_a_lever_within_one_release_or_when_none_are_wanted():
    assert kinds(levers_of("go=1.24.3", "go=1.24.6")) == {"1.24.6": "toolchain"}
    assert kinds(levers_of("go=1.23.9", "go=1.24.3", toggles="none")) == {"1.24.3": "toolchain"}


def test_named_switches_alone_are_taken_and_an_unknown_one_is_refused():
    assert set(kinds(levers_of("go=1.23.9", "go=1.24.3", toggles="swissmap"))) == {"1.24.3", "swissmap"}
    with pytest.raises(BadInput, match="neither release has a switch swisscheese"):
        levers_of("go=1.23.9", "go=1.24.3", toggles="swisscheese")


def test_a_change_that_moves_two_things_at_once_is_two_levers():
    path = "google.golang.org/grpc"
    levers = levers_of(f"go=1.25.5,mod.{path}=v1.65.0", f"go=1.27.3,mod.{path}=v1.66.0", toggles="none")
    assert kinds(levers) == {"1.27.3": "toolchain", path: "module"}
    assert levers.variant((1, 0)).spec == f"go=1.27.3,mod.{path}=v1.65.0"
    assert levers.undone(path) == f"go=1.27.3,mod.{path}=v1.65.0"


def test_every_setting_has_its_kind_and_says_whether_it_needs_a_build():
    levers = levers_of(
        "go=1.26", "go=1.26,GOGC=50,debug.gctrace=0,tags=x\\,y,gcflags=-N,arg.size=3,cpu=0.5,goline=1.22"
    )
    assert kinds(levers) == {
        "GOGC": "environment",
        "gctrace": "toggle",
        "x": "flag",
        "y": "flag",
        "gcflags": "flag",
        "arg.size": "program",
        "cpu": "environment",
        "1.22": "go-line",
    }
    builds = {lever.name for lever in levers.levers if lever.is_build}
    assert builds == {"x", "y", "gcflags", "1.22"}


def test_the_corners_are_the_base_and_the_candidate():
    levers = levers_of("go=1.23.9,GOGC=80,tags=a", "go=1.24.3,GOGC=50,experiment=noswissmap,tags=a\\,b")
    corner = levers.variant((0,) * len(levers.levers))
    assert {s.key: s.value for s in corner.settings} == {"go": "1.23.9", "GOGC": "80", "tags": "a"}
    corner = levers.variant((1,) * len(levers.levers))
    wanted = {"go": "1.24.3", "GOGC": "50", "experiment": "noswissmap", "tags": "a,b"}
    assert {s.key: s.value for s in corner.settings} == wanted


def test_a_switch_turned_back_exists_in_the_new_release_only():
    levers = levers_of("go=1.21.13", "go=1.22.12", toggles="allocheaders")
    assert levers.variant((1, 0)).spec == "go=1.22.12,experiment=noallocheaders"
    assert levers.variant((0, 0)).spec == "go=1.21.13"


def test_one_release_written_in_two_ways_is_no_lever_and_stays_in_every_cell():
    newest = toolchains.resolve("1.24")
    levers = levers_of(f"go={newest},GOGC=50", "go=1.24,GOGC=60")
    assert kinds(levers) == {"GOGC": "environment"}
    assert levers.variant((1,)).get("go") == newest


def test_a_variant_without_a_release_has_the_one_on_the_path():
    levers = levers_of("go=1.23.9", "base:", toggles="none")
    assert levers.variant((1,)).get("go") == toolchains.resolve("local")


def test_a_tree_of_a_release_is_another_one_though_both_say_the_same_version():
    variants = parse_variant("go=1.24.3"), parse_variant("go=/opt/trees/a\\,b")
    levers = derive(*variants, ("1.24.3", "1.24.3"), directory=Path(), source=None)
    assert kinds(levers) == {"/opt/trees/a,b": "toolchain"}
    assert parse_variant(levers.variant((1,)).spec).get("go") == "/opt/trees/a,b"


def test_a_ready_executable_against_a_build_is_one_thing_that_says_what_it_is_tied_to():
    variants = parse_variant("binary=./old,GOGC=50"), parse_variant("go=1.24.3,tags=x,GOGC=60")
    levers = derive(*variants, (None, "1.24.3"), directory=Path(), source=None)
    assert kinds(levers) == {"GOGC": "environment", "binary": "program"}
    assert levers.levers[1].entangled_with == ("go", "tags")
    assert {s.key: s.value for s in levers.only(["binary"]).settings} == {"go": "1.24.3", "tags": "x", "GOGC": "50"}
    assert levers.undone("binary") == "GOGC=60,binary=./old"


def test_a_go_line_with_the_number_of_the_release_is_told_apart():
    levers = levers_of("go=1.23.9", "go=1.24.3,goline=1.24.3", toggles="none")
    assert kinds(levers) == {"1.24.3": "toolchain", "goline=1.24.3": "go-line"}


def test_what_differs_in_nothing_is_refused_unless_both_are_named():
    with pytest.raises(BadInput, match="differ in nothing"):
        levers_of("a:go=1.24.3", "go=1.24.3")
    assert levers_of("a:go=1.24.3", "b:go=1.24.3").levers == ()


OLD_MOD = """module m

go 1.21

require example.com/x v1.0.0
require example.com/y v1.0.0 // indirect
require example.com/z v1.0.0

replace example.com/z => ./z
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two revisions, `old` and `new`, of a module whose package is in a folder below it."""

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    def commit(name: str, mod: str) -> None:
        (tmp_path / "go.mod").write_text(mod)
        git("add", ".")
        git("commit", "-qm", name)
        git("tag", name)

    git("init", "-q")
    package = tmp_path / "cmd" / "server"
    package.mkdir(parents=True)
    (package / "main.go").write_text("package main\n\nfunc main() {}\n")
    commit("old", OLD_MOD)
    commit("new", OLD_MOD.replace("v1.0.0", "v1.1.0").replace("go 1.21", "go 1.22") + "require example.com/w v1.0.0\n")
    return package


@pytest.mark.parametrize(("candidate", "rest"), [("ref=new", "new"), ("base:", "working tree")])
def test_two_revisions_are_their_modules_and_their_go_line_and_the_rest(repository: Path, candidate: str, rest: str):
    levers = levers_of("ref=old", candidate, source=Source(kind="main", directory=repository))
    assert kinds(levers) == {"example.com/x": "module", "1.22": "go-line", rest: "program"}
    assert levers.only([rest, "1.22"]).modules == {"example.com/x": "v1.0.0"}
    assert levers.only(["example.com/x"]).get("ref") == "old"
    assert "example.com/w" in levers.notes[0]


def test_a_module_that_a_variant_sets_itself_is_not_set_by_the_revision(repository: Path):
    source = Source(kind="main", directory=repository)
    levers = levers_of("ref=old,mod.example.com/x=v1.0.5", "ref=new,mod.example.com/x=v1.0.5", source=source)
    assert kinds(levers) == {"1.22": "go-line", "new": "program"}
    assert levers.only(["new"]).modules == {"example.com/x": "v1.0.5"}


def test_what_is_set_besides_stands_in_every_cell_and_over_what_both_hold():
    levers = levers_of("go=1.23.9,arg.size=1", "go=1.24.3,arg.size=1", toggles="none")
    for cell, release in (((0,), "1.23.9"), ((1,), "1.24.3")):
        settings = {s.key: s.value for s in levers.variant(cell, extra={"arg.size": "16", "GOGC": "50"}).settings}
        assert settings == {"go": release, "arg.size": "16", "GOGC": "50"}


def test_a_cell_has_the_name_it_is_given_and_else_that_of_its_settings():
    levers = levers_of("go=1.23.9", "go=1.24.3", toggles="none")
    named = levers.variant((1,), name="cell 3")
    assert (named.name, named.named, named.spec) == ("cell 3", True, "go=1.24.3")
    assert levers.variant((1,)).name == "go=1.24.3"


def test_the_release_that_moves_is_found_and_a_name_that_is_none_is_not():
    moved, same = levers_of("go=1.23.9", "go=1.24.3,GOGC=50"), levers_of("go=1.24.3", "go=1.24.3,GOGC=50")
    assert moved.release is not None and moved.release == moved.get("1.24.3")
    assert same.release is None and same.get("nothing") is None


def test_undoing_a_release_takes_back_what_needs_it():
    levers = levers_of("go=1.23.9,GOGC=80", "go=1.24.3,GOGC=50", toggles="swissmap")
    assert levers.undone("1.24.3") == "go=1.23.9,GOGC=50"
    assert levers.undone("swissmap") == "go=1.24.3,GOGC=50,experiment=noswissmap"
    assert levers.undone("GOGC") == "go=1.24.3,GOGC=80"


def test_undoing_all_that_a_candidate_has_is_written_as_the_base():
    levers = levers_of("base:", "GOGC=50")
    assert levers.undone("GOGC") == "base:"


def test_values_with_commas_are_written_so_that_they_read_back():
    levers = levers_of("ldflags=-X a=1\\,2", "ldflags=-X a=3\\,4,tags=b\\,c")
    for cell in ((0, 0, 0), (1, 0, 1), (1, 1, 1)):
        variant = levers.variant(cell)
        assert parse_variant(variant.spec).settings == variant.settings
    assert levers.variant((1, 1, 1)).get("ldflags") == "-X a=3,4"


def test_words_that_both_sides_have_stay_in_every_cell():
    levers = levers_of("go=1.24.3,experiment=nospinbitmutex+arenas", "go=1.24.3,experiment=arenas+noswissmap")
    cells = [levers.variant((a, b)).get("experiment") or "" for a in (0, 1) for b in (0, 1)]
    assert len(levers.levers) == 2 and all("arenas" in cell.split("+") for cell in cells)
