"""Two revisions of one repository: what their go.mod files differ in is levers of its own, the rest is the program."""

from __future__ import annotations

import subprocess
from collections.abc import Set
from pathlib import Path

from whence.evidence.attribution import CauseKind
from whence.evidence.variant import Setting
from whence.explain.attribution.levers import Lever
from whence.golang.build import module
from whence.golang.build.module import ModFile


def revision_levers(
    old: str | None, new: str | None, package: Path, *, fixed: Set[str]
) -> tuple[tuple[Lever, ...], tuple[str, ...]]:
    """Returns a lever for each directly required module whose version differs, for the go line, and for the rest.

    None is the working tree. `fixed`: keys that a variant sets by itself, which then are no levers here. Without
    readable go.mod files the revision is one lever.
    """
    rest = Lever(
        name=new or "working tree",
        kind="program",
        off=(Setting("ref", old),) if old else (),
        on=(Setting("ref", new),) if new else (),
        written=f"ref={new}" if new else f"without ref={old}",
    )
    before, after = _go_mod(package, old), _go_mod(package, new)
    if before is None or after is None:
        return (rest,), ()
    found: list[Lever] = []
    untouched = _indirect(after) | _indirect(before) | {r.old for m in (before, after) for r in m.replaces}
    for path, version in after.requires.items():
        earlier = before.requires.get(path)
        if earlier is not None and earlier != version and path not in untouched and f"mod.{path}" not in fixed:
            found.append(_pinned(path, "module", f"mod.{path}", earlier, version))
    if before.go and after.go and before.go != after.go and "goline" not in fixed:
        found.append(_pinned(after.go, "go-line", "goline", before.go, after.go))
    new_modules = sorted(set(after.requires) - set(before.requires) - untouched)
    notes = [f"modules that only {rest.name} requires belong to it: {', '.join(new_modules)}"] if new_modules else []
    return (*found, rest), tuple(notes)


def _pinned(name: str, kind: CauseKind, key: str, old: str, new: str) -> Lever:
    return Lever(
        name=name,
        kind=kind,
        off=(Setting(key, old),),
        on=(Setting(key, new),),
        written=f"{key}={new}",
    )


def _go_mod(package: Path, revision: str | None) -> ModFile | None:
    """Returns the go.mod of the package's module at a revision, the nearest one above the package."""
    top = _git(package, "rev-parse", "--show-toplevel")
    if top is None:
        return None
    root = Path(top.strip()).resolve()
    inside = package.resolve().relative_to(root)
    for folder in (inside, *inside.parents):
        path = folder / "go.mod"
        text = _read(root / path) if revision is None else _git(package, "show", f"{revision}:{path.as_posix()}")
        if text is not None:
            return module.parse(text)
    return None


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


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
