"""A run directory resumes what it holds, refuses what it is not, and says what is left of it when damaged."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from whence.evidence.comparison import Comparison, HostReport, Plan, VariantResult
from whence.evidence.errors import BadInput
from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, Run, Sample
from whence.store.run_directory import DamagedRunDirectory, RunDirectory, RunDirectoryInUse, load

REQUEST = Request(variants=("go=1.23.9", "go=1.24.3"), subject="./cmd", metrics=("rss",), seed=5)
PLAN = Plan(seed=5, variants=REQUEST.variants, pairs=1, order=((1, 0),), metrics=("rss",))
COMPARISON = Comparison(subject="./cmd", seed=5, variants=(), host=HostReport(cpus=2, calibration={}), effects=())


def run(position: int, samples: tuple[Sample, ...] = (), attempt: int = 0) -> Run:
    return Run(
        id=f"c0.{attempt}.{position}",
        kind="counted",
        variant=REQUEST.variants[position],
        block=0,
        attempt=attempt,
        position=position,
        started_at=1.0 + position,
        seconds=0.5,
        outcome="ok" if samples else "signal",
        signal=None if samples else "SIGSEGV",
        host={"psi-cpu-some-s": 0.25},
        samples=samples,
    )


def fill(path: Path) -> None:
    with RunDirectory.open(path, REQUEST) as directory:
        directory.write_plan(PLAN, pilot={"seconds_per_block": 1.5})
        directory.journal.append(run(0, (Sample("rss", 4096.0, "B"), Sample("ns/op", 2.0, "ns/op", "Decode"))))
        directory.journal.append(run(1))
        directory.journal.append(BlockEnd(block=0, attempt=0, status="complete"))
        directory.write_comparison(COMPARISON)


def test_everything_that_was_stored_is_loaded(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    stored = load(tmp_path / "run")
    assert (stored.request, stored.plan, stored.comparison) == (REQUEST, PLAN, COMPARISON)
    assert len(stored.lines) == 3
    assert stored.damage == ()


def test_the_same_request_resumes(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    with RunDirectory.open(tmp_path / "run", REQUEST) as directory:
        assert directory.read_plan() == PLAN
        assert len(directory.journal.read()) == 3


def test_a_seed_left_out_takes_the_stored_one(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    with RunDirectory.open(
        tmp_path / "run", Request(variants=REQUEST.variants, subject="./cmd", metrics=("rss",))
    ) as d:
        assert d.request == REQUEST


def test_another_request_is_refused_naming_the_difference_and_the_way_out(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    other = Request(variants=("go=1.23.9", "go=1.25.5"), subject="./cmd", metrics=("rss",), seed=5)
    with pytest.raises(BadInput, match=r"variants was .*1\.24\.3, now .*1\.25\.5.*--out") as caught:
        RunDirectory.open(tmp_path / "run", other)
    assert "\n" not in str(caught.value)


def test_two_sessions_cannot_share_a_directory_and_a_closed_one_frees_it(tmp_path: Path) -> None:
    first = RunDirectory.open(tmp_path / "run", REQUEST)
    with pytest.raises(RunDirectoryInUse, match="another session"):
        RunDirectory.open(tmp_path / "run", REQUEST)
    first.close()
    RunDirectory.open(tmp_path / "run", REQUEST).close()


def test_a_directory_without_any_run_still_has_its_table(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path / "run", REQUEST) as directory:
        assert directory.write_runs_parquet().exists()


def test_a_refused_request_leaves_the_directory_free(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    with pytest.raises(BadInput):
        RunDirectory.open(tmp_path / "run", Request(variants=("a:", "b:"), subject="exec:"))
    RunDirectory.open(tmp_path / "run", REQUEST).close()


def test_an_unwritable_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        RunDirectory.open(tmp_path / "file" / "run", REQUEST)
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(BadInput, match="cannot be written"):
            RunDirectory.open(tmp_path / "run", REQUEST)


def test_a_directory_of_something_else_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(BadInput, match=r"holds thesis\.tex"):
        RunDirectory.open(tmp_path, REQUEST)
    assert not (tmp_path / "plan.json").exists()


def test_a_damaged_journal_loads_as_far_as_it_goes_but_does_not_resume(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    journal = tmp_path / "run" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"garbage\n" + lines[2])
    stored = load(tmp_path / "run")
    assert len(stored.lines) == 2
    assert "line 2 of 3" in stored.damage[0]
    with pytest.raises(BadInput, match="line 2 of 3"):
        RunDirectory.open(tmp_path / "run", REQUEST)


@pytest.mark.parametrize("name", ["plan.json", "comparison.json"])
def test_a_damaged_document_is_told_and_the_rest_is_loaded(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "run")
    path = tmp_path / "run" / name
    path.write_bytes(path.read_bytes()[:40])
    stored = load(tmp_path / "run")
    assert name in stored.damage[0]
    assert "3 journal lines" in stored.damage[0]
    assert len(stored.lines) == 3


def test_a_journal_without_its_plan_is_not_taken_for_a_new_directory(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    (tmp_path / "run" / "plan.json").unlink()
    with pytest.raises(DamagedRunDirectory, match=r"without plan\.json"):
        RunDirectory.open(tmp_path / "run", REQUEST)
    stored = load(tmp_path / "run")
    assert len(stored.lines) == 3 and "plan.json is gone" in stored.damage[0]


def test_a_journal_that_lost_runs_of_the_answer_is_told(tmp_path: Path) -> None:
    fill(tmp_path / "run")
    answer = msgspec.structs.replace(
        COMPARISON,
        variants=(VariantResult(name="a", spec="a:", go=None, binary_sha256=None, outcomes={"ok": 2, "signal": 1}),),
    )
    with RunDirectory.open(tmp_path / "run", REQUEST) as directory:
        directory.write_comparison(answer)
    (tmp_path / "run" / "journal.jsonl").unlink()
    assert "holds 0 of the 3 runs" in load(tmp_path / "run").damage[0]


def test_no_run_directory_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no run directory"):
        load(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "plan.json").write_text("{")
    with pytest.raises(DamagedRunDirectory, match="nothing in it can be read"):
        load(tmp_path / "empty")


def test_a_document_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "run")
    directory = RunDirectory(tmp_path / "run")

    def fail(self: Path, target: Path) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        directory.write_comparison(COMPARISON)
    monkeypatch.undo()
    assert directory.read_comparison() == COMPARISON
    assert not [p for p in (tmp_path / "run").iterdir() if p.name.endswith(".tmp")]
