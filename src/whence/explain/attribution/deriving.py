"""From two variants to levers: every setting that differs, and what differs underneath a change of release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from whence.evidence.attribution import CauseKind
from whence.evidence.errors import BadInput
from whence.evidence.variant import Setting, Variant
from whence.explain.attribution.levers import Lever, Levers, words_of
from whence.explain.attribution.revisions import revision_levers
from whence.explain.attribution.switches import switch_levers
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
    for key in dict.fromkeys([*mine, *theirs]):
        if mine.get(key) == theirs.get(key) or key in ("go", "experiment", "tags"):
            continue
        if key == "ref" and mine.get(key) and theirs.get(key) and source is not None:
            found, told = revision_levers(mine[key], theirs[key], source.directory, fixed={*mine, *theirs})
            levers += found
            notes += told
            continue
        levers.append(_lever(key, mine.get(key), theirs.get(key)))
    release = _release_lever(base, candidate, releases)
    if release is not None:
        levers.insert(0, release)
    levers += _word_levers(base, candidate)
    if release is not None and releases[0] is not None and releases[1] is not None:
        written = [*words_of(base, "experiment"), *words_of(candidate, "experiment")]
        sides = (kits[0] or releases[0], kits[1] or releases[1])
        switches, told = switch_levers(
            *sides, release_lever=release.name, asked=toggles, written=written
        )  # fmt: skip
        levers += switches
        notes += told
    elif toggles not in ("auto", "none"):
        raise BadInput(f"--toggles {toggles}: both sides have the same release, so none of its switches changed.")
    if not levers and not (base.named and candidate.named):
        raise BadInput("the two variants differ in nothing that could be a cause. Change a setting of the candidate.")
    return Levers(base=base, candidate=candidate, levers=tuple(levers), notes=tuple(notes))


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


def _word_levers(base: Variant, candidate: Variant) -> list[Lever]:
    """Returns a lever for each GOEXPERIMENT and each build tag that one side has and the other not."""
    found: list[Lever] = []
    experiments = [_bare(words_of(v, "experiment")) for v in (base, candidate)]
    for name in dict.fromkeys([*experiments[0], *experiments[1]]):
        off, on = experiments[0].get(name), experiments[1].get(name)
        if off != on:
            found.append(
                Lever(
                    name=name,
                    kind="toggle",
                    experiments_off=() if off is None else (off,),
                    experiments_on=() if on is None else (on,),
                    written=f"experiment={on}" if on is not None else f"without experiment={off}",
                )
            )
    tags = [words_of(v, "tags") for v in (base, candidate)]
    for tag in dict.fromkeys([*tags[0], *tags[1]]):
        if (tag in tags[0]) != (tag in tags[1]):
            found.append(
                Lever(
                    name=tag,
                    kind="flag",
                    tags_off=(tag,) if tag in tags[0] else (),
                    tags_on=(tag,) if tag in tags[1] else (),
                    written=f"tags={tag}" if tag in tags[1] else f"without tags={tag}",
                )
            )
    return found


def _bare(words: tuple[str, ...]) -> Mapping[str, str]:
    """Returns switch → the word as written. No switch is known whose own name begins with `no`."""
    return {word.removeprefix("no"): word for word in words}
