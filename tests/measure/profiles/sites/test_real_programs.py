"""Real programs with counters compiled in, on the Go that is here: what is told against what they counted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bench.sites_runs import Run, build, run

from whence.evidence.errors import BadInput
from whence.golang import toolchains
from whence.measure.profiles.readers.trace_v2 import generations
from whence.measure.profiles.sites import program_of, sites

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def go() -> str:
    found = toolchains.find("local")
    if found is None:
        pytest.skip("SKIPPED no Go on PATH")
    return found.version


@pytest.fixture(scope="module")
def tiny(go: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(build("tinypair", go), go, tmp_path_factory.mktemp("tiny"), rate=1, trace=True, arguments=("-n=20000",))


@pytest.fixture(scope="module")
def mixed(go: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(build("mixed", go), go, tmp_path_factory.mktemp("mixed"), rate=1, trace=True, arguments=("-n=10000",))


def test_the_interval_of_two_tiny_places_holds_what_they_made(tiny: Run) -> None:
    result = sites([tiny.profile], go_version=tiny.go, runtime_totals=tiny.totals)
    found = {site.function: site for site in result.sites}
    assert found.keys() & tiny.truth.keys()
    for name, truth in tiny.truth.items():
        if name in found:
            assert found[name].objects.low <= truth.objects <= found[name].objects.high
        else:  # by chance of phase it opened no block, so the profile does not know of it
            assert truth.objects <= result.totals.coalesced.high
            assert any("not in the profile at all" in note for note in result.notes)


def test_the_trace_counts_tiny_objects_by_type(tiny: Run) -> None:
    assert tiny.trace is not None
    with tiny.trace.open("rb") as file:
        result = sites([], generations(file), go_version=tiny.go)
    (row,) = [row for row in result.types if row.name == "int64" and row.objects > 100]
    assert row.objects == pytest.approx(40_000, abs=20)
    assert row.requested_bytes.value == pytest.approx(320_000, rel=0.01)


def test_types_places_and_rounding_of_a_mixed_program(mixed: Run) -> None:
    assert mixed.trace is not None
    with mixed.trace.open("rb") as file:
        result = sites([mixed.profile], generations(file), go_version=mixed.go, runtime_totals=mixed.totals)
    types = {(row.name, row.slot_bytes): row for row in result.types}
    for name, objects, size, slot in (
        ("main.flat", 10_000, 72, 80),
        ("main.small", 10_000, 8, 8),
        ("main.wide", 2500, 600, 640),
    ):
        row = types[name, slot]
        assert row.objects == objects
        assert row.waste_bytes.value == objects * (slot - size)
    found = {site.function: site for site in result.sites}
    for name, truth in mixed.truth.items():
        assert found[name].objects.low <= truth.objects <= found[name].objects.high, name
        assert found[name].requested_bytes.low <= truth.requested_bytes <= found[name].requested_bytes.high, name


def test_what_the_profile_shows_is_what_pprof_shows(mixed: Run, go: str, tmp_path: Path) -> None:
    result = sites([mixed.profile], go_version=go)
    toolchain = toolchains.find("local")
    assert toolchain is not None and mixed.trace is not None
    words = ["tool", "pprof", "-symbolize=none", "-sample_index=alloc_objects", "-nodecount=0", "-nodefraction=0"]
    file = mixed.trace.parent / "allocs.pb.gz"
    text = subprocess.run(
        [toolchain.go, *words, "-top", file], check=True, capture_output=True, text=True, cwd=tmp_path
    ).stdout
    shown = {line.split()[5]: line.split()[0] for line in text.splitlines() if len(line.split()) == 6}
    for site in result.sites:
        if site.function in mixed.truth:
            assert shown[site.function] == str(int(site.profile_objects))


def test_the_code_in_front_of_a_call_tells_type_size_and_tiny_blocks(mixed: Run, tiny: Run, go: str) -> None:
    for one, name in ((mixed, "mixed"), (tiny, "tinypair")):
        program = program_of(build(name, go), [one.profile])
        result = sites([one.profile], go_version=go, runtime_totals=one.totals, program=program)
        found = {site.function: site for site in result.sites}
        if one is tiny:
            assert {found[name].tiny for name in one.truth.keys() & found.keys()} == {"certain"}
            continue
        for function in ("main.makeNode", "main.makeFlat", "main.makeWide", "main.makeSixteen"):
            truth, site = one.truth[function], found[function]
            assert site.tiny == "no"
            assert site.objects.low <= truth.objects <= site.objects.high
            assert site.requested_bytes.value == pytest.approx(truth.requested_bytes, rel=0.001)
        assert found["main.grow"].growth == "seen"


def test_another_program_is_refused(mixed: Run, go: str) -> None:
    with pytest.raises(BadInput, match="not the program that was profiled"):
        program_of(build("tinypair", go), [mixed.profile])
