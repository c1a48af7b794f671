"""Switches underneath a change of release: those whose default changed, and whose old state can still be had."""

from __future__ import annotations

from collections.abc import Sequence

from whence.evidence.errors import BadInput
from whence.explain.attribution.levers import Lever
from whence.golang import toggles
from whence.golang.toolchains import Toolchain

Release = str | Toolchain


def defaults(release: Release) -> dict[str, bool]:
    """Returns the GOEXPERIMENTs that a release knows, each with its default."""
    return {t.name: t.default.startswith("on") for t in toggles.known(release) if t.kind == "GOEXPERIMENT"}


def changed_defaults(base: Release, candidate: Release, written: Sequence[str]) -> dict[str, bool]:
    """Returns name → the candidate's default, for switches whose default differs from what the base had.

    A switch that the base does not know counts as off there. `written`: words that the user set on either side; they
    are levers of their own.
    """
    before, after = defaults(base), defaults(candidate)
    named = {word.removeprefix("no") for word in written} | set(written)
    return {n: on for n, on in after.items() if on != before.get(n, False) and n not in named}


def switch_levers(
    base: Release, candidate: Release, *, release_lever: str, asked: str, written: Sequence[str]
) -> tuple[tuple[Lever, ...], tuple[str, ...]]:
    """Returns the levers of the switches that `asked` (`auto`, `none`, or names) means, and notes.

    Raises BadInput for a name that neither release knows.
    """
    if asked == "none":
        return (), ("no switches were varied: --toggles none",)
    found = changed_defaults(base, candidate, written)
    notes: list[str] = []
    if asked != "auto":
        wanted = [word.strip().removeprefix("experiment=") for word in asked.split(",") if word.strip()]
        chosen: dict[str, bool] = {}
        for word in wanted:
            name = _known(word, base, candidate)
            if name in found:
                chosen[name] = found[name]
            else:
                notes.append(f"{name} is as it was between the two releases, so it can carry nothing")
        found = chosen
    return tuple(_lever(name, on, release_lever) for name, on in found.items()), tuple(notes)


def _known(word: str, base: Release, candidate: Release) -> str:
    known = {**defaults(base), **defaults(candidate)}
    for name in (word, word.removeprefix("no")):
        if name in known:
            return name
    changed = ", ".join(changed_defaults(base, candidate, ())) or "none"
    raise BadInput(
        f"--toggles {word}: neither release has a switch {word}. Those whose default changed between them: {changed}."
    )


def _lever(name: str, on: bool, release_lever: str) -> Lever:
    return Lever(
        name=name,
        kind="toggle",
        needs=release_lever,
        when=release_lever,
        experiments_off=(f"no{name}",) if on else (name,),
        written=f"the release's default ({'on' if on else 'off'})",
        default=True,
    )
