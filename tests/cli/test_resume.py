"""Killed or interrupted at any moment, a comparison goes on where it was, and nothing measured is lost or redone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.run import BlockEnd, JournalLine, Run
from whence.store.journal import Journal

from .conftest import WHENCE, Answer, Whence

pytestmark = pytest.mark.real
Script = Callable[[str, str], Path]
OF = ("compare", "a:", "b:MORE=1", "--subject", "exec:", "--metric", "rss", "--quiet", "--seed", "5", "--out", "run")
BEHIND = ("--", "./prog")


@pytest.fixture
def prog(script: Script) -> Path:
    return script("prog", "sleep 0.02; echo BenchmarkHold 1 $((7 + ${MORE:-0})) frobs")


def lines(folder: Path) -> list[JournalLine]:
    path = folder / "run" / "journal.jsonl"
    return list(Journal(path).inspect().lines) if path.exists() else []


def counted(of: list[JournalLine]) -> list[Run]:
    return [line for line in of if isinstance(line, Run) and line.kind == "counted"]


def until(folder: Path, process: subprocess.Popen[str], runs: int) -> None:
    """Waits until so many counted runs are in the journal."""
    while len(counted(lines(folder))) < runs:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [WHENCE, *OF, *words, *BEHIND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("prog")
def test_killed_at_random_moments_it_finishes_with_the_runs_it_had(here: Whence, folder: Path) -> None:
    draw = random.Random()
    before: list[JournalLine] = []
    for kill in range(3):
        process = started("--pairs", "12")
        until(folder, process, len(counted(before)) + draw.randrange(1, 6))
        time.sleep(draw.random() * 0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        now = lines(folder)
        assert now[: len(before)] == before, f"kill {kill} changed what was written before it"
        before = now
    done = here(*OF, "--pairs", "12", "--json", "-", *BEHIND)
    assert done.code == 0
    after = lines(folder)
    assert after[: len(before)] == before
    complete = [(x.block, x.attempt) for x in after if isinstance(x, BlockEnd) and x.status == "complete"]
    assert sorted(block for block, _ in complete) == list(range(12)), "each block counts once"
    kept = {(x.block, x.attempt) for x in before if isinstance(x, BlockEnd) and x.status == "complete"}
    assert kept <= set(complete), "what was complete is not run again"
    assert sum(isinstance(x, Run) and x.kind == "pilot" for x in after) == 2
    assert done.document["effects"][0]["pairs"] == 12  # type: ignore[index]
    order = json.loads((folder / "run" / "plan.json").read_text())["plan"]["order"]
    for block, attempt in complete:
        of_block = sorted(
            (r for r in counted(after) if (r.block, r.attempt) == (block, attempt)), key=lambda r: r.position
        )
        assert [r.variant for r in of_block] == ["ab"[i] for i in order[block]], "the planned order is kept"


@pytest.mark.usefixtures("prog")
def test_killed_while_writing_its_answer_it_only_writes_it_down(here: Whence, folder: Path) -> None:
    whole = here(*OF, "--pairs", "6", "--json", "-", *BEHIND)
    for name in ("comparison.json", "report.html", "runs.parquet"):
        (folder / "run" / name).unlink()
    journal = (folder / "run" / "journal.jsonl").read_bytes()
    report = here("report", "run", "--json", "-")
    assert report.code == 0 and report.out == whole.out, "all was measured, so nothing is interim"
    assert here(*OF, "--pairs", "6", "--json", "-", *BEHIND).out == whole.out
    assert (folder / "run" / "journal.jsonl").read_bytes() == journal


@pytest.mark.usefixtures("prog")
def test_interrupted_it_prints_what_is_known_and_judges_nothing(here: Whence, folder: Path) -> None:
    process = started("--pairs", "500", "--gate", "rss<=+50%")
    until(folder, process, 16)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    answer = Answer(process.returncode, out, err)
    assert answer.code == 130 and "Traceback" not in err
    assert out.startswith("Interim, after ")
    assert "The same command with --out continues it." in " ".join(out.split())
    assert "✓ held" not in out
    kept = here("report", "run", "--json", "-")
    assert kept.code == 130 and kept.document["interim"] is True
    assert {e["verdict"] for e in kept.document["effects"]} == {"undetermined"}  # type: ignore[index,union-attr]
    assert kept.document["gates"][0]["outcome"] != "held"  # type: ignore[index]
    assert (folder / "run" / "report.html").exists() and (folder / "run" / "runs.parquet").exists()


@pytest.mark.usefixtures("prog")
def test_interrupted_before_anything_counts_it_says_so_in_one_line(folder: Path) -> None:
    process = started("--pairs", "6", "--prepare", "sleep 30")
    while not (folder / "run" / "plan.json").exists():
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines() == ["whence: interrupted; what was measured is kept."]


@pytest.mark.usefixtures("prog")
def test_two_sessions_do_not_measure_into_one_directory(here: Whence, folder: Path) -> None:
    process = started("--pairs", "500")
    until(folder, process, 1)
    second = here(*OF, "--pairs", "500", *BEHIND)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert second.refusal == "another session is measuring into run. Wait for it, or choose another --out."


@pytest.mark.usefixtures("prog")
def test_more_pairs_go_on_from_a_finished_run_and_judge_the_new_blocks_alone(here: Whence, folder: Path) -> None:
    assert here(*OF, "--pairs", "6", *BEHIND).code == 0
    had = lines(folder)
    more = here(*OF, "--pairs", "13", "--json", "-", *BEHIND)
    assert more.code == 0
    assert lines(folder)[: len(had)] == had
    assert len(counted(lines(folder))) == 26
    assert more.document["effects"][0]["pairs"] == 7  # type: ignore[index]
    assert any("were judged before" in note for note in more.document["notes"])  # type: ignore[union-attr]
