"""What can be set as in the base or as in the candidate, each by itself, and the variant that a cell of levels is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from whence.evidence.attribution import CauseKind
from whence.evidence.variant import Setting, Variant, changed, parse_variant, written
from whence.stats.designs import Cell, Factor

Settings = tuple[Setting, ...]
WORDS = frozenset({"go", "experiment", "tags"})
"""Keys whose value is not moved as a whole: the release brings its switches, and a list is moved word by word."""


class Lever(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that differs. `off`, `on`: what a variant holds when it is as in the base, as in the candidate."""

    name: str
    """A switch by its own name without `no`, a module by its path, a go line by its number, a variable by its name."""
    kind: CauseKind
    is_build: bool = True
    needs: str | None = None
    """Name of the lever that must be on for this one to be on."""
    off: Settings = ()
    on: Settings = ()
    experiments_off: tuple[str, ...] = ()
    experiments_on: tuple[str, ...] = ()
    tags_off: tuple[str, ...] = ()
    tags_on: tuple[str, ...] = ()
    when: str | None = None
    """Name of the lever that must be on for these settings to be written at all: a switch of the new release."""
    written: str = ""
    """As the candidate has it, for people: `go=1.24.3`, `experiment=greenteagc`."""
    entangled_with: tuple[str, ...] = ()
    default: bool = False
    """A switch whose default changed with the release; nobody wrote it."""


class Levers(msgspec.Struct, frozen=True, kw_only=True):
    """All that differs between two variants. `notes`: what was left out, and why."""

    base: Variant
    candidate: Variant
    levers: tuple[Lever, ...]
    notes: tuple[str, ...] = ()

    @property
    def factors(self) -> tuple[Factor, ...]:
        return tuple(Factor(x.name, is_build=x.is_build, needs=x.needs) for x in self.levers)

    @property
    def release(self) -> Lever | None:
        """The lever that moves the release, None where both sides have the same."""
        return next((x for x in self.levers if x.kind == "toolchain"), None)

    def get(self, name: str) -> Lever | None:
        return next((x for x in self.levers if x.name == name), None)

    def variant(self, cell: Cell, name: str | None = None, extra: Mapping[str, str] | None = None) -> Variant:
        """Returns the cell as a variant that can be built, `extra` settings on top of it."""
        on = {lever.name: bool(level) for lever, level in zip(self.levers, cell, strict=True)}
        settings = {s.key: s.value for s in self._common()}
        words = {"experiment": self._common_words("experiment"), "tags": self._common_words("tags")}
        for lever in self.levers:
            if lever.when is not None and not on.get(lever.when, True):
                continue
            level = on[lever.name]
            for setting in lever.on if level else lever.off:
                settings[setting.key] = setting.value
            words["experiment"] += list(lever.experiments_on if level else lever.experiments_off)
            words["tags"] += list(lever.tags_on if level else lever.tags_off)
        for key, mark in (("experiment", "+"), ("tags", ",")):
            if words[key]:
                settings[key] = mark.join(dict.fromkeys(words[key]))
        variant = parse_variant(written(_go_first(settings)))
        if extra:
            variant = changed(variant, extra)
        return variant if name is None else msgspec.structs.replace(variant, name=name, named=True)

    def undone(self, name: str) -> str:
        """Returns the candidate with one lever taken back, as a user writes it; what needs it goes back too."""
        cell = tuple(0 if x.name == name or x.needs == name else 1 for x in self.levers)
        return self.variant(cell).spec or "base:"

    def only(self, names: Sequence[str]) -> Variant:
        """Returns the base with these levers as in the candidate."""
        return self.variant(tuple(int(x.name in names) for x in self.levers))

    def _common(self) -> Settings:
        """Returns what both variants hold alike, except lists of words. One release written in two ways is alike."""
        candidate = {s.key: s.value for s in self.candidate.settings}
        same = [s for s in self.base.settings if s.key not in WORDS and candidate.get(s.key) == s.value]
        moved = any(s.key == "go" for lever in self.levers for s in (*lever.off, *lever.on))
        written = next((s for v in (self.base, self.candidate) for s in v.settings if s.key == "go"), None)
        ready = any(s.key == "binary" for v in (self.base, self.candidate) for s in v.settings)
        return (written, *same) if written is not None and not moved and not ready else tuple(same)

    def _common_words(self, key: str) -> list[str]:
        theirs = words_of(self.candidate, key)
        return [word for word in words_of(self.base, key) if word in theirs]


def words_of(variant: Variant, key: str) -> tuple[str, ...]:
    """Returns the words of `experiment=a+b` or `tags=a,b`."""
    text = variant.get(key) or ""
    return tuple(word for word in text.replace("+", ",").replace(" ", ",").split(",") if word)


def _go_first(settings: Mapping[str, str]) -> dict[str, str]:
    return {k: settings[k] for k in ("go",) if k in settings} | dict(settings)
