"""Go releases by name: what a text means (`resolve`), what is here (`find`), and getting what is not (`ensure`)."""

from __future__ import annotations

from pathlib import Path

from whence.golang.bootstrap import NoGo, bootstrap, go_settings, local_toolchain, path_toolchain, wheel_toolchain
from whence.golang.environment import clean_environment
from whence.golang.fetching import Announce, MissingToolchain, NoBuild, fetch, module_folder
from whence.golang.installation import Toolchain, goroot_at, installed_at
from whence.golang.releases import UnknownRelease, check_known, known_releases, known_versions, newest
from whence.golang.versions import BadVersion, Version, parse_release, parse_version

__all__ = [
    "MissingToolchain",
    "NoBuild",
    "NoGo",
    "Toolchain",
    "UnknownRelease",
    "bootstrap",
    "clean_environment",
    "ensure",
    "fetch_named",
    "find",
    "known_releases",
    "look_up",
    "present",
    "resolve",
]


def resolve(text: str) -> str:
    """Returns the version that `go=text` means; nothing is fetched.

    `local` is the Go on PATH, `1.24` the newest patch known, a text with a slash a GOROOT. Raises UnknownRelease,
    BrokenInstallation, or NoGo for `local` without any Go.
    """
    if text == "local":
        return local_toolchain().version
    if _is_path(text):
        return goroot_at(text).version
    version = _parse(text)
    if version.kind == "line":
        candidates = [t.parsed for t in _starting_points() if t.parsed.line == version.line]
        last = newest(version.line)
        if last is not None:
            candidates.append(last)
        elif not candidates:
            check_known(version)
        return max(candidates, default=version).text
    if version not in known_versions() and find(version.text) is None:
        check_known(version)
    return version.text


def find(text: str) -> Toolchain | None:
    """Returns that toolchain when it is on this machine, without network. Raises as `resolve`."""
    if text == "local":
        return local_toolchain()
    if _is_path(text):
        return goroot_at(text)
    version = _parse(text)
    if version.kind == "line":
        version = parse_version(resolve(text))
    for start in _starting_points():
        if start.parsed == version:
            return start
    return installed_at(module_folder(version), "module") if _can_fetch() else None


def ensure(text: str, *, announce: Announce | None = None) -> Toolchain:
    """Returns that toolchain, fetched when it is not here (network). `announce` is told about a fetch, in lines.

    Raises as `resolve`, NoBuild when it was never published for this platform, MissingToolchain when it is missing
    and cannot be fetched now, NoGo when there is no Go to fetch it with.
    """
    found = find(text)
    if found is not None:
        return found
    return fetch(parse_version(resolve(text)), announce=announce)


def look_up(release: str | Toolchain) -> tuple[Version, Toolchain | None]:
    """Returns the version and, when it is on this machine, the toolchain. An exact version need not be known: it may
    be that of a GOROOT that was given by path. Raises as `resolve` for any other text."""
    if isinstance(release, Toolchain):
        return release.parsed, release
    try:
        version = parse_version(release)
    except BadVersion:
        version = None
    if version is None or version.kind == "line":
        version = parse_version(resolve(release))
    return version, find(release)


def fetch_named(text: str, *, announce: Announce | None = None) -> Toolchain:
    """As `ensure`, for a person who asks for it by name: a patch newer than any list is tried too."""
    if text == "local" or _is_path(text):
        return ensure(text)
    version = _parse(text)
    if version.kind == "line" or version in known_versions() or newest(version.line) is None:
        return ensure(text, announce=announce)
    return find(text) or fetch(version, known=False, announce=announce)


def present() -> tuple[Toolchain, ...]:
    """Returns every toolchain on this machine that Whence would use by version, oldest first. Uses no network."""
    found = list(_starting_points())
    if _can_fetch():
        settings = go_settings()
        ending = f".{settings.gohostos}-{settings.gohostarch}"
        for folder in (settings.module_cache / "golang.org").glob(f"toolchain@v0.0.1-go*{ending}"):
            toolchain = installed_at(folder, "module")
            if toolchain is not None and _named_after(folder, ending, toolchain):
                found.append(toolchain)
    return tuple(sorted(found, key=lambda t: (t.parsed, t.origin == "module")))


def _named_after(folder: Path, ending: str, toolchain: Toolchain) -> bool:
    name = folder.name.removeprefix("toolchain@v0.0.1-go").removesuffix(ending)
    try:
        return parse_release(name) == toolchain.parsed
    except BadVersion:
        return False


def _starting_points() -> tuple[Toolchain, ...]:
    """The Go on PATH and the one of the wheel, which need no fetching."""
    points = [t for t in (path_toolchain(), wheel_toolchain()) if t is not None]
    return tuple(t for i, t in enumerate(points) if t.goroot not in {p.goroot for p in points[:i]})


def _can_fetch() -> bool:
    try:
        bootstrap()
    except NoGo:
        return False
    return True


def _is_path(text: str) -> bool:
    return "/" in text


def _parse(text: str) -> Version:
    try:
        return parse_version(text)
    except BadVersion as error:
        raise UnknownRelease(
            f"go={text}: not a Go release. Write 1.24.3, 1.24, 1.27rc1, local, or the path of a GOROOT."
        ) from error
