"""Which samples and frames are looked at: focus, ignore, hide, show, show_from, and the same for labels.

The semantics are pprof's: an expression is searched in function names, file names and the binary's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import Labels, Profile
from whence.measure.profiles.views.reshaping import Mask, any_of_each, last_of_each, line_owner, with_frames, with_lines

_RANGE = re.compile(r"([+-]?\d+)([A-Za-z]+)?")
_SCALES = {
    "": 1,
    "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40,
    "bytes": 1, "byte": 1,
    "ns": 1, "nanoseconds": 1, "us": 10**3, "microseconds": 10**3, "ms": 10**6, "milliseconds": 10**6,
    "s": 10**9, "seconds": 10**9, "min": 60 * 10**9, "minutes": 60 * 10**9, "hrs": 3600 * 10**9, "hours": 3600 * 10**9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Expressions; an empty one is not applied."""

    focus: str = ""
    ignore: str = ""
    hide: str = ""
    show: str = ""
    show_from: str = ""
    tagfocus: str = ""
    tagignore: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()


def filtered(profile: Profile, filters: Filters) -> tuple[Profile, tuple[str, ...]]:
    """Returns what the filters leave, and one note for each of them that matched nothing. Raises BadInput."""
    notes: list[str] = []
    profile = _by_name(profile, filters, notes)
    if filters.show_from:
        profile = _shown_from(profile, filters.show_from, notes)
    for name, expression in (("tagfocus", filters.tagfocus), ("tagignore", filters.tagignore)):
        if expression:
            hit = _tag_matches(profile, name, expression)
            if not hit.any():
                notes.append(f"--{name} {expression} matched no sample")
            profile = profile.take(hit if name == "tagfocus" else ~hit)
    return profile, tuple(notes)


def expression_of(option: str, text: str) -> re.Pattern[str]:
    """Returns a compiled regular expression. Raises BadInput naming the option."""
    try:
        return re.compile(text)
    except re.error as error:
        raise BadInput(
            f"--{option} {text} is no regular expression ({error}). Quote special characters with \\."
        ) from error


class _Names:
    """Which lines and which locations an expression matches."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        strings = profile.strings
        self.functions = [
            (strings[name], strings[file])
            for name, file in zip(profile.functions.name.tolist(), profile.functions.filename.tolist(), strict=True)
        ]
        self.binaries = [strings[row] for row in profile.mappings.filename.tolist()]
        self.owner = line_owner(profile)

    def matches(self, pattern: re.Pattern[str]) -> tuple[Mask, Mask]:
        """Returns (lines whose function matches, locations whose binary matches)."""
        search = pattern.search
        functions = [bool(search(name) or search(file)) for name, file in self.functions]
        binaries = [bool(search(name)) for name in self.binaries]
        places = self.profile.locations
        # the last element serves row -1, which stands for none
        return np.array([*functions, False])[places.line_function], np.array([*binaries, False])[places.mapping]

    def locations(self, lines: Mask, binaries: Mask) -> Mask:
        hit = binaries.copy()
        hit[self.owner[lines]] = True
        return hit


def _by_name(profile: Profile, filters: Filters, notes: list[str]) -> Profile:
    if not (filters.focus or filters.ignore or filters.hide or filters.show):
        return profile
    names = _Names(profile)
    count = len(profile.locations)

    def located(option: str, text: str) -> Mask:
        hit = names.locations(*names.matches(expression_of(option, text)))
        if not hit.any():
            notes.append(f"--{option} {text} matched no function, file or binary")
        return hit

    ignored = located("ignore", filters.ignore) if filters.ignore else np.zeros(count, np.bool_)
    focused = located("focus", filters.focus) if filters.focus else np.ones(count, np.bool_)
    keep = any_of_each(profile, focused & ~ignored) & ~any_of_each(profile, ignored)
    lines = np.ones(len(profile.locations.line_function), np.bool_)
    hidden = np.zeros(count, np.bool_)
    if filters.hide:
        hit_lines, hit_binaries = names.matches(expression_of("hide", filters.hide))
        hit = located("hide", filters.hide)
        lines &= ~(hit_lines | hit_binaries[names.owner])
        hidden |= hit & (np.bincount(names.owner[lines], minlength=count) == 0)
    if filters.show:
        hit_lines, hit_binaries = names.matches(expression_of("show", filters.show))
        located("show", filters.show)
        functionless = profile.locations.line_function < 0
        lines &= hit_lines | hit_binaries[names.owner] | functionless
        hidden |= np.bincount(names.owner[lines], minlength=count) == 0
    shown = with_lines(profile, lines).take(keep)
    if hidden.any():
        shown = with_frames(shown, ~hidden[shown.frames])
        shown = shown.take(np.diff(shown.stack_starts) > 0)
    return shown


def _shown_from(profile: Profile, text: str, notes: list[str]) -> Profile:
    """Returns the samples that hold a match, without the frames nearer the root than the outermost one."""
    names = _Names(profile)
    lines, binaries = names.matches(expression_of("show_from", text))
    hit = names.locations(lines, binaries)
    if not hit.any():
        notes.append(f"--show-from {text} matched no function, file or binary")
    last_hit = np.full(len(hit), -1, np.int64)
    np.maximum.at(last_hit, names.owner[lines], np.flatnonzero(lines))
    limit = np.where(binaries | ~hit, np.int64(len(lines)), last_hit)
    highest = last_of_each(profile, hit)
    shown = with_lines(profile, np.arange(len(lines)) <= limit[names.owner])
    owner = np.repeat(np.arange(len(profile)), np.diff(profile.stack_starts))
    return with_frames(shown, np.arange(len(owner)) <= highest[owner]).take(highest >= 0)


def _tag_matches(profile: Profile, option: str, text: str) -> Mask:
    """Returns for every sample whether a label matches `text`: [key=]range of numbers, or [key=]expression,…."""
    key, equals, value = text.partition("=")
    if not equals:
        key, value = "", text
    labels = profile.labels
    strings = profile.strings
    wanted = np.array([not key or name == key for name in strings], np.bool_)[labels.key]
    in_range = _range_of(value)
    if in_range is not None:
        hit = wanted & (labels.text == 0) & _numbers_inside(labels, strings, in_range)
        return _samples_with(labels, hit)
    found = np.ones(len(profile), np.bool_)
    for part in value.split(","):
        pattern = expression_of(option, part)
        told = {
            (k, t): bool(pattern.search(strings[t] if key else f"{strings[k]}:{strings[t]}"))
            for k, t in set(zip(labels.key.tolist(), labels.text.tolist(), strict=True))
        }
        pairs = zip(labels.key.tolist(), labels.text.tolist(), strict=True)
        hit = np.array([told[pair] for pair in pairs] or [], np.bool_)
        found &= _samples_with(labels, hit & wanted & (labels.text != 0))
    return found


def _samples_with(labels: Labels, hit: Mask) -> Mask:
    before = np.zeros(len(hit) + 1, np.int64)
    np.cumsum(hit, out=before[1:])
    return before[labels.starts[1:]] > before[labels.starts[:-1]]


def _range_of(text: str) -> Callable[[float], bool] | None:
    """Returns the test of "5MB", "5MB:", ":5MB" or "1kb:5kb", None for what is no range."""
    ends = [(m, m.start(), m.end()) for m in _RANGE.finditer(text)]
    if not ends:
        return None
    low = float(int(ends[0][0][1]) * _SCALES.get((ends[0][0][2] or "").lower(), 0))
    if len(ends) == 1 and text == ends[0][0][0]:
        return lambda value: value == low
    if len(ends) == 1 and text == f"{ends[0][0][0]}:":
        return lambda value: value >= low
    if len(ends) == 1 and text == f":{ends[0][0][0]}":
        return lambda value: value <= low
    if len(ends) == 2 and text == f"{ends[0][0][0]}:{ends[1][0][0]}":
        high = float(int(ends[1][0][1]) * _SCALES.get((ends[1][0][2] or "").lower(), 0))
        return lambda value: low <= value <= high
    return None


def _numbers_inside(labels: Labels, strings: list[str] | tuple[str, ...], inside: Callable[[float], bool]) -> Mask:
    scale = np.array([_SCALES.get(unit.lower(), 1) for unit in strings], np.float64)[labels.unit]
    told = {value: inside(value) for value in set((labels.number * scale).tolist())}
    return np.array([told[value] for value in (labels.number * scale).tolist()] or [], np.bool_)


def without_labels(profile: Profile, keep: Callable[[str], bool]) -> Profile:
    """Returns the profile with only the labels whose key is kept."""
    kept = np.array([keep(name) for name in profile.strings], np.bool_)[profile.labels.key]
    before = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(kept, out=before[1:])
    old = profile.labels
    labels = Labels(before[old.starts], old.key[kept], old.text[kept], old.number[kept], old.unit[kept])
    return replace(profile, labels=labels)
