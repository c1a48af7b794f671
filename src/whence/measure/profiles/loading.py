"""From what a user names (files, standard input, endpoints of a live process) to one profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    force: bool = False,
    announce: Announce | None = None,
) -> Profile:
    """Returns the profile in a file, of `-` or of an http(s) endpoint; several are added up.

    `binary` names the functions that the profile does not; `force` even when it is not the one profiled.
    Raises BadInput.
    """
    if len(sources) == 1:
        profile = _one(sources[0], seconds, announce)
    else:
        from whence.measure.profiles.merging import merge

        profile = merge(each(sources, seconds=seconds, announce=announce), names=list(sources))
    if binary is not None:
        from whence.measure.profiles.symbolising import symbolise

        profile = symbolise(profile, binary, force=force)
    return profile


def each(
    sources: Sequence[str], *, seconds: float | None = None, announce: Announce | None = None
) -> Iterator[Profile]:
    """Yields one profile a source, in order, and holds none of them."""
    if list(sources).count("-") > 1:
        raise BadInput("standard input can be read once only. Name - at most once.")
    for source in sources:
        yield _one(source, seconds, announce)


def content(source: str, *, seconds: float | None = None, announce: Announce | None = None) -> bytes | bytearray:
    """Returns the bytes of one source; never none at all. Raises BadInput."""
    if seconds is None and Path(source).is_file():
        got = content_of(Path(source))
    else:
        from whence.measure.profiles.fetching import fetch  # what it needs of the network is slow to import

        got = fetch(source, seconds, announce)
    if not got:
        raise BadInput(f"{named(source)} is empty. Give a profile.")
    return got


def _one(source: str, seconds: float | None, announce: Announce | None) -> Profile:
    got = content(source, seconds=seconds, announce=announce)
    try:
        return read_profile(got)
    except DamagedInput as error:
        raise DamagedInput(f"{named(source)}: {error.what}", error.offset, error.readable) from error
    except UnknownFormat as error:
        raise UnknownFormat(f"{named(source)}: {error}") from error


def named(source: str) -> str:
    return "standard input" if source == "-" else source
