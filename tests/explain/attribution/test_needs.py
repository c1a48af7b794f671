"""What can be moved alone, and what is named as entangled when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.variant import parse_variant
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.needs import settle_needs

Refuses = Callable[[Mapping[str, str]], str | None]


def settled(base: str, candidate: str, refuses: Refuses) -> Levers:
    levers = derive(parse_variant(base), parse_variant(candidate), (None, None), directory=Path(), source=None)
    for_builds = tuple(levers.levers)
    assert for_builds
    lab = MadeUpLab("a:A=0", "b:A=1", lambda s: 1.0, refuses=refuses)
    return settle_needs(levers, lab)


def test_what_builds_in_every_combination_stays_as_it_is():
    levers = settled("gcflags=-N", "gcflags=-l,goamd64=v3", lambda s: None)
    assert [lever.needs for lever in levers.levers] == [None, None]


def test_what_is_refused_alone_needs_the_other():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "too old" if "goamd64" in s and s["mod.x"] == "v1.0.0" else None

    levers = settled("mod.x=v1.0.0", "mod.x=v1.1.0,goamd64=v3", refuses)
    assert {lever.name: lever.needs for lever in levers.levers} == {"x": None, "goamd64": "x"}
    assert "goamd64 needs x" in levers.notes[0]


def test_what_can_only_be_had_together_is_one_lever_that_says_so():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "must move together" if (s["mod.x"] == "v1.0.0") != (s["mod.y"] == "v1.0.0") else None

    levers = settled("mod.x=v1.0.0,mod.y=v1.0.0", "mod.x=v1.1.0,mod.y=v1.1.0", refuses)
    assert len(levers.levers) <= 2
    if len(levers.levers) == 1:
        assert levers.levers[0].entangled_with == ("y",)
    corner = levers.variant((1,) * len(levers.levers))
    assert {s.key: s.value for s in corner.settings} == {"mod.x": "v1.1.0", "mod.y": "v1.1.0"}
