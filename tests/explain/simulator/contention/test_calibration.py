"""The calibration foretells a mix that was held out of it, and is the one that its runs give."""

from __future__ import annotations

import pytest
from bench.contention import checking, fitting, measuring

from whence.explain.simulator.contention.calibration import calibration, measured_for
from whence.golang.versions import parse_version


def calibrating() -> list[dict]:
    return [run for run in measuring.recorded() if run["mix"] != measuring.HELD_OUT]


def test_a_held_out_mix_takes_its_locks_as_often_and_as_long_as_foretold() -> None:
    found = checking.compare(measuring.recorded(), fitting.fit(calibrating()))
    assert set(found) == set(measuring.RELEASES)
    for pairs in found.values():
        for name, most in (("heap locks", 0.35), ("heap ns", 0.2)):
            predicted, measured = pairs[name]
            assert predicted == pytest.approx(measured, rel=most)
        predicted, measured = pairs["central locks"]
        assert predicted == pytest.approx(measured, rel=0.25, abs=0.01)
        predicted, measured = pairs["cpu ns"]
        assert 0.5 < predicted / measured < 1.6


def test_the_package_holds_what_the_recorded_runs_give() -> None:
    assert fitting.fit(calibrating()).releases == calibration().releases


def test_a_release_that_was_not_measured_takes_one_of_its_kind() -> None:
    names = [measured_for(parse_version(go)).go for go in ("1.3", "1.12", "1.14", "1.15", "1.20", "1.23", "1.26")]
    assert names == ["1.10.8", "1.10.8", "1.14.15", "1.15.15", "1.15.15", "1.22.12", "1.24.13"]
