"""Two revisions of one repository: what their go.mod files differ in is levers of its own, the rest is the program."""

from __future__ import annotations

import subprocess
from collections.abc import Set
from pathlib import Path

from whence.evidence.variant import Setting
from whence.explain.attribution.levers import Lever
from whence.golang.build import module
from whence.golang.build.module import ModFile


def revision_levers(old: str, new: str, package: Path, *, fixed: Set[str]) -> tuple[tuple[Lever, ...], tuple[str, ...]]:
    """Returns a lever for each directly required module whose version differs, for the go line, and for the rest.

    `fixed`: keys that a variant sets by itself, which then are no levers here. Without readable go.mod files the
    revision is one lever.
    """
    rest = Lever(name=new, kind="program", off=(Setting("ref", old),), on=(Setting("ref", new),), written=f"ref={new}")
    before, after = _go_mod(package, old), _go_mod(package, new)
    if before is None or after is None:
        return (rest,), ()
    found: list[Lever] = []
    indirect = _indirect(after) | _indirect(before)
    for path, version in after.requires.items():
        earlier = before.requires.get(path)
        if earlier is not None and earlier != version and path not in indirect and f"mod.{path}" not in fixed:
            found.append(_pinned(path, "module", f"mod.{path}", earlier, version))
    if before.go and after.go and before.go != after.go and "goline" not in fixed:
        found.append(_pinned(after.go, "go-line", "goline", before.go, after.go))
    new_modules = sorted(set(after.requires) - set(before.requires) - indirect)
    notes = [f"modules that only {new} requires belong to the program: {', '.join(new_modules)}"] if new_modules else []
    return (*found, rest), tuple(notes)


def _pinned(name: str, kind: str, key: str, old: str, new: str) -> Lever:
    return Lever(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        off=(Setting(key, old),),
        on=(Setting(key, new),),
        written=f"{key}={new}",
    )


def _go_mod(package: Path, revision: str) -> ModFile | None:
    """Returns the go.mod of the package's module at a revision, the nearest one above the package."""
    top = _git(package, "rev-parse", "--show-toplevel")
    if top is None:
        return None
    inside = package.resolve().relative_to(Path(top.strip()).resolve())
    for folder in (inside, *inside.parents):
        text = _git(package, "show", f"{revision}:{(folder / 'go.mod').as_posix()}")
        if text is not None:
            return module.parse(text)
    return None


def _indirect(mod: ModFile) -> set[str]:
    """Returns the modules that go.mod marks as required by others only."""
    lines = mod.text.splitlines()
    marked = [d for d in mod.directives if d.verb == "require" and "// indirect" in lines[d.line]]
    return {d.words[0] for d in marked if d.words}


def _git(directory: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, errors="replace")
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
