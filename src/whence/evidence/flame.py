"""A profile as it is drawn: the tree of all stacks with their values, and the functions that occur in it.

The JSON form of `FlameGraph` is `whence.profile-flame/1`; fields may be added, their meaning never changes. A profile
of half a million frames is a few megabytes because the numbers stand in packed columns (`flame_packing`): whole
numbers of one width, split into their bytes, all lowest bytes first, deflated with zlib; base64 in JSON.
"""

from __future__ import annotations

from typing import Literal

import msgspec

FlameVerdict = Literal["worse", "better", "equivalent", "undetermined", "moved"]


class FlameNodes(msgspec.Struct, frozen=True, kw_only=True):
    """The frames of the tree in preorder, callers before callees; packed columns of `count` numbers each.

    `up`: how many levels the frame lies above a child of the frame before it (0: it is that frame's callee); the first
    frame has 0 and no caller. `function`: 0 when the frame before that was called by the same function called this
    one's function too, else the function's row + 1. `value`, `base`: what was sampled in the frame itself, in steps of
    `step` (signed: 2v for v >= 0, -2v - 1 below); of the frame with its callees it is the sum over the subtree.
    """

    count: int
    step: int = 1
    up: bytes = b""
    function: bytes = b""
    value: bytes = b""
    base: bytes = b""
    """Of the base of a diff; empty when there is none."""


class FlameFunctions(msgspec.Struct, frozen=True, kw_only=True):
    """One row a function, in columns. Of a diff `flat` and `cum` are the candidate's.

    `package`, `role`: packed rows of the graph's `packages` and `roles`. `flat`, `cum`, `base_flat`, `base_cum`:
    packed, signed, in steps of the nodes' `step`. The columns of a diff are empty when nothing was judged; in a row
    that was not judged they are null. `ratio`: candidate ÷ base with its interval; `p_adjusted`: corrected for all
    functions.
    """

    name: tuple[str, ...]
    package: bytes = b""
    role: bytes = b""
    flat: bytes = b""
    cum: bytes = b""
    base_flat: bytes = b""
    base_cum: bytes = b""
    ratio: tuple[float | None, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    p_adjusted: tuple[float | None, ...] = ()
    verdict: tuple[FlameVerdict | None, ...] = ()


class FlameGraph(msgspec.Struct, frozen=True, kw_only=True):
    """One profile, or two compared, as the report draws it."""

    schema: str = "whence.profile-flame/1"
    title: str
    """The answer in one sentence."""
    verdict: FlameVerdict | None = None
    """Of the whole, for a diff."""
    story: tuple[str, ...] = ()
    """Further sentences."""
    command: str = ""
    """What repeats it."""
    subject: str = ""
    """The files it was read from, in words."""
    sample_type: str
    unit: str
    total: int
    base_total: int | None = None
    """Of the base of a diff; null when there is none."""
    judged: Literal["flat", "cum"] = "flat"
    """Which value of a function the ratio, interval and verdict are about."""
    packages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    functions: FlameFunctions
    nodes: FlameNodes
    notes: tuple[str, ...] = ()
    """What was odd, in words."""
    facts: tuple[tuple[str, str], ...] = ()
    """How it was read and measured, as (name, value)."""
    started_at: float | None = None
    whence_version: str = ""
