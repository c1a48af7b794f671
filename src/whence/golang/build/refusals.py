"""What can be refused before anything is built, each in one line that says what to do instead."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import msgspec

from whence.evidence.variant import Variant
from whence.golang.build import module
from whence.golang.build.errors import refuse
from whence.golang.build.nouns import Source
from whence.golang.build.place import Place
from whence.golang.installation import Toolchain
from whence.golang.versions import BadVersion, at_least, parse_version

KEYS_SINCE = {"goline": "1.11", "mod.": "1.11", "overlay": "1.16", "goamd64": "1.18", "pgo": "1.20"}
MODULES_SINCE = "1.11"
THREE_PART_LINES_SINCE = "1.21"
METRICS_SINCE = "1.20"
_VERSION_WITHOUT_V = re.compile(r"\d+\.\d+\.\d+")


class OverlayFile(msgspec.Struct):
    """The JSON that `go build -overlay` reads."""

    replace: dict[str, str] = msgspec.field(name="Replace", default_factory=dict[str, str])


def check_release(variant: Variant, toolchain: Toolchain) -> None:
    """Refuses keys that this release's go command does not have."""
    for setting in variant.settings:
        key = "mod." if setting.key.startswith("mod.") else setting.key
        since = KEYS_SINCE.get(key)
        if since is not None and not at_least(toolchain.version, since):
            raise refuse(
                variant.name,
                f"{setting.key}= needs Go {since} or newer, not {toolchain.version}. Drop it, or use go={since}.",
            )
    level = variant.get("goamd64")
    if level is not None and level not in {"v1", "v2", "v3", "v4"}:
        raise refuse(variant.name, f"goamd64={level} is no level. Write v1, v2, v3 or v4.")
    if level is not None and platform.machine() not in {"x86_64", "AMD64"}:
        raise refuse(variant.name, f"goamd64= is for amd64, and this machine is {platform.machine()}. Drop it.")


def check_metrics(variant: str, toolchain: Toolchain) -> None:
    """Refuses the exit hook where the runtime has none."""
    if not at_least(toolchain.version, METRICS_SINCE):
        raise refuse(
            variant,
            f"Go {toolchain.version} has no exit hook, so heap-live and the other runtime metrics cannot be read. "
            f"Use rss, or go={METRICS_SINCE} or newer.",
        )


def check_place(variant: Variant, source: Source, toolchain: Toolchain, place: Place) -> None:
    """Refuses a source that this release cannot build as it lies."""
    directory = place.tree.actual(place.package)
    if not directory.is_dir():
        raise refuse(variant.name, f"there is no directory {source.directory}. Check the subject.")
    if not at_least(toolchain.version, MODULES_SINCE):
        if source.legacy_ok and source.kind == "main":
            return
        raise refuse(
            variant.name,
            f"Go {toolchain.version} knows no modules, and {source.directory} needs them. Use go=1.11 or newer.",
        )
    if place.root is None:
        raise refuse(
            variant.name,
            f"{source.directory} is in no Go module. Run `go mod init NAME` where its module should begin.",
        )
    _check_go_lines(variant, toolchain, place)


def _check_go_lines(variant: Variant, toolchain: Toolchain, place: Place) -> None:
    goline = variant.get("goline")
    if goline is not None:
        if _newer(goline, toolchain):
            raise refuse(
                variant.name,
                f"goline={goline} is newer than its toolchain, Go {toolchain.version}. "
                f"Lower it, or use go={goline} or newer.",
            )
        if goline.count(".") != 1 and not at_least(toolchain.version, THREE_PART_LINES_SINCE):
            short = parse_version(goline).line
            raise refuse(variant.name, f"Go {toolchain.version} reads no go line {goline}. Write goline={short}.")
    elif _newer(place.mod.go, toolchain):
        raise refuse(
            variant.name,
            f"the module {place.mod.module} asks for go {place.mod.go}, which Go {toolchain.version} is too old for. "
            f"Use go={place.mod.go} or newer, or add goline={toolchain.parsed.line}.",
        )
    if not uses_workspace(place, toolchain):
        return
    others = [(place.work_file, place.work.go)] if goline is None else []
    base = place.work_file.parent if place.work_file is not None else Path()
    for use in place.work.uses:
        root = place.joined(base, use)
        if root != place.root:
            others.append((root / "go.mod", module.parse(place.read(root / "go.mod")).go))
    for path, line in others:
        if _newer(line, toolchain):
            raise refuse(
                variant.name,
                f"{path} asks for go {line}, which Go {toolchain.version} is too old for. Use go={line} or newer.",
            )


def uses_workspace(place: Place, toolchain: Toolchain) -> bool:
    return place.work_file is not None and at_least(toolchain.version, "1.18")


def _newer(line: str | None, toolchain: Toolchain) -> bool:
    """Tells whether a go line is beyond that release. Lines that are no version are left to the go command."""
    try:
        return line is not None and parse_version(line) > toolchain.parsed
    except BadVersion:
        return False


def check_modules(variant: Variant, toolchain: Toolchain, place: Place) -> None:
    """Refuses mod.PATH= of a module that plays no part, which would be a change without effect."""
    if not variant.modules:
        return
    mods = [place.mod]
    sums = [] if place.root is None else [place.read(place.root / "go.sum")]
    if uses_workspace(place, toolchain) and place.work_file is not None:
        base = place.work_file.parent
        sums.append(place.read(base / "go.work.sum"))
        for use in place.work.uses:
            root = place.joined(base, use)
            mods.append(module.parse(place.read(root / "go.mod")))
            sums.append(place.read(root / "go.sum"))
    own = {mod.module for mod in mods}
    required = {path for mod in mods for path in mod.requires}
    for path, version in variant.modules.items():
        if _VERSION_WITHOUT_V.match(version):
            raise refuse(variant.name, f"mod.{path}={version} is no module version. Write mod.{path}=v{version}.")
        if path in own:
            raise refuse(variant.name, f"mod.{path}: this is the program's own module. Use ref= for its revisions.")
        if path not in required and not any(f"{path} v" in text for text in sums):
            known = ", ".join(sorted(required)[:6]) or "nothing"
            raise refuse(variant.name, f"mod.{path}: the module does not depend on it (it requires {known}).")


def read_overlay(variant: str, path: Path) -> dict[str, str]:
    """Returns what an overlay file replaces, as written. Refuses one that is missing or malformed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=OverlayFile).replace
    except OSError as error:
        raise refuse(variant, f"overlay={path} cannot be read ({error.strerror}). Check the path.") from error
    except msgspec.MsgspecError as error:
        raise refuse(
            variant, f'overlay={path} is not {{"Replace": {{"FILE": "FILE"}}}} ({error}). See go help build.'
        ) from error


def read_profile(variant: str, path: Path) -> Path:
    """Returns the profile of pgo=. Refuses a missing one."""
    if not path.is_file():
        raise refuse(variant, f"pgo={path}: there is no such profile. Check the path.")
    return path
