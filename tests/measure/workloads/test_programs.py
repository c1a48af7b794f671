"""The programs, built with the Go on PATH and run small."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from whence.golang import versions
from whence.measure.workloads import catalog

pytestmark = pytest.mark.real
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
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program of every workload that needs no other modules, built by the Go on PATH."""
    if shutil.which("go") is None:
        pytest.skip("SKIPPED no go on PATH")
    folder = tmp_path_factory.mktemp("workloads")
    for workload in catalog.all():
        if workload.modules:
            continue
        subprocess.run(
            ["go", "build", "-o", str(folder / workload.name), "."],
            cwd=workload.directory,
            env={**os.environ, "GOFLAGS": "", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off"},
            check=True,
        )
    return folder


@pytest.mark.parametrize(
    "name", [pytest.param(w.name, marks=pytest.mark.network) if w.modules else w.name for w in catalog.all()]
)
def test_sources_are_formatted_and_vet_finds_nothing(name: str) -> None:
    if shutil.which("gofmt") is None:
        pytest.skip("SKIPPED no gofmt on PATH")
    directory = catalog.get(name).directory
    formatted = subprocess.run(["gofmt", "-l", "."], cwd=directory, capture_output=True, text=True, check=True)
    assert formatted.stdout == ""
    environment = {**os.environ, "GOFLAGS": "", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off"}
    vetted = subprocess.run(["go", "vet", "."], cwd=directory, env=environment, capture_output=True, text=True)
    assert vetted.returncode == 0, vetted.stderr


def run(binary: Path, *flags: str) -> str:
    return subprocess.run([str(binary), *flags], capture_output=True, text=True, check=True, timeout=120).stdout


def values(output: str) -> dict[str, float]:
    """Returns unit → value of the one benchmark line, and `checksum`."""
    (line,) = [line for line in output.splitlines() if line.startswith("Benchmark")]
    fields = line.split()
    assert int(fields[1]) > 0
    found = {unit: float(value) for value, unit in zip(fields[2::2], fields[3::2], strict=True)}
    checksum = re.search(r"^checksum: (\d+)$", output, re.M)
    assert checksum is not None
    return {**found, "checksum": float(checksum[1])}


@pytest.mark.parametrize("name", sorted(SMALL))
def test_program_prints_the_units_of_the_table_and_the_same_checksum_twice(binaries: Path, name: str) -> None:
    first, second = (values(run(binaries / name, *SMALL[name])) for _ in range(2))
    units = [printed.unit for printed in catalog.get(name).metrics]
    if name == "heapshape":
        units = [unit for unit in units if unit not in {"heap-goal", "gc-cycles"}]
    assert [unit for unit in first if unit != "checksum"] == units
    assert first["checksum"] == second["checksum"]


def test_heapshape_left_to_its_collector_prints_what_the_collector_did(binaries: Path) -> None:
    found = values(run(binaries / "heapshape", "-gc=free", *SMALL["heapshape"]))
    assert found["gc-cycles"] >= 1
    assert found["heap-goal"] > 0


@pytest.mark.parametrize("shape", ["slice", "chan"])
@pytest.mark.parametrize("pointers", ["0", "1"])
@pytest.mark.parametrize("recycled", ["0", "1"])
def test_big_objects_and_their_twins_have_the_size_asked_for(
    binaries: Path, shape: str, pointers: str, recycled: str
) -> None:
    flags = (f"-shape={shape}", f"-pointers={pointers}", f"-recycled={recycled}", "-size=65536", "-count=100")
    live = values(run(binaries / "heapshape", *flags, "-small=0"))["heap-live"]
    # A pointer-free channel is one object with its header before the buffer: that is the next size class.
    assert 100 * 65536 <= live < 100 * 65536 * 1.13 + 400_000


def test_other_heap_is_as_large_as_asked_for(binaries: Path) -> None:
    without, with_five = (
        values(run(binaries / "heapshape", "-count=1", f"-small={megabytes}"))["heap-live"] for megabytes in (0, 5)
    )
    assert with_five - without == pytest.approx(5e6, rel=0.01)


def test_twins_differ_in_nothing_that_the_checksum_sees(binaries: Path) -> None:
    flags = ("-shape=slice", "-count=8", "-small=1")
    sums = {values(run(binaries / "heapshape", *flags, twin))["checksum"] for twin in ("-pointers=0", "-pointers=1")}
    assert len(sums) == 1


@pytest.mark.parametrize(("size", "pointers"), [("8", "0"), ("64", "1"), ("65536", "0")])
@pytest.mark.parametrize("ps", ["1", "2"])
def test_an_allocation_is_counted_as_exactly_one_of_its_size(binaries: Path, size: str, pointers: str, ps: str) -> None:
    flags = (f"-size={size}", f"-pointers={pointers}", f"-ps={ps}", "-n=20000", "-live=1")
    found = values(run(binaries / "alloc", *flags))
    assert (found["allocs/op"], found["B/op"]) == (1, float(size))


@pytest.mark.parametrize("ps", ["1", "2", "3"])
def test_trees_are_the_same_on_any_number_of_ps(binaries: Path, ps: str) -> None:
    found = values(run(binaries / "trees", "-depth=6", "-rounds=1", f"-ps={ps}"))
    # Depth 4: four trees of 31 nodes; depth 6: one of 127; and the long-lived one.
    assert found["checksum"] == 4 * 31 + 127 + 127
    assert found["allocs/op"] >= 1


@pytest.mark.parametrize("op", ["any", "struct", "encode"])
def test_a_document_with_more_records_costs_more_objects(binaries: Path, op: str) -> None:
    few, many = (values(run(binaries / "jsonbench", f"-op={op}", f"-items={n}", "-n=50")) for n in (2, 20))
    assert many["allocs/op"] > few["allocs/op"] > 0
    assert many["checksum"] > few["checksum"]


@pytest.mark.parametrize("key", ["int64", "string", "struct"])
def test_map_operations_meet_every_entry(binaries: Path, key: str) -> None:
    flags = ("-size=1000", "-rounds=3", f"-key={key}", "-kept=7")
    sums = {op: run(binaries / "maps", f"-op={op}", *flags) for op in ("lookup", "iterate", "insert", "clear")}
    found = {op: values(output)["checksum"] for op, output in sums.items()}
    assert found == {"lookup": 3 * 499500, "iterate": 3 * 499500, "insert": 3000, "clear": 21}
    assert "BenchmarkMaps 3000 " in sums["insert"]
    assert "BenchmarkMaps 3 " in sums["clear"]


def test_timers_are_left_behind_unless_they_are_stopped(binaries: Path) -> None:
    environment = {**os.environ, "GODEBUG": "asynctimerchan=1"}
    version = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    if versions.at_least(version.removeprefix("go"), "1.27"):
        pytest.skip("SKIPPED from Go 1.27 on no timer is left behind")

    def live(stop: int) -> float:
        command = [str(binaries / "timers"), "-count=20000", f"-stop={stop}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
        return values(done.stdout)["heap-live"]

    assert live(0) - live(1) > 20000 * 100


@pytest.mark.parametrize("bits", ["2048", "4096"])
def test_parsing_the_key_for_each_token_costs_objects_and_gives_the_same_claims(binaries: Path, bits: str) -> None:
    cached, parsed = (
        values(run(binaries / "jwt", f"-bits={bits}", f"-key={k}", "-n=20")) for k in ("cached", "parsed")
    )
    assert parsed["allocs/op"] > cached["allocs/op"]
    assert parsed["checksum"] == cached["checksum"]


@pytest.mark.parametrize("name", ["heapshape", "alloc", "trees", "httpd", "jsonbench", "maps", "timers", "jwt"])
def test_a_value_out_of_range_is_refused_by_the_program_too(binaries: Path, name: str) -> None:
    done = subprocess.run([str(binaries / name), "-ps=-1", "surplus"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "whence workload show" in done.stderr
    assert done.stdout == ""


def test_httpd_without_a_port_says_how_to_run_it(binaries: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PORT"}
    done = subprocess.run([str(binaries / "httpd")], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 2
    assert "PORT" in done.stderr


def test_httpd_answers_any_path_and_reports_when_told_to_stop(binaries: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(binaries / "httpd"), "-body=100", "-work=6400", "-live=1"],
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(port, process)
        for path in ("/", "/any/path?query"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                assert len(answer.read()) == 100
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    (line,) = [line for line in output.splitlines() if line.startswith("BenchmarkHTTPD 2 ")]
    fields = line.split()
    found = dict(zip(fields[3::2], map(float, fields[2::2]), strict=True))
    assert list(found) == [printed.unit for printed in catalog.get("httpd").metrics]
    assert found["allocs/request"] >= 100
    assert found["bytes/request"] >= 6400


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    """Returns when the port is open; fails when the server has ended instead."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    pytest.fail(f"the server ended with {process.returncode}")
