"""What statistics are asked and what they answer: plain structs, no arrays, None for what cannot be computed."""

from __future__ import annotations

from typing import Literal

import msgspec

from whence.evidence.comparison import GateOutcome, Verdict


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Is the candidate worse than the base in one metric?

    Paired: `base[i]` and `candidate[i]` come from block i and have one length. NaN or infinite means missing: the
    pair is not used. Unpaired (results measured elsewhere): any two lengths.
    """

    key: tuple[str, ...]
    base: tuple[float, ...]
    candidate: tuple[float, ...]
    paired: bool = True
    declared_exact: bool = False
    better: Literal["lower", "higher"] = "lower"
    margin: float
    """Equivalence margin as a fraction: 0.01 is 1 %."""
    unit: str = ""
    band: float = 0.0
    """Fraction by which the design itself may be off (layout not varied): every verdict's interval is widened by it."""
    hosts: tuple[str, ...] = ()
    """Where each block was measured, for paired numbers from several hosts; empty: all on one."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one question, with the fields of `evidence.comparison.Effect` and their meaning."""

    key: tuple[str, ...]
    verdict: Verdict
    differs: bool = False
    exact: bool = False
    pairs: int = 0
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    """The coverage that the 95 % interval really attains."""
    equivalence_low: float | None = None
    equivalence_high: float | None = None
    """The 90 % interval, which is held against the margin."""
    corrected_low: float | None = None
    corrected_high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    detectable: float | None = None
    pairs_needed: int | None = None
    base_value: float | None = None
    candidate_value: float | None = None
    sd_log: float | None = None
    """Standard deviation of the log ratio of one pair."""
    warnings: tuple[str, ...] = ()


class GateQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Does one candidate keep one rule? `limit`: a ratio, or an amount in the metric's base unit."""

    question: Question
    operator: Literal["<=", ">="]
    kind: Literal["ratio", "value"] = "ratio"
    limit: float
    failed: bool = False
    """A run of this candidate failed: the gate is broken whatever the numbers say."""


class GateJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one gate. `bound`: the corrected one-sided 95 % bound that was held against the limit."""

    bound: float | None
    outcome: GateOutcome
    reason: str = ""
