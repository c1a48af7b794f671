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
