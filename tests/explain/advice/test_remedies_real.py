"""Remedies for a release that makes more of large objects resident, with real toolchains and processes."""

from pathlib import Path

import pytest

from whence.evidence.attribution import Cause, RejectedRemedy, Remedy
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.explain.advice.judge import Tried
from whence.explain.advice.propose import Situation, propose
from whence.measure.compare import Silent
from whence.measure.settle import settle
from whence.measure.trials import Trials
from whence.store.inquiry_directory import InquiryDirectory

SUBJECT = "workload:heapshape?shape=slice&size=262144&fill=25&count=160&small=11"
CAUSE = Cause(kind="toolchain-patch", name="1.24.0", share=0.9, blamed=True)


def judged(folder: Path) -> tuple[tuple[Remedy, ...], tuple[RejectedRemedy, ...], Path]:
    inquiry = Inquiry(
        request=Request(variants=("go=1.23.9", "go=1.24.3"), subject=SUBJECT, metrics=("rss",), seed=5, timeout_s=60)
    )
    directory = InquiryDirectory(folder)
    directory.open(inquiry, 5)
    with directory:
        trials = Trials(settle(inquiry.request), directory, Silent(), seed=5)
        trials.pilot()
        situation = Situation(
            base=trials.base,
            candidate=trials.candidate,
            metric=trials.metric,
            release="1.24.3",
            fixed_in="1.24.6",
            newest_carries=None,
            candidate_value=60e6,
        )
        proposals = [p for p in propose([CAUSE], situation, lambda name: None) if "GOMEMLIMIT" not in p.change]
        tried = Tried(trials, situation, margin=0.01, exact=False, change=0.9)
        return *tried.judge(proposals, 7), directory.journal("remedies").path


@pytest.mark.real
@pytest.mark.network
def test_the_fixed_patch_is_accepted_a_smaller_goal_is_not_and_nothing_is_measured_twice(tmp_path: Path):
    accepted, rejected, journal = judged(tmp_path / "explained")
    assert [r.change.startswith("go=1.24.") for r in accepted] == [True]
    assert accepted[0].ratio == pytest.approx(1.0, abs=0.01)
    assert accepted[0].price["rss-peak"] < 0.6, "the peak falls with it"
    assert [r.change for r in rejected] == ["GOGC=50"]
    assert rejected[0].ratio is not None and rejected[0].ratio > 1.5
    written = journal.read_bytes()
    assert judged(tmp_path / "explained")[:2] == (accepted, rejected)
    assert journal.read_bytes() == written
