"""What a diff of profiles found: which functions differ beyond chance, what only moved, and by which runtime roles.

The JSON form of `ProfileDiff` is `whence.profile-diff/1`; fields may be added, their meaning never changes.
"""

from __future__ import annotations

from typing import Literal

import msgspec

FunctionVerdict = Literal["grew", "shrank", "moved", "diluted", "not-different", "too-few"]


class ShareChange(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity of one function. Shares are of the side's total; values are means of a run in the profile's unit.

    `ratio` is candidate share ÷ base share, null where a side has nothing; `high` is null where it has no bound.
    """

    base: float
    candidate: float
    base_share: float
    candidate_share: float
    base_per_second: float | None = None
    """Value per second of the profile's duration; null when durations are not known."""
    candidate_per_second: float | None = None
    ratio: float | None = None
    low: float | None = None
    """The uncorrected 95 % interval of the ratio."""
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    """Benjamini–Hochberg within the functions' flat or cumulative values; null for what was not judged."""
    events: float | None = None
    """Sampled events of both sides that stand behind the numbers; null when everything was counted."""
    verdict: FunctionVerdict = "too-few"


class FunctionChange(msgspec.Struct, frozen=True, kw_only=True):
    """One function on both sides. `verdict` is that of the flat value, else of the cumulative one."""

    name: str
    flat: ShareChange
    cum: ShareChange
    verdict: FunctionVerdict
    base_name: str | None = None
    """What it is called on the base side, when the names differ."""
    matched_by: str = "name"
    moved_to: tuple[str, ...] = ()
    """For `moved`: where the cost went, or came from."""
    moved_under: str | None = None
    """The function below which it moved, whose own cumulative share did not change."""
    role: str | None = None
    """The runtime's role that most of its flat value has; null for functions that are not the runtime's."""


class RoleChange(msgspec.Struct, frozen=True, kw_only=True):
    """Self time of the Go runtime by what it was spent on, whatever the functions are called in a release."""

    role: str
    flat: ShareChange


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Two names taken for one function, and by which rule."""

    base: str
    candidate: str
    rule: str


class SideTotals(msgspec.Struct, frozen=True, kw_only=True):
    """One side: `value` is the mean total of a run in the profile's unit, `events` all sampled events behind it."""

    runs: int
    value: float
    events: float | None
    seconds: float | None
    """Mean duration of a run; null when the profiles do not say."""
    period: float | None = None
    runtime_share: float = 0.0
    """Self time of the Go runtime as a share of the total."""
    unmapped_share: float = 0.0
    """Runtime self time without a role, as a share of the runtime's self time."""


class Relabelling(msgspec.Struct, frozen=True, kw_only=True):
    """The runs' labels given out at random again: how often something was found, which is then chance alone."""

    tried: int
    with_findings: int


class ProfileDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Base and candidate held against each other; functions are ordered by how sure and how large they differ."""

    schema: str = "whence.profile-diff/1"
    sample_type: str
    unit: str
    mode: Literal["one-run-a-side", "runs"]
    alpha: float
    seed: int
    sentence: str
    base: SideTotals
    candidate: SideTotals
    functions: tuple[FunctionChange, ...]
    roles: tuple[RoleChange, ...]
    judged: int
    """Functions with enough events to be judged by flat or cumulative value."""
    spread: float
    """Run-to-run standard deviation of a share, relative to it, that was seen beyond sampling."""
    common_factor: float = 1.0
    """Candidate share ÷ base share of a function that itself did not change."""
    matches: tuple[Match, ...] = ()
    """Every pair of different names that was taken for one function."""
    merged_instances: int = 0
    """Names that differed only in type parameters and were added together."""
    relabelling: Relabelling | None = None
    notes: tuple[str, ...] = ()
