"""The states of the GOEXPERIMENT switches of two variants, and which of them changed underneath a change of release.

What counts is the state of a switch (on or off), not how it is written. An older release that does not know a switch
has it off; a newer one that no longer does has it as the older one had by default.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from whence.evidence.variant import Variant
from whence.explain.attribution.levers import words_of
from whence.golang import toggles, toolchains
from whence.golang.toolchains import Toolchain

Release = str | Toolchain
NONE = "none"
"""GOEXPERIMENT=none turns every switch off that is on by default."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of one variant. `defaults`: of its release; empty when it is not known what it is built with."""

    words: Mapping[str, str]
    """Switch → the word as written: `swissmap` or `noswissmap`."""
    defaults: Mapping[str, bool]
    settled: Mapping[str, bool] = {}
    """Switches that this release had and no longer has, each as it was by default."""

    def state(self, name: str) -> bool:
        if name in self.words:
            return self.words[name] == name
        if name not in self.defaults:
            return self.settled.get(name, False)
        return NONE not in self.words and self.defaults[name]


def defaults(release: Release) -> dict[str, bool]:
    """Returns the GOEXPERIMENTs that a release knows, each with its default."""
    return {t.name: t.default.startswith("on") for t in toggles.known(release) if t.kind == "GOEXPERIMENT"}


def changed_defaults(before: Side, after: Side) -> dict[str, bool]:
    """Returns switch → the candidate's default, for switches that nobody wrote and that are otherwise in the base.

    A name that others begin with (`regabi` of `regabiargs`, …) is short for all of them, and no switch of its own.
    """
    written = {*before.words, *after.words}
    if NONE in written:
        return {}
    found = {n: on for n, on in after.defaults.items() if n not in written and on != before.state(n)}
    return {n: on for n, on in found.items() if sum(other.startswith(n) for other in found) < 3}


def both_sides(variants: tuple[Variant, Variant], sides: tuple[Release | None, Release | None]) -> tuple[Side, Side]:
    """Returns the switches of base and candidate. `sides`: what each builds with, None where that is not known."""
    base, candidate = (_side(v, r) for v, r in zip(variants, sides, strict=True))
    if sides[0] is None or sides[1] is None:
        return base, candidate
    versions = [toolchains.look_up(side)[0] for side in sides if side is not None]
    if versions[0] < versions[1]:
        return base, msgspec.structs.replace(candidate, settled=base.defaults)
    return msgspec.structs.replace(base, settled=candidate.defaults), candidate


def _side(variant: Variant, release: Release | None) -> Side:
    known = {} if release is None else defaults(release)
    words = {
        word if word == NONE or word in known else word.removeprefix("no"): word
        for word in words_of(variant, "experiment")
    }
    return Side(words=words, defaults=known)


def switch_word(name: str, on: bool) -> str:
    return name if on else f"no{name}"
