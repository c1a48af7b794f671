"""The same switch turned on in the base: only where the base's release has it, beside what the base already sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.attribution import Cause
from whence.evidence.variant import parse_variant
from whence.explain.attribution import other_side as module
from whence.explain.attribution import switches
from whence.explain.attribution.deriving import derive
from whence.explain.attribution.other_side import other_side, seen_from_the_base

KNOWN = {"1.30.0": {"early": False, "trial": False}, "1.31.0": {"early": True, "fresh": True, "trial": False}}


def test_a_switch_is_seen_from_the_base_where_its_release_has_it(monkeypatch: pytest.MonkeyPatch):
    for place in (switches, module):
        monkeypatch.setattr(place, "defaults", lambda release: dict(KNOWN[str(release)]))
    variants = parse_variant("go=1.30.0,experiment=trial"), parse_variant("go=1.31.0,experiment=trial")
    levers = derive(*variants, ("1.30.0", "1.31.0"), directory=Path(), source=None)
    assert {x.name for x in levers.levers} == {"1.31.0", "early", "fresh"}
    found = other_side(levers, "1.30.0")
    assert {name: v.spec for name, v in found.items()} == {"early": "go=1.30.0,experiment=trial+early"}


def test_only_a_cause_that_is_blamed_is_measured_from_the_other_side():
    base, turned = parse_variant("base:A=0"), parse_variant("A=1")
    lab = MadeUpLab("base:A=0", "A=1", lambda s: 2.0 if s["A"] == "1" else 1.0, noise=0.001)
    causes = [Cause(kind="toggle", name=name, blamed=name == "x") for name in ("x", "y")]
    told = seen_from_the_base(causes, {"x": turned, "y": turned}, lab, base, blocks=8)
    assert told[0].evidence[0].startswith("turned on in the base alone (A=1): ×2")
    assert told[1].evidence == ()
    assert lab.asked == ["other-side-x"]
