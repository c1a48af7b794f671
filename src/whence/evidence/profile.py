"""What a profile says of each function, as it is printed and stored."""

from __future__ import annotations

import msgspec


class FunctionValue(msgspec.Struct, frozen=True, kw_only=True):
    """Values of one function in the unit of the sample type."""

    name: str
    flat: int
    """Of the samples that end in it."""
    cum: int
    """Of the samples that it stands in, each counted once."""


class ProfileTop(msgspec.Struct, frozen=True, kw_only=True):
    """All functions of a profile, largest flat value first; exact, no cut-off."""

    schema: str = "whence.profile-top/1"
    sample_type: str
    unit: str
    total: int
    """The sum over all samples of the absolute value, before any filter."""
    functions: tuple[FunctionValue, ...]
    notes: tuple[str, ...] = ()


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A function directly above or below another, with the value that flows between them."""

    name: str
    value: int


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """One function with its callers and callees, largest value first."""

    name: str
    flat: int
    cum: int
    callers: tuple[Neighbour, ...]
    callees: tuple[Neighbour, ...]


class ProfilePeek(msgspec.Struct, frozen=True, kw_only=True):
    """The functions that were asked for, each with its surroundings."""

    schema: str = "whence.profile-peek/1"
    sample_type: str
    unit: str
    total: int
    functions: tuple[Surroundings, ...]
    notes: tuple[str, ...] = ()


class TreeNode(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a function was reached: its depth, and values in it and beneath it."""

    depth: int
    name: str
    self_value: int
    value: int


class ProfileTree(msgspec.Struct, frozen=True, kw_only=True):
    """The call tree in preorder, heavier siblings first; what is below `smallest_share` of the total is left out."""

    schema: str = "whence.profile-tree/1"
    sample_type: str
    unit: str
    total: int
    smallest_share: float
    left_out: int
    """What the nodes that are not here held."""
    nodes: tuple[TreeNode, ...]
    notes: tuple[str, ...] = ()
