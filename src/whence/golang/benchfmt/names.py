"""Benchmark names: `Decode/format=json/tiny-8` is a base name, parts of sub-benchmarks, and GOMAXPROCS."""

from __future__ import annotations

import re

import msgspec

_PROCS = re.compile(r"(.*)-([1-9][0-9]{0,5})\Z", re.DOTALL)


class NameParts(msgspec.Struct, frozen=True):
    """A name taken apart. `base + "".join(parts)` is the name again; `keys` holds the parts written `/key=value`."""

    base: str
    parts: tuple[str, ...]
    keys: dict[str, str]


def split_procs(full_name: str) -> tuple[str, int | None]:
    """Splits the `-N` that Go appends when GOMAXPROCS is not 1; None when there is none.

    With GOMAXPROCS=1 nothing is appended, and a name that itself ends in `-10` cannot be told from one that was given
    a suffix. Who has several names at hand (`samples`, a comparison of files) therefore looks at all of them.
    """
    match = _PROCS.match(full_name)
    return (full_name, None) if match is None else (match[1], int(match[2]))


def name_parts(name: str) -> NameParts:
    """Takes a name without its GOMAXPROCS suffix apart at the slashes. Of a key given twice the first counts."""
    base, *rest = name.split("/")
    keys: dict[str, str] = {}
    for part in rest:
        key, equals, value = part.partition("=")
        if equals:
            keys.setdefault(key, value)
    return NameParts(base, tuple("/" + part for part in rest), keys)
