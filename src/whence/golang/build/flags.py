"""The flags of `go build` that a variant and the user's GOFLAGS come down to, in the spelling of each release."""

from __future__ import annotations

import re

import msgspec

from whence.evidence.variant import Variant
from whence.golang.build.user_settings import UserSettings
from whence.golang.versions import at_least

RANDLAYOUT_SINCE = "1.23"
CHECKLINKNAME_SINCE = "1.23"
TRIMPATH_SINCE = "1.13"
BUILDVCS_SINCE = "1.18"
_PATTERN = re.compile(r"[^-\s][^=]*=")
COMMA_TAGS_SINCE = "1.13"


class BuildFlags(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but `-o`, `-mod`, `-modfile`, `-overlay` and `-pgo`, which depend on where it is built."""

    tags: tuple[str, ...] = ()
    gcflags: str | None = None
    asmflags: str | None = None
    ldflags: str | None = None
    race: bool = False
    trimpath: bool = True
    modcacherw: bool = False
    mod: str | None = None
    """What GOFLAGS says about -mod."""
    explain: str | None = None
    """Pattern of packages of which the compiler tells what it decided (-m)."""
    explain_loops: bool = False
    """It also tells which loop variables are new for each iteration; for packages whose language has them so."""

    def arguments(self, version: str, *, layout_seed: int | None = None, free_linknames: bool = False) -> list[str]:
        """Returns the flags for that release. `free_linknames` lets one package reach into the runtime."""
        flags: list[str] = []
        if at_least(version, BUILDVCS_SINCE):
            flags.append("-buildvcs=false")
        if self.trimpath and at_least(version, TRIMPATH_SINCE):
            flags.append("-trimpath")
        if self.tags:
            flags.append(f"-tags={(',' if at_least(version, COMMA_TAGS_SINCE) else ' ').join(self.tags)}")
        flags += [f"-{n}={v}" for n, v in (("gcflags", self.gcflags), ("asmflags", self.asmflags)) if v is not None]
        if self.explain is not None:
            telling = f"-m{' -d=loopvar=2' if self.explain_loops else ''}"
            flags.append(f"-gcflags={self.explain}={f'{self._own_gcflags()} {telling}'.strip()}")
        if self.race:
            flags.append("-race")
        if self.modcacherw and at_least(version, "1.14"):
            flags.append("-modcacherw")
        linker = self.ldflags or ""
        if layout_seed is not None:
            linker = f"{linker} -randlayout={layout_seed}".strip()
        if free_linknames and at_least(version, CHECKLINKNAME_SINCE):
            linker = f"{linker} -checklinkname=0".strip()
        if linker or self.ldflags is not None:
            flags.append(f"-ldflags={linker}")
        return flags

    def _own_gcflags(self) -> str:
        """Returns what gcflags says for the program's packages, without a pattern; empty for patterns but `all`."""
        given = (self.gcflags or "").removeprefix("all=")
        return "" if _PATTERN.match(given) else given


def flags_of(variant: Variant, user: UserSettings) -> BuildFlags:
    """Returns the flags of one variant. What it sets replaces what GOFLAGS sets, as on Go's own command line."""
    given = user.goflags

    def value(name: str) -> str | None:
        chosen = variant.get(name)
        return given.get(name) if chosen is None else chosen

    return BuildFlags(
        tags=tuple(t for t in re.split(r"[\s,+]+", value("tags") or "") if t),
        gcflags=value("gcflags"),
        asmflags=given.get("asmflags"),
        ldflags=value("ldflags"),
        race=given.get("race") == "true",
        trimpath=given.get("trimpath") != "false",
        modcacherw=given.get("modcacherw") == "true",
        mod=given.get("mod"),
    )


def effective_seed(version: str, layout_seed: int | None) -> int | None:
    """Returns the seed the linker of that release can use: None below 1.23, which has no -randlayout."""
    return layout_seed if at_least(version, RANDLAYOUT_SINCE) else None
