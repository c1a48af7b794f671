"""Frames that a profile itself declares uninteresting: its drop_frames and keep_frames.

The semantics are pprof's (profile/prune.go): beneath a function that matches drop_frames, and not keep_frames, all
frames are removed, the function too; but not before the first frame, seen from the root, that does not match. A
location keeps the functions that the matching one was inlined into.
"""

from __future__ import annotations

import re

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.reshaping import with_frames, with_lines

_BRACKETS = re.compile(r"\(anonymous namespace\)|operator\(\)|\(")
_RESERVED = ("(anonymous namespace)", "operator()")


def without_uninteresting(profile: Profile) -> Profile:
    """Returns the profile with its drop_frames applied; itself when there are none."""
    if not profile.drop_frames:
        return profile
    drop = _compiled(profile.drop_frames, "drop_frames")
    keep = _compiled(profile.keep_frames, "keep_frames") if profile.keep_frames else None

    def dropped(name: str) -> bool:
        simple = simplified(name)
        return bool(name) and drop.fullmatch(simple) is not None and (keep is None or not keep.fullmatch(simple))

    strings = profile.strings
    matching = np.array([dropped(strings[row]) for row in profile.functions.name.tolist()] or [False], np.bool_)
    return _pruned(profile, matching) if matching.any() else profile


def _compiled(expression: str, what: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise BadInput(f"the profile's {what} is no regular expression ({error}). Write it anew without.") from error


def simplified(name: str) -> str:
    """Returns a function's name without its argument list."""
    name = name.removeprefix(".")
    for match in _BRACKETS.finditer(name):
        if match[0] not in _RESERVED:
            return name[: match.start()]
    return name


def _pruned(profile: Profile, matching: np.ndarray) -> Profile:
    """Returns the profile without the frames beneath the functions that match."""
    places = profile.locations
    line_hit = (places.line_function >= 0) & matching[places.line_function]
    # of each location, the outermost matching line: -1 for none
    last_hit = np.full(len(places), -1, np.int64)
    owner = np.repeat(np.arange(len(places)), np.diff(places.line_starts))
    hits = np.flatnonzero(line_hit)
    np.maximum.at(last_hit, owner[hits], hits - places.line_starts[owner[hits]])
    lines = np.diff(places.line_starts)
    hit = last_hit >= 0
    whole = hit & (last_hit == lines - 1)
    cut = np.where(hit & ~whole, last_hit + 1, 0)
    keep = np.ones(len(places.line_function), np.bool_)
    position = np.arange(len(keep)) - places.line_starts[owner]
    keep &= position >= cut[owner]
    shorter = with_lines(profile, keep)
    leaves = _removed_leaves(profile, hit, whole)
    if not leaves.any():
        return shorter
    owner = np.repeat(np.arange(len(profile)), np.diff(profile.stack_starts))
    return with_frames(shorter, np.arange(len(owner)) - profile.stack_starts[owner] >= leaves[owner])


def _removed_leaves(profile: Profile, hit: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Returns how many frames of each sample are removed at its leaf."""
    starts, frames = profile.stack_starts, profile.frames
    leaves = np.zeros(len(profile), np.int64)
    has_hit = np.zeros(len(frames) + 1, np.int64)
    np.cumsum(hit[frames], out=has_hit[1:])
    for sample in np.flatnonzero(has_hit[starts[1:]] > has_hit[starts[:-1]]).tolist():
        stack = frames[starts[sample] : starts[sample + 1]]
        hits = hit[stack]
        user = np.flatnonzero(~hits)
        if not len(user):
            continue
        below = np.flatnonzero(hits[: user[-1]])
        if len(below):
            at = int(below[-1])
            leaves[sample] = at + 1 if whole[stack[at]] else at
    return leaves
