"""Which switches are levers: those written on one side, and those whose default changed with the release.

Which release knows a switch whose state differs says where it can be varied:

- both: in either release;
- the candidate's only: in the candidate's release;
- the base's only: nowhere; it goes with the release, and is entangled with it where it was written.

Where the state is the same there is no lever, and what was written goes with the release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.variant import Variant
from whence.explain.attribution.levers import Lever
from whence.explain.attribution.switches import NONE, Release, Side, both_sides, changed_defaults, switch_word


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """`release`: the release's lever with the words that go with it. `notes`: what is no lever, and why."""

    release: Lever | None
    levers: tuple[Lever, ...]
    notes: tuple[str, ...]


def find_switches(
    base: Variant,
    candidate: Variant,
    sides: tuple[Release | None, Release | None],
    release: Lever | None,
    *,
    asked: str,
) -> Switches:
    """Returns the levers of all switches: those written on one side, and those that `asked` (`auto`, `none`, or names)
    means of the ones whose default changed. Raises BadInput for a name that neither release knows.
    """
    before, after = both_sides((base, candidate), sides)
    known = None not in sides
    levers: list[Lever] = []
    notes: list[str] = []
    for name in dict.fromkeys([*before.words, *after.words]):
        if before.words.get(name) == after.words.get(name):
            continue
        if name == NONE or not known or (name not in before.defaults and name not in after.defaults):
            levers.append(_as_written(name, before, after))
        elif release is not None:
            lever, release, told = _across(name, before, after, release)
            levers += [lever] if lever is not None else []
            notes += told
        elif before.state(name) != after.state(name):
            levers.append(_as_written(name, before, after))
        else:
            state = "on" if after.state(name) else "off"
            notes.append(f"{name} is {state} by default here, so writing it changes nothing")
    if release is not None and known:
        found = changed_defaults(before, after)
        wanted, told = _wanted(asked, found, before, after)
        levers += [_default(name, on, release.name) for name, on in wanted.items()]
        notes += [*told, *_of_base_only(before, after)]
    elif asked not in ("auto", "none"):
        raise BadInput(f"--toggles {asked}: both sides have the same release, so none of its switches changed.")
    return Switches(release=release, levers=tuple(levers), notes=tuple(notes))


def _as_written(name: str, before: Side, after: Side) -> Lever:
    off, on = before.words.get(name), after.words.get(name)
    return Lever(
        name=name,
        kind="toggle",
        experiments_off=() if off is None else (off,),
        experiments_on=() if on is None else (on,),
        written=f"experiment={on}" if on is not None else f"without experiment={off}",
    )


def _across(name: str, before: Side, after: Side, release: Lever) -> tuple[Lever | None, Lever, tuple[str, ...]]:
    """Returns the lever of a switch that is written on one side of a change of release, and the release's lever."""
    lever = _as_written(name, before, after)
    differs = before.state(name) != after.state(name)
    if differs and name in before.defaults and name in after.defaults:
        if before.defaults[name] != after.defaults[name]:  # nothing written means different things then
            lever = msgspec.structs.replace(
                lever,
                experiments_off=lever.experiments_off or (switch_word(name, before.state(name)),),
                experiments_on=lever.experiments_on or (switch_word(name, after.state(name)),),
            )
        return lever, release, ()
    if differs and name in after.defaults:
        then = before.state(name)
        lever = msgspec.structs.replace(
            lever,
            needs=release.name,
            when=release.name,
            experiments_off=(switch_word(name, then),) if after.defaults[name] != then else (),
            default=after.defaults[name] != then,
        )
        return lever, release, ()
    carrying = msgspec.structs.replace(
        release,
        experiments_off=(*release.experiments_off, *lever.experiments_off),
        experiments_on=(*release.experiments_on, *lever.experiments_on),
        entangled_with=(*release.entangled_with, *([name] if differs else [])),
    )
    note = f"{name} cannot be set in {release.name}, so it changes only together with the release"
    return None, carrying, (note,) if differs else ()


def _of_base_only(before: Side, after: Side) -> tuple[str, ...]:
    """Returns a note on switches that are on in a newer base: there is no cell for them in the candidate's release."""
    names = [n for n, on in before.defaults.items() if on and n not in after.defaults and n not in after.settled]
    names = [n for n in names if before.state(n) and n not in before.words]
    if not names:
        return ()
    return (
        f"switches of the base's release only are part of its share (swap the two to vary them): {', '.join(names)}",
    )


def _wanted(
    asked: str, found: dict[str, bool], before: Side, after: Side
) -> tuple[dict[str, bool], tuple[str, ...]]:  # fmt: skip
    if asked == "auto":
        return found, ()
    if asked == "none":
        return {}, ("no switches were varied: --toggles none",) if found else ()
    wanted: dict[str, bool] = {}
    notes: list[str] = []
    for word in (w.strip().removeprefix("experiment=") for w in asked.split(",")):
        name = _known(word, before, after, found) if word else ""
        if name in found:
            wanted[name] = found[name]
        elif name and name not in before.words and name not in after.words:
            notes.append(f"{name} is as it was between the two releases, so it can carry nothing")
    left = [name for name in found if name not in wanted]
    if left:
        notes.append(f"not varied, as --toggles does not name them: {', '.join(left)}")
    return wanted, tuple(notes)


def _known(word: str, before: Side, after: Side, found: Sequence[str] | Mapping[str, bool]) -> str:
    known = {**before.defaults, **after.defaults}
    for name in (word, word.removeprefix("no")):
        if name in known:
            return name
    changed = ", ".join(found) or "none"
    raise BadInput(
        f"--toggles {word}: neither release has a switch {word} (GOEXPERIMENT). Those whose default changed between "
        f"them: {changed}. Other settings are varied by writing them into one variant: debug.NAME=VALUE, NAME=VALUE."
    )


def _default(name: str, on: bool, release: str) -> Lever:
    return Lever(
        name=name,
        kind="toggle",
        needs=release,
        when=release,
        experiments_off=(switch_word(name, not on),),
        written=f"the release's default ({'on' if on else 'off'})",
        default=True,
    )
