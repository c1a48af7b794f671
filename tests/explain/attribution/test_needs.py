"""What can be moved alone, and what is named as entangled when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.variant import Variant, parse_variant
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.levers import Levers
from whence.explain.attribution.needs import settle_needs
from whence.stats.designs import choose

Refuses = Callable[[Mapping[str, str]], str | None]


def settled(base: str, candidate: str, refuses: Refuses) -> Levers:
    variants = parse_variant(base), parse_variant(candidate)
    releases = (variants[0].get("go"), variants[1].get("go"))
    levers = derive(*variants, releases, directory=Path(), source=None)
    assert levers.levers
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
    assert [(lever.name, lever.entangled_with) for lever in levers.levers] == [("x", ("y",))]
    assert {s.key: s.value for s in levers.variant((1,)).settings} == {"mod.x": "v1.1.0", "mod.y": "v1.1.0"}
    assert "x and y cannot be moved apart: must move together" in levers.notes


def test_a_switch_of_the_new_release_that_cannot_be_turned_off_is_told_with_the_release():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "needs it" if "noallocheaders" in s.get("experiment", "") else None

    levers = settled("go=1.21.13", "go=1.22.12", refuses)
    release = levers.get("1.22.12")
    assert release is not None and release.entangled_with == ("allocheaders",)
    assert levers.only([]).spec == "go=1.21.13"
    assert levers.get("exectracer2") is not None


def test_a_setting_that_the_old_release_does_not_have_needs_the_new_one():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "no such level" if s["go"] == "1.21.13" and "goline" in s else None

    levers = settled("go=1.21.13", "go=1.22.12,goline=1.22", refuses)
    assert {x.name: x.needs for x in levers.levers if not x.default} == {"1.22.12": None, "1.22": "1.22.12"}


def test_everything_is_asked_cheaply_before_anything_is_built():
    class Watched(MadeUpLab):
        asked_to_build = 0

        def failure(self, variant: Variant) -> str | None:
            self.asked_to_build += 1
            return super().failure(variant)

    lab = Watched("a:A=0", "b:A=1", lambda s: 1.0, refuses=lambda s: "no" if "goamd64" in s else None)
    variants = parse_variant("gcflags=-N"), parse_variant("gcflags=-l,goamd64=v3")
    levers = settle_needs(derive(*variants, (None, None), directory=Path(), source=None), lab)
    assert len(levers.levers) == 1
    assert lab.asked_to_build == 0


def test_three_that_clash_only_together_lose_one_way_to_be_moved():
    def refuses(s: Mapping[str, str]) -> str | None:
        return "clash" if (s["mod.x"], s["mod.y"], s["mod.z"]) == ("v2", "v2", "v1") else None

    levers = settled("mod.x=v1,mod.y=v1,mod.z=v1", "mod.x=v2,mod.y=v2,mod.z=v2", refuses)
    cells = [levers.variant(cell) for cell in choose(levers.factors).cells]
    assert all(refuses({s.key: s.value for s in cell.settings}) is None for cell in cells)
    assert len(levers.levers) >= 2


def test_only_cells_of_the_plan_are_built_when_all_of_them_build():
    built: set[str] = set()

    class Watched(MadeUpLab):
        def failure(self, variant: Variant) -> str | None:
            built.add(variant.spec)
            return None

    base, candidate = (",".join(f"mod.{n}={v}" for n in "abcdef") for v in ("v1", "v2"))
    variants = parse_variant(base), parse_variant(candidate)
    levers = derive(*variants, (None, None), directory=Path(), source=None)
    assert settle_needs(levers, Watched("a:A=0", "b:A=1", lambda s: 1.0)) == levers
    assert built == {levers.variant(cell).spec for cell in choose(levers.factors).builds}
