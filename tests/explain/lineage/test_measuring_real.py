"""The whole way with real releases, small: every number is there, and a killed session is gone on with."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.explain.lineage.small_session import RELEASES, measure

from whence.evidence.run import Run, used_runs
from whence.explain.lineage.asking import LineageRequest, wanted_versions
from whence.explain.lineage.directory import load
from whence.golang import toolchains
from whence.golang.build import Builder
from whence.store.journal import Journal

pytestmark = pytest.mark.real
ROOT = Path(__file__).parents[3]
VERSIONS = wanted_versions(LineageRequest(releases=RELEASES))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session that was killed in its second block and then started again."""
    if any(toolchains.find(version) is None for version in VERSIONS):
        pytest.skip(f"needs {' and '.join(VERSIONS)}")
    directory = tmp_path_factory.mktemp("lineage") / "run"
    command = [sys.executable, "-m", "tests.explain.lineage.small_session", str(directory), "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as session:
        journal = directory / "journal.jsonl"
        end = time.monotonic() + 120
        while time.monotonic() < end and session.poll() is None:
            if journal.exists() and journal.read_bytes().count(b'"type":"run"') >= 5:
                break
            time.sleep(0.01)
        session.send_signal(signal.SIGKILL)
    measure(directory, 2)
    return directory


def test_after_a_kill_the_same_request_goes_on(finished: Path) -> None:
    lines = Journal(finished / "journal.jsonl").read()
    runs = used_runs(lines)
    assert sorted((run.variant, run.block) for run in runs) == sorted(
        (f"{version} {part}", block) for version in VERSIONS for part in ("cost", "load") for block in (0, 1)
    )
    starts = [run.started_at for run in lines if isinstance(run, Run) and run.block == 0 and run.attempt == 0]
    assert {run.started_at for run in runs if run.block == 0} <= set(starts)


def test_every_release_tells_every_number(finished: Path) -> None:
    lineage = load(finished)
    assert [release.version for release in lineage.releases] == list(VERSIONS)
    assert lineage.blocks == 2
    for release in lineage.releases:
        assert release.failures == ()
        for reading in release.readings:
            assert reading.value is not None and reading.value >= 0, (release.version, reading.metric)


def test_dropped_memory_is_back_under_the_newest_release_and_not_under_1_5(finished: Path) -> None:
    old, new = load(finished).releases
    assert old.given_back is not None and new.given_back is not None
    assert old.given_back.ending == "never"
    assert old.given_back.after > 20e6
    assert new.given_back.ending == "back"
    assert new.given_back.before > 20e6
    assert new.given_back.peak >= new.given_back.before


def test_a_finished_lineage_is_not_measured_again(finished: Path) -> None:
    before = [(finished / name).read_bytes() for name in ("journal.jsonl", "waiting.jsonl")]
    measure(finished, 2)
    assert [(finished / name).read_bytes() for name in ("journal.jsonl", "waiting.jsonl")] == before


def test_the_oldest_release_builds_the_program(tmp_path: Path) -> None:
    from whence.explain.lineage.programs import build

    toolchain = toolchains.find("1.2.2")
    if toolchain is None:
        pytest.skip("needs 1.2.2")
    program = build(toolchain, Builder())
    said = subprocess.run(
        [program.built.path, "-do=cost", "-live=1", "-small=100000", "-large=100000"], capture_output=True, text=True
    )
    assert said.returncode == 0
    assert said.stdout.startswith("BenchmarkCost 1 ")
    assert said.stdout.split()[3::2] == ["alloc-16-ns", "alloc-64-ns", "alloc-64-two-ns"]
