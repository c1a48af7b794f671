"""Private copies of go.mod, go.sum, go.work and go.work.sum: what the go command may write to instead of the user's.

A module is built with `-modfile`: Go reads and writes the copy, and go.sum beside the copy. In a workspace Go never
writes a go.mod, but it does write go.work.sum, and -modfile is not allowed: there GOWORK names a copy of go.work with
absolute directories, a new version of a module is a `replace` in it, and another go line is an `-overlay` of go.mod.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from whence.golang.build import module
from whence.golang.build.errors import build_error
from whence.golang.build.go_command import run_go
from whence.golang.build.plan import BuildPlan
from whence.golang.versions import at_least, parse_version

VERBS_SINCE = {"retract": "1.16", "toolchain": "1.21", "tool": "1.24", "ignore": "1.25"}
"""Directives without effect on the program, left out for releases that do not know them."""
_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?\Z")
PRIVATE_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum", "overlaid.mod")


class Private(msgspec.Struct, frozen=True, kw_only=True):
    """How the go command is pointed at the copies in one folder."""

    arguments: tuple[str, ...] = ()
    work_file: Path | None = None
    overlay: dict[str, str] = {}


def private_in(plan: BuildPlan, folder: Path) -> Private:
    """Returns how to use the copies that `write` or `resolve` left in `folder`."""
    if plan.style == "gopath":
        return Private()
    if plan.style == "workspace":
        overlaid = folder / "overlaid.mod"
        overlay = {}
        if plan.goline is not None and plan.place.root is not None:
            overlay = {str(plan.place.tree.actual(plan.place.root) / "go.mod"): str(overlaid)}
        arguments = ("-mod=vendor",) if plan.vendored else ()
        return Private(arguments=arguments, work_file=folder / "go.work", overlay=overlay)
    arguments = [] if plan.style == "mirror" else [f"-modfile={folder / 'go.mod'}"]
    mode = _mode(plan)
    return Private(arguments=tuple(arguments + ([f"-mod={mode}"] if mode else [])))


def _mode(plan: BuildPlan) -> str | None:
    """The value of -mod, None for the release's own default. Up to 1.15 the default was to complete go.mod."""
    if plan.vendored:
        return "vendor"
    if plan.style == "mirror":
        return plan.flags.mod if plan.flags.mod in {"readonly", "vendor"} and not plan.resolves else None
    if plan.resolves or plan.flags.mod == "mod" or not at_least(plan.toolchain.version, "1.16"):
        return "mod"
    return plan.flags.mod


def write(plan: BuildPlan, folder: Path) -> None:
    """Writes the copies with the variant's go line and without what its modules replace; resolves nothing yet."""
    place = plan.place
    if plan.style == "workspace" and place.work_file is not None:
        _write_workspace(plan, folder, place.work_file)
    elif plan.style != "gopath" and place.root is not None:
        (folder / "go.mod").write_text(edited_mod(plan), encoding="utf-8", errors="surrogateescape")
        sums = place.tree.actual(place.root) / "go.sum"
        if sums.is_file():
            shutil.copyfile(sums, folder / "go.sum")


def edited_mod(plan: BuildPlan) -> str:
    """Returns the go.mod of the plan's module as this variant wants it."""
    place = plan.place
    root = place.root or place.package

    def replaced_directory(written: str) -> str:
        if plan.style != "mirror" and place.stays(root, written):
            return written
        return place.for_private_copy(root, written)

    return module.edit(
        place.mod,
        go=plan.goline,
        drop_verbs=_dropped_verbs(plan),
        drop_replaces=plan.modules,
        place=replaced_directory,
    )


def _dropped_verbs(plan: BuildPlan) -> set[str]:
    dropped = {verb for verb, since in VERBS_SINCE.items() if not at_least(plan.toolchain.version, since)}
    return dropped | ({"toolchain"} if plan.goline is not None else set[str]())


def _write_workspace(plan: BuildPlan, folder: Path, work_file: Path) -> None:
    place, base = plan.place, work_file.parent
    text = module.edit(
        place.work,
        go=_workspace_line(plan),
        drop_verbs=_dropped_verbs(plan) - {"retract", "tool", "ignore"},
        drop_replaces=plan.modules,
        add=[f"replace {path} => {path} {version}" for path, version in plan.modules.items()],
        place=lambda written: place.for_private_copy(base, written),
    )
    (folder / "go.work").write_text(text, encoding="utf-8", errors="surrogateescape")
    sums = place.tree.actual(base) / "go.work.sum"
    if sums.is_file():
        shutil.copyfile(sums, folder / "go.work.sum")
    if plan.goline is not None:
        (folder / "overlaid.mod").write_text(edited_mod(plan), encoding="utf-8", errors="surrogateescape")
    if plan.vendored:
        (folder / "vendor").symlink_to(place.tree.actual(base / "vendor"))


def _workspace_line(plan: BuildPlan) -> str | None:
    """The go line of go.work goes along with the module's, but never below the line of another joined module."""
    if plan.goline is None or plan.place.work_file is None:
        return None
    lines = [plan.goline]
    for use in plan.place.work.uses:
        root = plan.place.joined(plan.place.work_file.parent, use)
        line = module.parse(plan.place.read(root / "go.mod")).go
        if root != plan.place.root and line is not None:
            lines.append(line)
    return max(lines, key=parse_version)


def resolve(plan: BuildPlan, folder: Path, *, directory: Path, variables: dict[str, str]) -> None:
    """Has the go command settle versions and sums in the copies in `folder` (network, when modules are missing).

    `go get` moves other requirements along as it would for a person; `go list -deps` then completes the sums for what
    this package needs. Raises BuildError when the modules do not fit together.
    """
    private = private_in(plan, folder)
    flags = _resolution_flags(plan, private)
    if plan.style != "workspace" and plan.modules:
        wanted = [f"{path}@{version}" for path, version in plan.modules.items()]
        switch = ["-d"] if not at_least(plan.toolchain.version, "1.18") else []
        modfile = [f for f in private.arguments if f.startswith("-modfile=")]
        _must(plan, ["get", *switch, *modfile, *wanted], "cannot have these modules", directory, variables)
    tests = ["-test"] if plan.source.kind == "test" else []
    _must(plan, ["list", *flags, "-deps", *tests, "."], "cannot resolve its modules", directory, variables)
    if plan.style == "module":
        _check_settled(plan, folder)


def _resolution_flags(plan: BuildPlan, private: Private) -> list[str]:
    tags = [f for f in plan.flags.arguments(plan.toolchain.version) if f.startswith("-tags=")]
    return [*private.arguments, *tags]


def _must(plan: BuildPlan, arguments: list[str], doing: str, directory: Path, variables: dict[str, str]) -> str:
    done = run_go(plan, arguments, directory=directory, variables=variables)
    if done.returncode != 0:
        raise build_error(plan.variant, f"{doing} with Go {plan.toolchain.version}", done.stderr, [str(directory)])
    return done.stdout


def _check_settled(plan: BuildPlan, folder: Path) -> None:
    """Go raises a go line or a version where another module asks for it; then the variant is not what was asked."""
    settled = module.parse((folder / "go.mod").read_text(encoding="utf-8", errors="surrogateescape"))
    if plan.goline is not None and settled.go != plan.goline:
        raise build_error(
            plan.variant,
            f"cannot have goline={plan.goline}",
            f"a module it requires asks for go {settled.go}. Use goline={settled.go}, or an older version of it.",
        )
    for path, version in plan.modules.items():
        got = settled.requires.get(path)
        if got is not None and got != version and version.startswith("v"):
            raise build_error(
                plan.variant,
                f"cannot have mod.{path}={version}",
                f"another module requires {path} {got}. Set that one too, with mod.PATH=VERSION.",
            )


def is_version(text: str) -> bool:
    """Tells a complete version (`v1.2.3`, a pseudo-version) from a query such as `latest` or a branch."""
    return _VERSION.match(text) is not None


def query_version(plan: BuildPlan, path: str, query: str, *, scratch: Path, variables: dict[str, str]) -> str:
    """Returns the version that a query such as `latest`, a branch or a commit means now (network).

    Asked in `scratch`, an empty folder, from a module of its own, so that nothing of the user's can be in the way.
    """
    (scratch / "go.mod").write_text("module whence.invalid/query\n", encoding="utf-8")
    arguments = ["list", "-m", "-f", "{{.Version}}", f"{path}@{query}"]
    return _must(plan, arguments, f"cannot find {path}@{query}", scratch, {**variables, "GOWORK": "off"}).strip()
