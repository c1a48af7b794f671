"""A copy of a toolchain whose runtime counts how long its allocator's locks are waited for and held."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from whence.evidence.errors import UnusableEnvironment

HERE = Path(__file__).parent / "program"
LOCK_FILES = ("lock_spinbit.go", "lock_futex_tristate.go", "lock_futex.go")


def toolchain(release: str) -> Path:
    """Returns the root of an installed release. Raises UnusableEnvironment when it is not there."""
    root = Path.home() / f"go/pkg/mod/golang.org/toolchain@v0.0.1-go{release}.linux-amd64"
    if not root.is_dir():
        raise UnusableEnvironment(
            f"Go {release} is not installed at {root}. Fetch it: whence toolchain fetch {release}"
        )
    return root


def build(release: str, folder: Path) -> Path:
    """Returns the allocating program built on a counting runtime of `release`; an earlier one is used again."""
    program = folder / f"contention-{release}"
    if program.exists():
        return program
    root = folder / f"goroot-{release}"
    if not root.exists():
        _copy(toolchain(release), root)
    source = folder / f"source-{release}"
    shutil.copytree(HERE, source, dirs_exist_ok=True)
    (source / "go.mod").write_text("module contention\n")
    environment = os.environ | {
        "GOROOT": str(root), "GOTOOLCHAIN": "local", "GOENV": "off", "GOFLAGS": "", "CGO_ENABLED": "0",
        "GO111MODULE": "on", "GOCACHE": str(folder / "cache"),
    }  # fmt: skip
    subprocess.run([str(root / "bin/go"), "build", "-o", str(program), "."], cwd=source, env=environment, check=True)
    return program


def _copy(original: Path, root: Path) -> None:
    """Makes a tree of links to `original`, with a runtime of its own in which lock and unlock are wrapped."""
    shutil.copytree(original, root, copy_function=os.symlink, ignore=shutil.ignore_patterns("test", "testdata", "doc"))
    runtime = root / "src/runtime"
    for name in ("lock_futex.go", "lock_spinbit.go", "lock_futex_tristate.go", "mcache.go", "mcentral.go"):
        path = runtime / name
        if path.exists():
            text = path.read_text()
            path.unlink()
            path.write_text(text)
            path.chmod(0o644)
    lock, unlock = _wrap_locks(runtime)
    _count(runtime / "mcache.go", r"^func \(c \*mcache\) refill\(.*\{$", "whenceCount(false)")
    _count(runtime / "mcentral.go", r"^func \(c \*mcentral\) grow\(\) \*mspan \{$", "whenceCount(true)")
    text = (HERE / "locks.go.txt").read_text()
    text = text.replace("WHENCE_LOCK", lock).replace("WHENCE_UNLOCK", unlock)
    (runtime / "whence_locks.go").write_text(text)


def _wrap_locks(runtime: Path) -> tuple[str, str]:
    """Renames the release's own lock and unlock to `…_inner` and returns what they were called."""
    names = ("lock", "unlock")
    for file in LOCK_FILES:
        path = runtime / file
        if not path.exists():
            continue
        text = path.read_text()
        if "func lock2(" in text:
            names = ("lock2", "unlock2")
        for name in names:
            text = re.sub(rf"^func {name}\(l \*mutex\)", f"func {name}_inner(l *mutex)", text, flags=re.MULTILINE)
        path.write_text(text)
    return names


def _count(path: Path, pattern: str, statement: str) -> None:
    text, found = re.subn(pattern, lambda m: f"{m.group(0)}\n\t{statement}", path.read_text(), flags=re.MULTILINE)
    if found != 1:
        raise UnusableEnvironment(f"{path} has no place that looks like {pattern}. This release cannot be counted.")
    path.write_text(text)
