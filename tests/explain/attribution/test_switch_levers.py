"""Which GOEXPERIMENT switches are levers: what counts is their state in base and candidate, and who knows them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.variant import parse_variant
from whence.explain.attribution import switches
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.levers import Lever, Levers

KNOWN: Mapping[str, Mapping[str, bool]] = {
    "1.30.0": {"maps": True, "old": False, "both": False, "last": True},
    "1.31.0": {"maps": True, "fresh": True, "trial": False, "both": True},
}


@pytest.fixture(autouse=True)
def made_up_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "defaults", lambda release: dict(KNOWN[str(release)]))


def levers_of(base: str, candidate: str, toggles: str = "auto") -> Levers:
    variants = parse_variant(base), parse_variant(candidate)
    releases = (str(variants[0].get("go")), str(variants[1].get("go")))
    return derive(*variants, releases, toggles=toggles, directory=Path(), source=None)


def lever(levers: Levers, name: str) -> Lever:
    found = levers.get(name)
    assert found is not None, [x.name for x in levers.levers]
    return found


def names(levers: Levers) -> set[str]:
    return {x.name for x in levers.levers}


def corner(levers: Levers, *on: str) -> dict[str, str]:
    return {s.key: s.value for s in levers.only(on).settings}


OLD, NEW = "go=1.30.0", "go=1.31.0"


def test_what_changed_by_default_is_varied_in_the_new_release_only():
    levers = levers_of(OLD, NEW)
    assert names(levers) == {"1.31.0", "fresh", "both"}
    assert {x.needs for x in levers.levers if x.default} == {"1.31.0"}
    assert corner(levers) == {"go": "1.30.0"}
    assert corner(levers, "1.31.0") == {"go": "1.31.0", "experiment": "nofresh+noboth"}
    assert corner(levers, "1.31.0", "fresh", "both") == {"go": "1.31.0"}


def test_a_new_switch_that_the_candidate_turns_off_is_no_lever():
    levers = levers_of(OLD, f"{NEW},experiment=nofresh+noboth")
    assert names(levers) == {"1.31.0"}
    assert corner(levers) == {"go": "1.30.0"}
    assert corner(levers, "1.31.0") == {"go": "1.31.0", "experiment": "nofresh+noboth"}


def test_a_switch_that_the_base_turned_on_early_is_no_lever():
    levers = levers_of(f"{OLD},experiment=both", NEW)
    assert names(levers) == {"1.31.0", "fresh"}
    assert corner(levers) == {"go": "1.30.0", "experiment": "both"}
    assert corner(levers, "1.31.0", "fresh") == {"go": "1.31.0"}


def test_an_experiment_of_the_new_release_needs_it():
    levers = levers_of(OLD, f"{NEW},experiment=trial", "none")
    assert lever(levers, "trial").needs == "1.31.0"
    assert corner(levers, "1.31.0") == {"go": "1.31.0"}
    assert corner(levers, "1.31.0", "trial") == {"go": "1.31.0", "experiment": "trial"}


def test_a_switch_that_both_know_is_varied_in_both_releases():
    levers = levers_of(f"{OLD},experiment=nomaps", NEW, "none")
    assert lever(levers, "maps").needs is None
    assert corner(levers, "maps") == {"go": "1.30.0"}
    assert corner(levers, "1.31.0") == {"go": "1.31.0", "experiment": "nomaps"}


def test_where_defaults_differ_nothing_written_is_spelled_out():
    levers = levers_of(OLD, f"{NEW},experiment=both", "none")
    assert corner(levers, "both") == {"go": "1.30.0", "experiment": "both"}
    assert corner(levers, "1.31.0") == {"go": "1.31.0", "experiment": "noboth"}


@pytest.mark.parametrize("word", ["old", "nolast"])
def test_a_switch_that_is_gone_in_the_new_release_is_entangled_with_it(word: str):
    levers = levers_of(f"{OLD},experiment={word}", NEW, "none")
    assert names(levers) == {"1.31.0"}
    assert lever(levers, "1.31.0").entangled_with == (word.removeprefix("no"),)
    assert corner(levers) == {"go": "1.30.0", "experiment": word}
    assert corner(levers, "1.31.0") == {"go": "1.31.0"}


def test_going_back_what_became_permanent_has_not_changed_and_what_is_lost_is_told():
    levers = levers_of(NEW, OLD)
    assert names(levers) == {"1.30.0", "both"}
    assert any("fresh" in note for note in levers.notes)


def test_a_switch_written_as_it_is_anyway_is_no_difference():
    with pytest.raises(BadInput, match="maps is on by default here"):
        levers_of(NEW, f"{NEW},experiment=maps")


def test_all_switches_off_is_one_lever():
    assert names(levers_of(f"{OLD},experiment=none", NEW)) == {"1.31.0", "none"}


def test_short_names_for_several_switches_are_left_out(monkeypatch: pytest.MonkeyPatch):
    family = {"calls": True, "callsin": True, "callsout": True}
    monkeypatch.setitem(KNOWN, "1.31.0", family)  # type: ignore[arg-type]
    assert names(levers_of("go=1.30.0", "go=1.31.0")) == {"1.31.0", "callsin", "callsout"}


def test_a_switch_that_is_not_asked_for_is_named_as_left_out():
    levers = levers_of(OLD, NEW, "fresh,maps")
    assert names(levers) == {"1.31.0", "fresh"}
    assert any("maps is as it was" in note for note in levers.notes)
    assert any(note.endswith(": both") for note in levers.notes)
