"""Unknown switches are refused naming the releases that have them; a release's own source decides where it is here."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whence.evidence.variant import parse_variant
from whence.golang import toggles, toolchains
from whence.golang.releases import by_line
from whence.golang.switch_tables import has_source, read_tables
from whence.golang.toggle_table import rows_for, table
from whence.golang.versions import parse_version

if TYPE_CHECKING:
    from conftest import FakeGo  # pyright: ignore

FLAGS = "package goexperiment\n\ntype Flags struct {\n\tSwissMap bool\n\tNovelty bool\n}\n"
BASELINE = """
	baseline := goexperiment.Flags{
		SwissMap: true,
	}
"""
RUNTIME = """
var dbgvars = []*dbgVar{
	{name: "gctrace", value: &debug.gctrace},
	{name: "brandnew", value: &debug.brandnew, def: 3},
}

	debug.gctrace = 0
	for _, info := range godebugs.Removed {
	if debug.brandnew > 8 {
		throw("too new")
	}
"""
GODEBUGS = """
var All = []Info{
	{Name: "panicnil", Package: "runtime", Changed: 21, Old: "1"},
}

var Removed = []RemovedInfo{
	{Name: "gone", Removed: 25, Old: func(s string) bool { return s == "1" || s == "2" }}, // Old: "1" or "2"
	{Name: "asynctimerchan", Removed: 26, Old: zero}, // Old: "0"
	{Name: "x509sha1", Removed: 26, Old: complicated},
}

func zero(s string) bool { return s == "0" }
"""
DEBUG = 'type DebugFlags struct {\n\tMergeLocals int `help:"merge local \\"slots\\"" concurrent:"ok"`\n}\n'


@pytest.fixture
def sourced(fake_go: FakeGo) -> toolchains.Toolchain:
    """Go 1.26.8 on PATH whose source was made up, so that its answers differ from the shipped table's."""
    for path, text in {
        "internal/goexperiment/flags.go": FLAGS,
        "internal/buildcfg/exp.go": BASELINE,
        "runtime/runtime1.go": RUNTIME,
        "internal/godebugs/table.go": GODEBUGS,
        "internal/cpu/cpu_x86.go": '\t\t{Name: "avx2", Feature: &X86.HasAVX2},\n',
        "cmd/compile/internal/base/debug.go": DEBUG,
        "odd/odd.go": '// Set GODEBUG with "commented=1".\nvar hidden = godebug.New("#hidden")\nvar other = "quoted"\n',
    }.items():
        file = fake_go.root / "src" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    read_tables.cache_clear()
    return toolchains.bootstrap()


@pytest.mark.parametrize(
    ("names", "release", "message"),
    [
        (
            "noswissmap",
            "1.26.3",
            "go1.26 has no switch noswissmap (it exists in 1.24 and 1.25). Remove it, or compare with go=1.25.",
        ),
        (
            "swissmap",
            "1.22.1",
            "go1.22 has no switch swissmap (it exists in 1.24 and 1.25). Remove it, or compare with go=1.24.",
        ),
        (
            "noallocheaders",
            "1.25.5",
            "go1.25 has no switch noallocheaders (it exists in 1.22). Remove it, or compare with go=1.22.",
        ),
        (
            "jsonv2",
            "1.24.3",
            "go1.24 has no switch jsonv2 (it exists from 1.25 on). Remove it, or compare with go=1.25.",
        ),
        (
            "jsonv2+noswismap",
            "1.25.5",
            "go1.25 has no switch noswismap, and no release known here has it (did you mean swissmap?). "
            "See: whence toolchain toggles 1.25.5",
        ),
        (
            "preemptibleloops",
            "1.16.15",
            "go1.16 reads no GOEXPERIMENT when it builds, so preemptibleloops would do nothing there "
            "(releases from 1.17 on do). Remove it, or compare with go=1.17 or newer.",
        ),
    ],
)
def test_an_unknown_experiment_is_refused_naming_the_releases_that_have_it(
    fake_go: FakeGo, names: str, release: str, message: str
) -> None:
    with pytest.raises(toggles.UnknownSwitch) as refusal:
        toggles.check_experiment(names, release)
    assert str(refusal.value) == message
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("names", "release"),
    [
        ("noswissmap", "1.24.3"),
        ("nojsonv2", "1.25.5"),
        ("jsonv2+nogreenteagc", "1.26.3"),
        ("none", "1.25.5"),
        ("none+swissmap", "1.25.5"),
        ("noregabi", "1.18.10"),
        ("", "1.2.2"),
        ("nosuchthing", "1.28-devel"),
    ],
)
def test_experiments_that_a_release_has_pass(fake_go: FakeGo, names: str, release: str) -> None:
    toggles.check_experiment(names, release)


def test_a_switch_and_its_opposite_together_are_refused(fake_go: FakeGo) -> None:
    with pytest.raises(toggles.MeaninglessValue, match="asks for swissmap and against it"):
        toggles.check_experiment("swissmap+noswissmap", "1.25.5")


@pytest.mark.parametrize(
    ("name", "value", "release", "message"),
    [
        (
            "decoratemappings",
            "0",
            "1.23.9",
            "go1.23 has no switch decoratemappings (it exists from 1.25 on). Remove it, or compare with go=1.25.",
        ),
        (
            "disablethp",
            "1",
            "1.21.3",
            "go1.21.3 has no switch disablethp (it exists from 1.21.6 on). Remove it, or compare with go=1.21.6.",
        ),
        (
            "asynctimerchan",
            "1",
            "1.22.12",
            "go1.22 has no switch asynctimerchan (it exists from 1.23 to 1.26). Remove it, or compare with go=1.23.",
        ),
        (
            "gctrce",
            "1",
            "1.24.3",
            "go1.24 has no switch gctrce, and no release known here has it (did you mean gctrace?). "
            "See: whence toolchain toggles 1.24.3",
        ),
        (
            "cpu.avx2",
            "off",
            "1.9.7",
            "go1.9 has no switch cpu.avx2 (it exists from 1.12 on). Remove it, or compare with go=1.12.",
        ),
        (
            "gctrace",
            "on",
            "1.24.3",
            "debug.gctrace=on does nothing: Go reads a whole number there. Write for example debug.gctrace=1.",
        ),
    ],
)
def test_a_godebug_setting_that_go_would_ignore_in_silence_is_refused(
    fake_go: FakeGo, name: str, value: str, release: str, message: str
) -> None:
    with pytest.raises((toggles.UnknownSwitch, toggles.MeaninglessValue)) as refusal:
        toggles.check_godebug(name, value, release)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("name", "value", "release"),
    [
        ("gctrace", "1", "1.2.2"),
        ("disablethp", "1", "1.21.6"),
        ("netdns", "cgo+1", "1.20.14"),
        ("cpu.avx512", "off", "1.24.3"),
        ("asynctimerchan", "1", "1.27.4"),
        ("x509sha1", "1", "1.27.4"),
        ("fips140", "on", "1.25.5"),
    ],
)
def test_godebug_settings_that_a_release_reads_pass_even_when_they_kill(
    fake_go: FakeGo, name: str, value: str, release: str
) -> None:
    toggles.check_godebug(name, value, release)


def test_a_compiler_switch_is_refused_by_its_name_and_other_flags_are_left_to_the_compiler(fake_go: FakeGo) -> None:
    with pytest.raises(toggles.UnknownSwitch, match=r"no switch -d=variablemakehash \(it exists from 1\.25 on\)"):
        toggles.check_gcflags("all=-l -d=append,variablemakehash=n", "1.24.3")
    toggles.check_gcflags("all=-d=variablemakehash=n", "1.25.5")
    toggles.check_gcflags("-N -l -d=ssa/insert_resched_checks/on -d=help", "1.24.3")
    toggles.check_gcflags("-d=whatever", "1.5.4")


def test_the_source_of_an_installed_release_wins_over_the_table(sourced: toolchains.Toolchain) -> None:
    toggles.check_experiment("noswissmap+novelty", sourced)
    with pytest.raises(toggles.UnknownSwitch, match="no switch greenteagc"):
        toggles.check_experiment("greenteagc", sourced)
    toggles.check_godebug("brandnew", "4", sourced)
    toggles.check_godebug("panicnil", "1", "1.26.8")
    with pytest.raises(toggles.UnknownSwitch, match="no switch madvdontneed"):
        toggles.check_godebug("madvdontneed", "1", sourced)
    toggles.check_godebug("cpu.avx2", "off", sourced)
    with pytest.raises(toggles.UnknownSwitch, match=r"no switch cpu\.adx"):
        toggles.check_godebug("cpu.adx", "off", sourced)
    toggles.check_gcflags("-d=mergelocals=0", sourced)
    with pytest.raises(toggles.UnknownSwitch, match="-d=append"):
        toggles.check_gcflags("-d=append", sourced)


def test_a_name_outside_the_tables_is_looked_for_in_the_whole_source(sourced: toolchains.Toolchain) -> None:
    toggles.check_godebug("hidden", "x", sourced)
    for stranger in ("hiddenn", "commented", "quoted"):
        with pytest.raises(toggles.UnknownSwitch):
            toggles.check_godebug(stranger, "x", sourced)


def test_known_is_what_the_source_says_described_by_the_table(sourced: toolchains.Toolchain) -> None:
    found = {(t.kind, t.name): t for t in toggles.known(sourced)}
    swissmap = found["GOEXPERIMENT", "swissmap"]
    assert (swissmap.default, swissmap.write, swissmap.answered_by) == ("on", "experiment=noswissmap", "release")
    assert (swissmap.since, swissmap.removed) == ("1.24", "1.26")
    assert found["GOEXPERIMENT", "novelty"].write == "experiment=novelty"
    assert found["GODEBUG", "brandnew"].default == "3"
    assert ("GODEBUG", "madvdontneed") not in found
    assert found["gcflags", "-l"].answered_by == "table"


def test_known_answers_from_the_table_when_the_release_is_not_here(fake_go: FakeGo) -> None:
    found = {t.name: t for t in toggles.known("1.24.3")}
    assert {t.answered_by for t in found.values()} == {"table"}
    assert found["swissmap"].default == "on"
    assert found["disablethp"].since == "1.21.6"
    assert found["gctrace"].removed is None
    assert "greenteagc" not in found
    assert all(t.effect and t.since for t in found.values())


def test_settings_that_kill_a_process_are_read_from_the_releases_own_removed_table(
    sourced: toolchains.Toolchain,
) -> None:
    dead = [
        (n, v) for n in ("gone", "asynctimerchan", "panicnil") for v in "012" if toggles.fatal_godebug(n, v, sourced)
    ]
    assert dead == [("gone", "1"), ("gone", "2"), ("asynctimerchan", "0")]
    assert toggles.fatal_godebug("brandnew", "9", sourced)
    assert not toggles.fatal_godebug("brandnew", "8", sourced)
    toggles.check_godebug("gone", "1", sourced)


def test_the_nine_removed_settings_of_1_27_and_none_before_are_known_without_its_source(fake_go: FakeGo) -> None:
    removed = {name: values for name, values in toggles.fatal_values("1.27.4").items() if name != "cgocheck"}
    assert len(removed) == 9
    assert removed["asynctimerchan"] == ("1", "2")
    assert toggles.fatal_values("1.26.3") == {"cgocheck": ("2",)}
    assert toggles.fatal_values("1.20.14") == {}


def test_a_variant_that_will_die_is_not_refused_but_explained(fake_go: FakeGo) -> None:
    fake_go.install_module("1.27.4")
    toolchain = toolchains.find("1.27.4")
    assert toolchain is not None
    variant = parse_variant("go=1.27.4,debug.gctrace=1,debug.asynctimerchan=1")
    toggles.check_variant(variant, toolchain)
    assert toggles.explain_fatal(variant, toolchain) == (
        "debug.asynctimerchan=1 kills every process at start in go1.27.4: the setting was removed in Go 1.27, "
        "and this is a value that asks for the old behaviour. Remove it, or compare with go=1.26."
    )
    assert toggles.explain_fatal(parse_variant("debug.asynctimerchan=0"), toolchain) is None


def test_check_variant_covers_every_key_that_is_a_switch(fake_go: FakeGo) -> None:
    fake_go.install_module("1.17.13")
    toolchain = toolchains.find("1.17.13")
    assert toolchain is not None
    toggles.check_variant(parse_variant("go=1.17.13,experiment=noregabi,debug.gctrace=1,GOGC=50"), toolchain)
    for text in ("experiment=swissmap", "debug.harddecommit=1", "gcflags=all=-d=zerocopy=0", "goamd64=v3"):
        with pytest.raises(toggles.UnknownSwitch):
            toggles.check_variant(parse_variant(text), toolchain)
    lines = toggles.ignored_settings(parse_variant("GOMEMLIMIT=1GiB,GOGC=50,MINE=1"), toolchain)
    assert lines == ("GOMEMLIMIT means nothing to go1.17.13: its runtime reads it from 1.19 on",)


def test_every_row_of_the_table_names_known_lines_in_order() -> None:
    lines = set(by_line())
    for row in table().toggles:
        assert row.effect and row.source, row.name
        ends = [parse_version(end) for stretch in row.ranges for end in (stretch.first, stretch.last)]
        assert ends == sorted(ends), row.name
        assert {end.line for end in ends} <= lines, row.name
        assert row.write or row.kind == "GOEXPERIMENT", row.name


@pytest.mark.real
def test_the_table_agrees_with_the_source_of_every_release_that_is_here() -> None:
    """Patches may lack what a later one of their line got, so only missing rows and defaults are errors."""
    newest_line = parse_version(table().newest_line)
    for toolchain in toolchains.present():
        if not has_source(toolchain) or parse_version(toolchain.parsed.line) > newest_line:
            continue
        rows = {(row.kind, row.name): row for row in rows_for(toolchain.parsed)}
        tables = read_tables(toolchain)
        assert tables.runtime, toolchain
        for name, default in tables.experiments.items():
            stretch = rows["GOEXPERIMENT", name].range_for(toolchain.parsed)
            assert stretch is not None
            assert stretch.default.startswith(default.partition(" ")[0]), (toolchain.version, name)
        debug = {*tables.runtime, *tables.library, *tables.other}
        assert {("GODEBUG", name) for name in debug} <= set(rows), toolchain.version
        assert {("gcflags", f"-d={name}") for name in tables.compiler} <= set(rows), toolchain.version


@pytest.mark.real
@pytest.mark.network
@pytest.mark.slow
def test_a_1_27_process_dies_at_start_exactly_where_it_is_said_to(tmp_path: Path) -> None:
    try:
        toolchain = toolchains.ensure("1.27.4")
    except toolchains.MissingToolchain as missing:
        pytest.skip(f"SKIPPED {missing}")
    (tmp_path / "empty.go").write_text("package main\n\nfunc main() {}\n")
    environment = toolchains.clean_environment(toolchain, gopath=tmp_path / "p", gocache=tmp_path / "c")
    build = [str(toolchain.go), "build", "-o", "empty", "empty.go"]
    subprocess.run(build, cwd=tmp_path, env=environment, check=True)
    values = toggles.fatal_values(toolchain)
    assert len(values) == 10
    for name in (*values, "gctrace", "panicnil"):
        for value in ("0", "1", "2"):
            ran = subprocess.run([tmp_path / "empty"], env={"GODEBUG": f"{name}={value}"}, capture_output=True)
            assert (ran.returncode != 0) == toggles.fatal_godebug(name, value, toolchain), (name, value, ran.stderr)
