"""Which function of a stack allocated, and which one above the runtime and the libraries is responsible for it.

The allocator is the first function above the runtime. The responsible one is the first outside a given set: the
standard library and packages named by prefix. Where a whole stack lies in the set, the allocator is responsible. No
rule here knows any particular library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Profile, take_runs

CHUNK = 16384
"""Stacks that are looked at together: their frames fit in the processor's cache."""

_NAMES = (
    "archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors"
    " expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp"
    " runtime simd slices sort strconv strings structs sync syscall testing text time unicode unique unsafe uuid"
    " vendor weak"
)
STANDARD_LIBRARY = frozenset(_NAMES.split())
"""First elements of the import paths of the standard library, as of Go 1.27."""
_ALLOCATING = re.compile(
    r"runtime\.(?:malloc|new(?:object|array)|make(?:slice|chan|map)|growslice|raw(?:byteslice|runeslice|string)|persistentalloc"
    r"|slicebytetostring|stringtoslice|concatstring|conv[A-Z]|mapassign|\(\*mcache\)|gcStart$)"
)
"""Runtime functions that allocate because others ask them to: where a stack is all runtime, they are not its place."""
_RUNTIME = ("runtime.", "internal/runtime/", "runtime/internal/")


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """By sample: rows of functions and lines, -1 where the stack is empty."""

    allocator: NDArray[np.int64]
    responsible: NDArray[np.int64]
    line: NDArray[np.int64]
    """Line within the responsible function."""


def package_of(function: str) -> str:
    """Returns the import path in a function's name: `net/http` of `net/http.(*conn).serve`."""
    name = function.split("[", 1)[0]
    slash = name.rfind("/") + 1
    dot = name.find(".", slash)
    return (name if dot < 0 else name[:dot]).replace("%2e", ".")


def is_runtime(function: str) -> bool:
    """Tells whether a function is the runtime's own."""
    return function.startswith(_RUNTIME)


def is_standard(function: str, file: str) -> bool:
    """Tells whether a function is the standard library's: by its import path, and by where its file lies."""
    package = package_of(function)
    if package.split("/", 1)[0] not in STANDARD_LIBRARY:
        return False
    folder = file.replace("\\", "/").rpartition("/")[0]
    # A program's own package may be called log or time; then its file does not lie in the tree of Go. The runtime
    # holds some functions of other packages, such as reflect.unsafe_New.
    inside = folder.rpartition("/src/")[2] if "/src/" in folder else folder
    return not folder or inside.split("/", 1)[0] in STANDARD_LIBRARY


def is_outside(function: str, prefixes: Sequence[str]) -> bool:
    """Tells whether a function belongs to one of the packages or modules that `prefixes` name."""
    return any(
        function == prefix or (function.startswith(prefix) and (prefix[-1] in "/." or function[len(prefix)] in "/.[("))
        for prefix in prefixes
        if prefix
    )


def is_allocating(function: str) -> bool:
    """Tells whether a function of the runtime allocates on behalf of its caller."""
    return _ALLOCATING.match(function) is not None


def set_aside(
    profile: Profile, prefixes: Sequence[str], standard_library: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Returns, by function row, what is runtime, what is never responsible, and what allocates for its caller."""
    names = profile.function_names()
    files = [profile.strings[row] for row in profile.functions.filename.tolist()]
    runtime = np.array([is_runtime(name) for name in names], np.bool_)
    aside = [
        (standard_library and is_standard(name, file)) or is_outside(name, prefixes)
        for name, file in zip(names, files, strict=True)
    ]
    machinery = np.array([is_allocating(name) for name in names], np.bool_)
    return runtime, runtime | np.array(aside, np.bool_), machinery


def lines_of(profile: Profile, samples: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns, for these samples, where the lines of each begin and end, and the rows of the line columns, leaf first.

    A frame into which others were inlined counts as several lines."""
    starts, frames = take_runs(profile.stack_starts, samples)
    locations = profile.frames[frames].astype(np.int64)
    line_starts, lines = take_runs(profile.locations.line_starts, locations)
    return line_starts[starts], lines


def in_chunks(profile: Profile) -> Iterator[NDArray[np.int64]]:
    """Yields the rows of samples, some thousands at a time."""
    for begin in range(0, len(profile), CHUNK):
        yield np.arange(begin, min(begin + CHUNK, len(profile)))


def places(profile: Profile, prefixes: Sequence[str], standard_library: bool = True) -> Places:
    """Returns who allocated and who is responsible, for every sample."""
    sets = set_aside(profile, prefixes, standard_library)
    found = [_places(profile, samples, *sets) for samples in in_chunks(profile)]
    if not found:
        empty = np.zeros(0, np.int64)
        return Places(empty, empty, empty)
    return Places(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _places(
    profile: Profile,
    samples: NDArray[np.int64],
    runtime: NDArray[np.bool_],
    aside: NDArray[np.bool_],
    machinery: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    starts, lines = lines_of(profile, samples)
    function = profile.locations.line_function[lines].astype(np.int64)
    known = function >= 0
    allocator = _first(starts, known & ~np.append(runtime, True)[function])
    responsible = _first(starts, known & ~np.append(aside, True)[function])
    leaf = np.where(starts[1:] > starts[:-1], starts[:-1], -1)
    own = _first(starts, known & ~np.append(machinery, True)[function])
    allocator = np.where(allocator >= 0, allocator, np.where(own >= 0, own, leaf))
    responsible = np.where(responsible >= 0, responsible, allocator)
    numbers = np.append(profile.locations.line_number[lines], 0)
    function = np.append(function, -1)
    return function[allocator], function[responsible], numbers[responsible]


def _first(starts: NDArray[np.int64], wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns, for each run, the index of its first wanted element, -1 where it has none."""
    hits = np.append(np.flatnonzero(wanted), len(wanted))
    first = hits[np.searchsorted(hits, starts[:-1])]
    return np.where(first < starts[1:], first, -1)
