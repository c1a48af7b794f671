"""Where a source lies: its module, its workspace, and, for another revision, the checkout that stands in for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from whence.golang.build import module
from whence.golang.build.module import ModFile


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """The user's tree, parts of which may be read from elsewhere: `top` is read from `checkout`."""

    top: Path | None = None
    checkout: Path | None = None

    def actual(self, path: Path) -> Path:
        """Returns where to read what the user knows as `path`."""
        if self.top is None or self.checkout is None or not path.is_relative_to(self.top):
            return path
        return self.checkout / path.relative_to(self.top)

    def upwards(self, directory: Path) -> Iterator[Path]:
        """Yields the user's names of `directory` and of all directories above it."""
        yield directory
        yield from directory.parents


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One package with everything around it. Paths are the user's; `tree.actual` says where to read them."""

    tree: Tree
    package: Path
    root: Path | None
    """Directory of go.mod; None outside any module."""
    work_file: Path | None
    """The go.work that applies; None without one."""

    @property
    def relative(self) -> str:
        """The package's path inside its module, `.` for the module's root."""
        return "." if self.root is None else self.package.relative_to(self.root).as_posix()

    def read(self, path: Path) -> str:
        """Returns the text of a file that the user knows as `path`; empty when there is none."""
        try:
            return self.tree.actual(path).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return ""

    @property
    def mod(self) -> ModFile:
        return module.parse("" if self.root is None else self.read(self.root / "go.mod"))

    @property
    def work(self) -> ModFile:
        return module.parse("" if self.work_file is None else self.read(self.work_file))

    def joined(self, base: Path, written: str) -> Path:
        """Returns the user's name of a directory as a go.mod or go.work in `base` writes it."""
        return Path(os.path.normpath(base / written))

    def local_modules(self) -> tuple[Path, ...]:
        """Returns the user's names of all local modules but the first: those a go.work joins, and replacements."""
        found: list[Path] = []
        if self.work_file is not None:
            base = self.work_file.parent
            found += [self.joined(base, use) for use in self.work.uses]
            found += [self.joined(base, r.new) for r in self.work.replaces if r.is_local]
        roots = ([] if self.root is None else [self.root]) + found[: len(self.work.uses)]
        for root in roots:
            mod = module.parse(self.read(root / "go.mod"))
            found += [self.joined(root, r.new) for r in mod.replaces if r.is_local]
        unique = dict.fromkeys(p for p in found if p != self.root)
        return tuple(p for p in unique if self.tree.actual(p).is_dir())

    def for_private_copy(self, base: Path, written: str) -> str:
        """Returns a directory of a go.mod or go.work in `base` as a copy of that file elsewhere must write it."""
        return str(self.tree.actual(self.joined(base, written)))

    def stays(self, base: Path, written: str) -> bool:
        """Tells whether a relative directory written in `base` leads to the right place from where it is read."""
        right = self.tree.actual(self.joined(base, written))
        return Path(os.path.normpath(self.tree.actual(base) / written)) == right


def locate(package: Path, tree: Tree, gowork: str) -> Place:
    """Returns where `package` (the user's name) lies. `gowork` is the user's GOWORK: a path, `off`, or empty."""
    root = next((d for d in tree.upwards(package) if tree.actual(d / "go.mod").is_file()), None)
    work: Path | None = None
    if gowork == "":
        work = next((d / "go.work" for d in tree.upwards(package) if tree.actual(d / "go.work").is_file()), None)
    elif gowork != "off":
        work = Path(gowork).absolute()
    return Place(tree=tree, package=package, root=root, work_file=work if root is not None else None)
