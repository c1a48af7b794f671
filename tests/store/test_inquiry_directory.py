"""The directory of an explanation: what goes on, what is refused, what is still readable."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from whence.evidence.attribution import Attribution, Spent, Total
from whence.evidence.errors import BadInput
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.evidence.run import Session
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
