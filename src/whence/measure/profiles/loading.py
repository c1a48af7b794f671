"""From what a user names (files, standard input, endpoints of a live process) to one profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.reading import content_of, read_profile

Announce = Callable[[str], None]


def load(
    sources: Sequence[str],
    *,
    seconds: float | None = None,
    binary: Path | None = None,
    announce: Announce | None = None,
) -> Profile:
    """Returns the profile in a file, of `-` or of an http(s) endpoint; several are added up. Raises BadInput."""
    profiles = load_each(sources, seconds=seconds, announce=announce)
    if len(profiles) > 1:
        from whence.measure.profiles.merging import merge

        profile = merge(profiles, names=list(sources))
    else:
        profile = profiles[0]
    if binary is not None:
        from whence.measure.profiles.symbolising import symbolised

        profile = symbolised(profile, binary)
    return profile


def load_each(
    sources: Sequence[str], *, seconds: float | None = None, announce: Announce | None = None
) -> list[Profile]:
    """Returns one profile a source, in order."""
    if list(sources).count("-") > 1:
        raise BadInput("standard input can be read once only. Name - at most once.")
    return [_one(source, seconds, announce) for source in sources]


def content(source: str, *, seconds: float | None = None, announce: Announce | None = None) -> bytes | bytearray:
    """Returns the bytes of one source."""
    if "://" not in source and source != "-":
        path = Path(source)
        if path.is_dir():
            raise BadInput(f"{source} is a folder. Name the profile's file in it.")
        if path.exists():
            return content_of(path)
    from whence.measure.profiles.fetching import fetch

    return fetch(source, seconds, announce)


def _one(source: str, seconds: float | None, announce: Announce | None) -> Profile:
    got = content(source, seconds=seconds, announce=announce)
    if not got:
        raise BadInput(f"{_named(source)} is empty. Give a profile.")
    try:
        return read_profile(got)
    except DamagedInput as error:
        raise DamagedInput(f"{_named(source)}: {error.what}", error.offset, error.readable) from error
    except UnknownFormat as error:
        raise UnknownFormat(f"{_named(source)}: {error}") from error


def _named(source: str) -> str:
    return "standard input" if source == "-" else source
