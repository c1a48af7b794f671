"""The program on real gRPC: the version asked for is the one that runs, and the known answer comes out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from whence.evidence.request import Request
from whence.evidence.variant import parse_variant
from whence.golang import toolchains
from whence.golang.build import Builder, BuildError, Source, UnbuildableVariant
from whence.measure.prepare import source_of
from whence.measure.settle import settle
from whence.measure.workloads import catalog

GRPC = "mod.google.golang.org/grpc"


def source(name: str = "streamtiny") -> Source:
    settled = settle(Request(variants=("base:", "other:arg.ps=2"), subject=f"workload:{name}"))
    found = source_of(settled)
    assert found is not None
    return found


def test_only_what_needs_no_other_modules_may_be_built_by_releases_that_know_none() -> None:
    assert not source().legacy_ok
    assert source("alloc").legacy_ok
    old = toolchains.Toolchain(version="1.10.8", goroot=Path("/go"), go=Path("/go/bin/go"), origin="goroot")
    with pytest.raises(UnbuildableVariant, match="knows no modules"):
        Builder().check(parse_variant("old:"), source(), old)


def test_no_workload_depends_on_the_c_compiler_of_the_host() -> None:
    assert all(source(workload.name).without_cgo for workload in catalog.all())


@pytest.fixture(scope="module")
def go() -> toolchains.Toolchain:
    found = toolchains.find("local")
    if found is None:
        pytest.skip("SKIPPED no Go on PATH")
    return found


def measured(grpc: str, size: int, go: toolchains.Toolchain) -> dict[str, float]:
    """Returns unit → value of one short run with that version of grpc."""
    program = Builder().build(parse_variant(f"v:{GRPC}={grpc}"), source(), go).path
    done = subprocess.run(
        [str(program), "-n=2000", f"-size={size}"],
        env={**os.environ, "GOMAXPROCS": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("BenchmarkStreamTiny 2000 ")]
    fields = line.split()
    found = {unit: float(value) for value, unit in zip(fields[2::2], fields[3::2], strict=True)}
    assert list(found) == [printed.unit for printed in catalog.get("streamtiny").metrics]
    assert found["rt-p50-ns"] <= found["rt-p99-ns"]
    return found


@pytest.mark.real
@pytest.mark.network
@pytest.mark.slow
def test_grpc_166_makes_eight_more_objects_and_its_bytes_depend_on_the_size(go: toolchains.Toolchain) -> None:
    files = sorted(source().directory.iterdir())
    before = [path.read_bytes() for path in files if path.is_file()]
    small = [measured(version, 16, go) for version in ("v1.65.0", "v1.66.0")]
    large = [measured(version, 1024, go) for version in ("v1.65.0", "v1.66.0")]
    assert small[0]["allocs/rt"] == pytest.approx(44.02, abs=0.03)
    assert small[1]["allocs/rt"] - small[0]["allocs/rt"] == pytest.approx(8.00, abs=0.05)
    assert small[1]["B/rt"] - small[0]["B/rt"] == pytest.approx(208, abs=3)
    assert large[1]["B/rt"] / large[0]["B/rt"] == pytest.approx(0.404, abs=0.005)
    assert sorted(source().directory.iterdir()) == files
    assert [path.read_bytes() for path in files if path.is_file()] == before


@pytest.mark.real
@pytest.mark.network
@pytest.mark.slow
def test_a_grpc_that_wants_a_newer_release_is_refused_with_the_reason() -> None:
    try:
        old = toolchains.ensure("1.22.12")
    except toolchains.MissingToolchain as error:
        pytest.skip(f"SKIPPED {error}")
    with pytest.raises(BuildError, match=r"grpc@v1\.85\.0 requires go >= 1\.26"):
        Builder().build(parse_variant(f"v:{GRPC}=v1.85.0"), source(), old)


@pytest.mark.real
@pytest.mark.network
@pytest.mark.slow
def test_flow_control_connections_and_pipes_can_be_chosen(go: toolchains.Toolchain) -> None:
    program = Builder().build(parse_variant("v:"), source(), go).path

    def counted(*flags: str) -> float:
        done = subprocess.run(
            [str(program), "-n=2000", *flags],
            env={**os.environ, "GOMAXPROCS": "1"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return float(done.stdout.split(" allocs/rt")[0].split()[-1])

    assert counted("-window=65535") == pytest.approx(24.02, abs=0.05)
    assert counted("-transport=bufconn") == pytest.approx(44.02, abs=0.05)
    assert counted("-streams=4", "-conns=2") < 40
    refused = subprocess.run([str(program), "-window=1000"], capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "whence workload show streamtiny" in refused.stderr
