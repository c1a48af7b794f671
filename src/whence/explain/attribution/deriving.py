"""From two variants to levers: every setting that differs, and what differs underneath a change of release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from whence.evidence.attribution import CauseKind
from whence.evidence.errors import BadInput
from whence.evidence.variant import Setting, Variant
from whence.explain.attribution.levers import WORDS, Lever, Levers, words_of
from whence.explain.attribution.revisions import revision_levers
from whence.explain.attribution.switch_levers import find_switches
from whence.golang.build import Source
from whence.golang.toolchains import Toolchain

KINDS: dict[str, CauseKind] = {
    "go": "toolchain",
    "goline": "go-line",
    "experiment": "toggle",
    "gcflags": "flag",
    "ldflags": "flag",
    "tags": "flag",
    "pgo": "flag",
    "goamd64": "flag",
    "overlay": "source",
    "ref": "program",
    "binary": "program",
    "cpu": "environment",
    "memory": "environment",
}
RUN_TIME = frozenset({"cpu", "memory"})
_UPPER = re.compile(r"[A-Z]")


def derive(
    base: Variant,
    candidate: Variant,
    releases: tuple[str | None, str | None],
    *,
    toggles: str = "auto",
    directory: Path,
    source: Source | None,
    kits: tuple[Toolchain | None, Toolchain | None] = (None, None),
) -> Levers:
    """Returns every lever between two variants.

    `releases`: what each builds with, None where nothing is built. `kits`: the toolchains where they are here, whose
    own source then says which switches there are. Raises BadInput for an unknown switch, or when nothing differs unless
    both variants are named: that is a check of the instrument, and there are no levers then.
    """
    levers: list[Lever] = []
    notes: list[str] = []
    mine, theirs = ({s.key: s.value for s in v.settings} for v in (base, candidate))
    ready = "binary" in mine or "binary" in theirs
    for key in dict.fromkeys([*mine, *theirs]):
        if mine.get(key) == theirs.get(key) or key in WORDS or (ready and _is_build(key)):
            continue
        if key == "ref" and source is not None:
            found, told = revision_levers(mine.get(key), theirs.get(key), source.directory, fixed={*mine, *theirs})
            levers += found
            notes += told
            continue
        levers.append(_lever(key, mine.get(key), theirs.get(key)))
    if ready:
        levers += _ready_made(mine, theirs)
    else:
        release = _release_lever(base, candidate, releases)
        sides = (kits[0] or releases[0], kits[1] or releases[1])
        switches = find_switches(base, candidate, sides, release, asked=toggles)
        levers = [*([switches.release] if switches.release else []), *levers, *_tags(base, candidate), *switches.levers]
        notes += switches.notes
    if not levers and not (base.named and candidate.named):
        why = f" ({'; '.join(notes)})" if notes else ""
        raise BadInput(f"the two variants differ in nothing that could be a cause{why}. Change the candidate.")
    return Levers(base=base, candidate=candidate, levers=_distinct(levers), notes=tuple(notes))


def _ready_made(mine: Mapping[str, str], theirs: Mapping[str, str]) -> list[Lever]:
    """Returns the one lever between a ready executable and another side: all of the build changes at once."""
    off, on = (tuple(Setting(k, v) for k, v in side.items() if _is_build(k)) for side in (mine, theirs))
    if off == on:
        return []
    written = ",".join(f"{s.key}={s.value}" for s in on)
    others = tuple(dict.fromkeys(s.key for s in (*off, *on) if s.key != "binary"))
    lever = Lever(name="binary", kind="program", off=off, on=on, written=written, entangled_with=others)
    return [lever]


def _distinct(levers: list[Lever]) -> tuple[Lever, ...]:
    """Returns the levers, a name that repeats (release and go line are both numbers) made longer."""
    taken: set[str] = set()
    found: list[Lever] = []
    for lever in levers:
        if lever.name in taken:
            lever = msgspec.structs.replace(lever, name=lever.written)
        taken.add(lever.name)
        found.append(lever)
    return tuple(found)


def _release_lever(base: Variant, candidate: Variant, releases: tuple[str | None, str | None]) -> Lever | None:
    if releases[0] is None or releases[1] is None:
        return None
    written = (base.get("go"), candidate.get("go"))
    paths = tuple(w for w in written if w is not None and "/" in w)
    if releases[0] == releases[1] and (not paths or written[0] == written[1]):
        return None
    sides = [w if w is not None and "/" in w else release for w, release in zip(written, releases, strict=True)]
    name = str(releases[1]) if releases[0] != releases[1] else str(sides[1])
    return Lever(
        name=name,
        kind="toolchain",
        off=(Setting("go", str(sides[0])),),
        on=(Setting("go", str(sides[1])),),
        written=f"go={sides[1]}",
    )


def _lever(key: str, off: str | None, on: str | None) -> Lever:
    return Lever(
        name=_name(key, off, on),
        kind=_kind(key),
        is_build=_is_build(key),
        off=() if off is None else (Setting(key, off),),
        on=() if on is None else (Setting(key, on),),
        written=f"{key}={on}" if on is not None else f"without {key}={off}",
    )


def _name(key: str, off: str | None, on: str | None) -> str:
    if key.startswith("mod."):
        return key.removeprefix("mod.")
    if key.startswith("debug."):
        return key.removeprefix("debug.")
    if key == "goline":
        return str(on or off)
    return key


def _kind(key: str) -> CauseKind:
    if key.startswith("mod."):
        return "module"
    if key.startswith("debug."):
        return "toggle"
    if key.startswith("arg."):
        return "program"
    return "environment" if _UPPER.match(key) else KINDS[key]


def _is_build(key: str) -> bool:
    return not (key.startswith(("debug.", "arg.")) or _UPPER.match(key) or key in RUN_TIME)


def _tags(base: Variant, candidate: Variant) -> list[Lever]:
    """Returns a lever for each build tag that one side has and the other not."""
    tags = [words_of(v, "tags") for v in (base, candidate)]
    return [
        Lever(
            name=tag,
            kind="flag",
            tags_off=(tag,) if tag in tags[0] else (),
            tags_on=(tag,) if tag in tags[1] else (),
            written=f"tags={tag}" if tag in tags[1] else f"without tags={tag}",
        )
        for tag in dict.fromkeys([*tags[0], *tags[1]])
        if (tag in tags[0]) != (tag in tags[1])
    ]
