"""The directory of an explanation: what goes on, what is refused, what is still readable."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from whence.evidence.attribution import Attribution, Spent, Total
from whence.evidence.errors import BadInput
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.evidence.run import Run, Sample, Session
from whence.store import inquiry_directory
from whence.store.inquiry_directory import InquiryDirectory
from whence.store.locking import RunDirectoryInUse

INQUIRY = Inquiry(request=Request(variants=("go=1.23.9", "go=1.24.3"), subject="workload:trees", metrics=("rss",)))
NOTHING = Total(
    ratio=None, low=None, high=None, base_value=None, candidate_value=None, delta=None, delta_low=None, delta_high=None
)
PLAN = Spent(builds=0, runs=0, seconds=0)
ANSWER = Attribution(subject="s", seed=1, metric="rss", unit="B", total=NOTHING, plan=PLAN, verdict="no-effect")


def test_the_same_inquiry_goes_on_with_the_seed_it_began_with(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as first:
        assert first.open(INQUIRY, 7).seed == 7
    with InquiryDirectory(tmp_path / "x") as again:
        assert again.open(INQUIRY, 8).seed == 7


def test_another_inquiry_is_refused_with_the_difference_and_the_command_to_resume(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as first:
        first.open(INQUIRY, 7)
    other = msgspec.structs.replace(INQUIRY, toggles="none")
    with pytest.raises(BadInput, match=r"other toggles.*whence explain go=1.23.9 go=1.24.3") as error:
        InquiryDirectory(tmp_path / "x").open(other, 7)
    assert "\n" not in str(error.value)


def test_two_sessions_do_not_measure_into_one_directory(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as first:
        first.open(INQUIRY, 7)
        with pytest.raises(RunDirectoryInUse):
            InquiryDirectory(tmp_path / "x").open(INQUIRY, 7)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(BadInput, match=r"precious\.txt"):
        InquiryDirectory(tmp_path).open(INQUIRY, 7)
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


def test_stages_keep_their_journals_and_their_plans_apart(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        directory.journal("cells").append(Session(started_at=1.0, host_name="h"))
        directory.write_stage("over-arg.size=16", Session(started_at=2.0, host_name="h"))
        assert directory.read_stage("over-arg.size=16", Session) == Session(started_at=2.0, host_name="h")
        assert directory.read_stage("cells", Session) is None
    assert list(inquiry_directory.load(tmp_path / "x").lines) == ["cells"]


def test_what_can_be_read_is_read_and_the_damage_is_named(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        directory.write_attribution(ANSWER)
    (tmp_path / "x" / "inquiry.json").write_text("{")
    stored = inquiry_directory.load(tmp_path / "x")
    assert stored.attribution == ANSWER
    assert "inquiry.json" in stored.damage[0]


def test_a_directory_of_nothing_is_no_explanation(tmp_path: Path):
    assert not inquiry_directory.is_explanation(tmp_path)
    with pytest.raises(BadInput, match="no directory of an explanation"):
        inquiry_directory.load(tmp_path)


def test_a_refused_inquiry_gives_the_directory_free_again(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as first:
        first.open(INQUIRY, 7)
    with pytest.raises(BadInput):
        InquiryDirectory(tmp_path / "x").open(msgspec.structs.replace(INQUIRY, budget="9m"), 7)
    with InquiryDirectory(tmp_path / "x") as again:
        assert again.open(INQUIRY, 7).inquiry == INQUIRY


def test_an_inquiry_that_cannot_be_read_is_refused_in_one_line_and_left_as_it_is(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as first:
        first.open(INQUIRY, 7)
    (tmp_path / "x" / "inquiry.json").write_text('{"schema": 3}')
    with pytest.raises(BadInput, match=r"inquiry\.json cannot be read") as error:
        InquiryDirectory(tmp_path / "x").open(INQUIRY, 7)
    assert "\n" not in str(error.value)
    assert (tmp_path / "x" / "inquiry.json").read_text() == '{"schema": 3}'


@pytest.mark.parametrize("name", ["over-arg.path=../../../../etc", "a/b", "..", "/abs", "mod.a.b/c=v1", "x\ny"])
def test_names_of_stages_and_scratch_never_lead_out_of_the_directory(tmp_path: Path, name: str):
    directory = InquiryDirectory(tmp_path / "x")
    directory.open(INQUIRY, 7)
    with directory:
        stage = f"cells-{name}"
        directory.write_stage(stage, Session(started_at=1.0, host_name="h"))
        directory.journal(stage).append(Session(started_at=1.0, host_name="h"))
        scratch = directory.scratch(f"overlay-{name}")
        assert scratch.is_absolute() and scratch.parent == (tmp_path / "x" / "scratch").absolute()
        assert directory.stage_folder(stage).parent == tmp_path / "x" / "stages"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_a_stage_has_one_journal_however_often_it_is_asked_for(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        assert directory.journal("cells") is directory.journal("cells")
        assert directory.journal("cells") is not directory.journal("total")


def test_without_runs_there_is_no_table_of_runs(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        assert directory.write_runs_parquet() is None
    assert not (tmp_path / "x" / "runs.parquet").exists()


def test_the_runs_of_all_stages_are_one_table(tmp_path: Path):
    import duckdb

    def run(stage: str) -> Run:
        known = {"kind": "counted", "variant": "base", "block": 0, "started_at": 1.0, "seconds": 0.5, "outcome": "ok"}
        return Run(id=f"{stage}-1", samples=(Sample("rss", 5.0, "B"), Sample("cpu", 1.0, "s")), **known)  # type: ignore[arg-type]

    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        for stage in ("total", "cells"):
            directory.journal(stage).append(run(stage))
        path = directory.write_runs_parquet()
    assert path == tmp_path / "x" / "runs.parquet"
    rows = duckdb.sql(f"select stage, count(*) from '{path}' group by stage order by stage").fetchall()
    assert rows == [("cells", 2), ("total", 2)]


def test_an_answer_alone_is_an_explanation_though_what_was_asked_is_gone(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        directory.write_attribution(ANSWER)
    (tmp_path / "x" / "inquiry.json").unlink()
    found = inquiry_directory.load(tmp_path / "x")
    assert (found.inquiry, found.attribution, found.damage, found.lines) == (None, ANSWER, (), {})


def test_both_documents_damaged_are_both_named(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        directory.write_attribution(ANSWER)
    for name in ("inquiry.json", "attribution.json"):
        (tmp_path / "x" / name).write_bytes(b"\xff{")
    found = inquiry_directory.load(tmp_path / "x")
    assert (found.inquiry, found.attribution) == (None, None)
    assert len(found.damage) == 2
    assert "inquiry.json" in found.damage[0] and "attribution.json" in found.damage[1]


def test_numbers_that_are_none_are_stored_as_null_and_read_back(tmp_path: Path):
    with InquiryDirectory(tmp_path / "x") as directory:
        directory.open(INQUIRY, 7)
        directory.write_attribution(ANSWER)
    text = (tmp_path / "x" / "attribution.json").read_text()
    assert '"ratio": null' in text and text.endswith("}\n")
    assert inquiry_directory.load(tmp_path / "x").attribution == ANSWER
