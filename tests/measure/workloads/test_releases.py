"""The programs in old and new releases: they build, they agree on the work done, and the known answer comes out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from whence.golang import toolchains
from whence.measure.lab.launch import Launch, RunOptions
from whence.measure.lab.process import run_process
from whence.measure.workloads import catalog

pytestmark = [pytest.mark.real, pytest.mark.network, pytest.mark.slow]
RELEASES = ("1.2.2", "1.11.13", "1.16.15", "1.20.14", "1.24.3", "1.27.4")
# Fewer: compiling net/http or crypto from nothing takes each release from 1.20 on half a minute.
FEW_RELEASES = ("1.11.13", "1.16.15", "1.27.4")
SMALL = {
    "heapshape": ("-count=8", "-small=1"),
    "alloc": ("-n=20000", "-live=1"),
    "trees": ("-depth=8", "-rounds=2"),
    "jsonbench": ("-items=3", "-n=20"),
    "maps": ("-size=1000", "-rounds=2"),
    "timers": ("-count=2000",),
    "jwt": ("-n=20",),
}


@pytest.fixture(scope="module")
def build_cache() -> str:
    """The user's own build cache, so that the standard library is compiled once a machine, not once a test run."""
    return subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout.strip()


def build(name: str, release: str, folder: Path, build_cache: str) -> Path:
    """Returns the program of one workload built by one release; in GOPATH mode where modules do not exist."""
    try:
        toolchain = toolchains.ensure(release)
    except toolchains.MissingToolchain as error:
        pytest.skip(f"SKIPPED {error}")
    environment = toolchains.clean_environment(
        toolchain, gopath=folder / "gopath", gocache=Path(build_cache), cgo=False
    )
    program = folder / f"{name}-{release}"
    subprocess.run(
        [str(toolchain.go), "build", "-o", str(program), "."],
        cwd=catalog.get(name).directory,
        env=environment,
        check=True,
        timeout=600,
    )
    return program


def run(program: Path, *flags: str) -> str:
    return subprocess.run([str(program), *flags], capture_output=True, text=True, check=True, timeout=120).stdout


def line_starting(start: str, output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith(start)]
    return line


@pytest.mark.parametrize("name", [workload.name for workload in catalog.all() if not workload.modules])
def test_every_release_line_builds_it_and_does_the_same_work(name: str, tmp_path: Path, build_cache: str) -> None:
    releases = FEW_RELEASES if name in {"httpd", "jwt"} else RELEASES
    programs = [build(name, release, tmp_path, build_cache) for release in releases]
    if name == "httpd":
        return
    outputs = [run(program, *SMALL[name]) for program in programs]
    assert len({line_starting("checksum:", output) for output in outputs}) == 1
    assert all(line_starting("Benchmark", output) for output in outputs)


def resident_bytes(program: Path, *flags: str) -> float:
    """Returns the resident memory of one run at its exit (what wait4 calls maxrss is the parent's peak as well)."""
    record = run_process(Launch(argv=(str(program), *flags), environment={"GOMAXPROCS": "1"}), RunOptions())
    assert record.outcome == "ok"
    return next(sample.value for sample in record.samples if sample.metric == "rss")


@pytest.mark.parametrize(
    ("example", "low", "high"),
    [
        ("go124-memory", 3.3, 3.6),
        ("go124-memory-17", 1.168, 1.178),
        ("go124-memory-chan", 3.3, 3.6),
        ("pointer-free-twin", 0.99, 1.01),
        ("recycled-twin", 0.99, 1.01),
    ],
)
def test_go124_makes_resident_what_the_catalogue_says(
    example: str, low: float, high: float, tmp_path: Path, build_cache: str
) -> None:
    from whence.evidence.subject import parse_subject

    parameters = parse_subject(catalog.example(example).spec).parameters
    flags = catalog.arguments(catalog.get("heapshape"), parameters)
    base, worse, fixed = (build("heapshape", r, tmp_path, build_cache) for r in ("1.23.9", "1.24.3", "1.24.11"))
    resident = {program: resident_bytes(program, *flags) for program in (base, worse, fixed)}
    assert low < resident[worse] / resident[base] < high
    assert 0.99 < resident[fixed] / resident[base] < 1.01
