"""Another revision of the user's repository, written below the cache without leaving a trace in the repository.

`git worktree add` would register itself in the user's .git. Here the revision is read into an index file of its own
and written out from there, so that git only reads the repository (filters and line endings apply as in a checkout,
which `git archive` would not promise). One checkout a commit.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from whence.golang.build.cache import Folders
from whence.golang.build.errors import UnbuildableVariant, refuse
from whence.golang.build.place import Tree

_READ_ONLY = (
    "-c", "core.splitIndex=false", "-c", "core.untrackedCache=false", "-c", "core.fsmonitor=false",
    "-c", "core.sparseCheckout=false", "-c", "gc.auto=0",
)  # fmt: skip


def resolve_commit(variant: str, directory: Path, revision: str) -> tuple[Path, str]:
    """Returns (top of the repository, commit hash) of `revision` there. Raises UnbuildableVariant."""
    top = _git(directory, "rev-parse", "--show-toplevel")
    if top.returncode != 0:
        raise refuse(variant, f"ref={revision} needs a git repository, and {directory} is in none. Drop ref=.")
    commit = _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit.returncode != 0:
        raise refuse(
            variant,
            f"ref={revision} is no revision of {top.stdout.strip()}. Give a branch, tag or commit that is there.",
        )
    return Path(top.stdout.rstrip("\n")).resolve(), commit.stdout.split()[-1]


def has_directory(top: Path, commit: str, directory: Path) -> bool:
    """Tells whether that commit has files in `directory`, which lies below `top`."""
    inside = directory.relative_to(top).as_posix()
    listed = _git(top, "cat-file", "-t", f"{commit}:{'' if inside == '.' else inside}")
    return listed.stdout.strip() == "tree"


def checked_out(variant: str, folders: Folders, top: Path, commit: str) -> Tree:
    """Returns the tree in which `top` is read from the cache as of `commit`. Raises UnbuildableVariant."""
    folder = folders.make(f"{commit}", lambda empty: _write_out(variant, top, commit, empty))
    return Tree(top=top, checkout=folder.path / "tree")


def _write_out(variant: str, top: Path, commit: str, folder: Path) -> dict[str, str]:
    tree = folder / "tree"
    tree.mkdir()
    _write_commit(variant, top, commit, tree, folder / "index")
    (folder / "index").unlink(missing_ok=True)
    return {"commit": commit, "repository": str(top)}


def _write_commit(variant: str, top: Path, commit: str, tree: Path, index: Path) -> None:
    index.unlink(missing_ok=True)
    place = ("--git-dir", _git(top, "rev-parse", "--absolute-git-dir").stdout.rstrip("\n"), "--work-tree", str(tree))
    for command in (("read-tree", commit), ("checkout-index", "--all", "--force", "--quiet")):
        done = _git(tree, *place, *command, index=index)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["git said nothing"]
            raise refuse(variant, f"commit {commit[:12]} of {top} could not be read: {said[0]}. Check it out by hand.")
    for line in _git(tree, *place, "ls-files", "--stage", "-z", index=index).stdout.split("\0"):
        if line.startswith("160000 "):
            described, _, path = line.partition("\t")
            _write_submodule(variant, top / path, described.split()[1], tree / path, index)


def _write_submodule(variant: str, top: Path, commit: str, tree: Path, index: Path) -> None:
    """A submodule that is checked out in the user's tree and has that commit is written out too; others stay empty."""
    if (top / ".git").exists() and _git(top, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0:
        tree.mkdir(parents=True, exist_ok=True)
        _write_commit(variant, top, commit, tree, index)


def _git(directory: Path, *arguments: str, index: Path | None = None) -> subprocess.CompletedProcess[str]:
    inherited = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"}
    environment = {n: v for n, v in os.environ.items() if n not in inherited}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    try:
        return subprocess.run(
            ["git", *_READ_ONLY, *arguments],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            errors="surrogateescape",
        )
    except FileNotFoundError as error:
        raise UnbuildableVariant("ref= needs the git command, which is not on PATH. Install git.") from error
