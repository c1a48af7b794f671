"""Which Go releases exist: the list that ships with Whence, and what the module proxy last answered.

Nothing here uses the network, except that `remember` stores an answer that `whence toolchain list --refresh` got.
"""

from __future__ import annotations

import datetime
import functools
import os
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.golang.cache import cache_root
from whence.golang.versions import BadVersion, Version, parse_release, parse_version

FIRST_RELEASE = "1.2.2"


class UnknownRelease(BadInput):
    """A release that does not exist, as far as is known."""


class ReleaseList(msgspec.Struct, frozen=True, kw_only=True):
    """The form of `data/releases.json` and of its refreshed copy in the cache."""

    schema: str = "whence.releases/1"
    asked: str
    """Date of the answer, as in 2026-01-31."""
    listed: tuple[str, ...]
    """Versions of module golang.org/toolchain, as `go list -m -versions` names them, of any platform."""
    unlisted: tuple[str, ...] = ()
    """Releases that the module proxy serves without listing them."""


@functools.cache
def shipped() -> ReleaseList:
    """Returns the list that ships with Whence."""
    data = resources.files("whence.golang").joinpath("data/releases.json").read_bytes()
    return msgspec.json.decode(data, type=ReleaseList)


def known_releases() -> tuple[str, ...]:
    """Returns every release known, oldest first, pre-releases among them. Uses no network."""
    return tuple(version.text for version in known_versions())


def known_versions() -> tuple[Version, ...]:
    """As `known_releases`, parsed."""
    path = _cached_list()
    return _merged(path, path.stat().st_mtime_ns if path.is_file() else 0)


@functools.lru_cache(maxsize=8)
def _merged(path: Path, changed_ns: int) -> tuple[Version, ...]:
    names = {*shipped().listed, *shipped().unlisted}
    answer = _read(path) if changed_ns else None
    if answer is not None:
        names |= {*answer.listed, *answer.unlisted}
    return tuple(sorted(parse_release(name) for name in names))


def last_asked() -> str:
    """Returns the date of the newest list of releases, as in 2026-01-31."""
    answer = _read(_cached_list())
    return max(shipped().asked, answer.asked if answer is not None else "")


def by_line() -> dict[str, tuple[Version, ...]]:
    """Returns line → its known releases, newest line last."""
    lines: dict[str, list[Version]] = {}
    for version in known_versions():
        lines.setdefault(version.line, []).append(version)
    return {line: tuple(versions) for line, versions in lines.items()}


def newest(line: str | None = None) -> Version | None:
    """Returns the newest known release of a line (or of all), a pre-release only where there is nothing else."""
    inside = [version for version in known_versions() if line is None or version.line == line]
    return max((v for v in inside if v.kind == "release"), default=max(inside, default=None))


def check_known(version: Version) -> None:
    """Raises UnknownRelease when that release does not exist, as far as is known here.

    Patch numbers have no gaps, so a patch below the newest one of its line exists even where no list names it.
    """
    if version in known_versions():
        return
    last = newest(version.line)
    if last is None:
        everything = newest()
        known = "" if everything is None else f"; newest known is {everything.text}"
        raise UnknownRelease(f"no toolchain for go{version.text}{known}. See: whence toolchain list")
    if version < parse_version(FIRST_RELEASE) or version.kind != "release" or version > last:
        raise UnknownRelease(
            f"no toolchain for go{version.text}; newest known of {version.line} is {last.text}. "
            f"If it is out, run: whence toolchain fetch {version.text}"
        )


def remember(names: Iterable[str]) -> ReleaseList:
    """Stores the releases that the module proxy just listed, keeping earlier answers; returns what was stored."""
    earlier = _read(_cached_list())
    listed = {*names, *(earlier.listed if earlier is not None else ())}
    answer = ReleaseList(
        asked=datetime.date.today().isoformat(),
        listed=tuple(sorted(listed, key=parse_release)),
        unlisted=earlier.unlisted if earlier is not None else (),
    )
    _write(answer)
    return answer


def remember_fetched(version: Version) -> None:
    """Stores that a release exists which no list names: it was just fetched."""
    if version in known_versions():
        return
    earlier = _read(_cached_list())
    _write(
        ReleaseList(
            asked=earlier.asked if earlier is not None else shipped().asked,
            listed=earlier.listed if earlier is not None else (),
            unlisted=(*(earlier.unlisted if earlier is not None else ()), version.module_name),
        )
    )


def _cached_list() -> Path:
    return cache_root() / "releases.json"


def _read(path: Path) -> ReleaseList | None:
    """A damaged or foreign cache file counts as none: it can be had again."""
    try:
        answer = msgspec.json.decode(path.read_bytes(), type=ReleaseList)
        for name in (*answer.listed, *answer.unlisted):
            parse_release(name)
    except (OSError, msgspec.MsgspecError, BadVersion):
        return None
    return answer


def _write(answer: ReleaseList) -> None:
    path = _cached_list()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(answer), indent=1))
    temporary.replace(path)
