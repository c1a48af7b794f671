"""Only one side builds: what is named as breaking it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.attribution import Cause
from whence.evidence.variant import parse_variant
from whence.explain.attribution import breaks
from whence.explain.attribution.breaks import find_break
from whence.explain.attribution.deriving import derive
from whence.golang.versions import at_least

Refuses = Callable[[Mapping[str, str]], str | None]


def broken(base: str, candidate: str, refuses: Refuses) -> tuple[Cause, ...]:
    variants = parse_variant(base), parse_variant(candidate)
    releases = (variants[0].get("go"), variants[1].get("go"))
    levers = derive(*variants, releases, directory=Path(), source=None)
    return find_break(levers, MadeUpLab("a:A=0", "b:A=1", lambda s: 1.0, refuses=refuses), releases)


def test_the_first_release_that_does_not_build_is_named():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "undefined: x" if at_least(s["go"], "1.23.4") else None

    (cause,) = broken("go=1.22.4,GOGC=50", "go=1.24.3,GOGC=60", refuses)
    assert (cause.kind, cause.name, cause.blamed) == ("toolchain-patch", "1.23.4", True)
    assert cause.evidence == ("undefined: x", "go1.23.3 builds it, go1.23.4 does not")


def test_a_base_that_no_longer_builds_is_searched_from_the_candidate():
    (cause,) = broken("go=1.22.4", "go=1.24.3", lambda s: None if at_least(s["go"], "1.23.4") else "too old")
    assert cause.name == "1.23.3"
    assert cause.evidence[1] == "go1.23.4 builds it, go1.23.3 does not"


def test_the_first_version_of_a_module_that_does_not_build_is_named(monkeypatch: pytest.MonkeyPatch):
    versions = [f"v1.{minor}.0" for minor in range(10)]
    monkeypatch.setattr(breaks, "versions_between", lambda path, old, new: versions)

    def refuses(s: Mapping[str, str]) -> str | None:
        return "gone" if versions.index(s["mod.m.org/x"]) >= 6 else None

    (cause,) = broken("tags=a,mod.m.org/x=v1.0.0", "tags=b,mod.m.org/x=v1.9.0", refuses)
    assert (cause.kind, cause.name) == ("module", "m.org/x")
    assert cause.evidence == ("gone", "v1.5.0 builds, v1.6.0 does not")


def test_two_things_that_break_it_only_together_are_both_named():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "clash" if s["goamd64"] == "v3" and s["gcflags"] == "-N" else None

    found = broken("goamd64=v1,gcflags=-l,GOGC=50", "goamd64=v3,gcflags=-N,GOGC=60", refuses)
    assert {cause.name: cause.entangled_with for cause in found} == {"goamd64": ("gcflags",), "gcflags": ("goamd64",)}
    assert all(cause.evidence[0] == "clash" for cause in found)


def test_a_release_is_tried_with_the_switches_it_has_by_itself():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "no such switch" if "experiment" in s else "vet" if s.get("gcflags") == "-x" else None

    (cause,) = broken("go=1.23.9,gcflags=-l", "go=1.24.3,gcflags=-x", refuses)
    assert cause.name == "gcflags"
