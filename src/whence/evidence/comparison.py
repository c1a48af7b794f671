"""What a comparison found: effects with their intervals and verdicts, gates, and how it was measured.

The JSON form of `Comparison` is `whence.comparison/1`; fields may be added, their meaning never changes.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["worse", "better", "equivalent", "undetermined"]
GateOutcome = Literal["held", "broken", "undecided"]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Candidate ÷ base of one metric. `low`, `high`: uncorrected 95 % interval; `corrected_*`: the verdict's."""

    metric: str
    unit: str
    base: str
    candidate: str
    base_value: float | None
    candidate_value: float | None
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    differs: bool
    exact: bool
    pairs: int
    benchmark: str | None = None
    detectable: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    margin: float = 0.0
    better: Literal["lower", "higher"] = "lower"
    pairs_needed: int | None = None
    """For `undetermined`: how many pairs in all would probably decide; null when no number would."""
    level: float | None = None
    """The coverage that the 95 % interval really attains (signed-rank levels are discrete)."""
    family: Literal["chosen", "listed"] = "chosen"
    where: str = "program"
    warnings: tuple[str, ...] = ()


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One gate on one candidate. `bound` is the corrected one-sided 95 % bound that was held against the limit."""

    rule: str
    metric: str
    candidate: str
    bound: float | None
    outcome: GateOutcome
    limit: float
    kind: Literal["ratio", "value"] = "ratio"
    reason: str = ""


class VariantResult(msgspec.Struct, frozen=True, kw_only=True):
    """One variant as it was built and run."""

    name: str
    spec: str
    go: str | None
    binary_sha256: str | None
    outcomes: dict[str, int]
    first_failure: str | None = None
    build_seconds: float | None = None
    layouts: int = 1
    """Differently linked binaries that were measured."""
    command: tuple[str, ...] = ()
    binary_size_bytes: int | None = None
    """Of a build without random layout, when it was asked for."""
    known_fatal: str | None = None
    """Why this variant cannot start (a removed GODEBUG setting), in words."""
    ignored: tuple[str, ...] = ()
    """Settings that this release's runtime does not read, in words."""


class HostReport(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured, and what calibration said."""

    cpus: int
    calibration: dict[str, float]
    warnings: tuple[str, ...] = ()
    name: str = ""
    kernel: str = ""
    cpu_model: str = ""
    blocks_by_host: dict[str, int] = {}
    """Where the blocks were measured, when it was on more than one host."""


class GeometricMean(msgspec.Struct, frozen=True, kw_only=True):
    """Geometric mean of one unit's ratios over several benchmarks, as benchstat users expect beside the table."""

    unit: str
    candidate: str
    ratio: float | None
    benchmarks: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was going to be done, fixed before the first counted run and stored."""

    seed: int
    variants: tuple[str, ...]
    pairs: int
    """Blocks in all."""
    order: tuple[tuple[int, ...], ...]
    """For each block the variant indexes in the order they run."""
    metrics: tuple[str, ...]
    warmup: int = 1
    layouts: int = 1
    """Differently linked binaries per variant; block b uses layout b mod layouts."""
    looks: tuple[int, ...] = ()
    """Numbers of complete blocks after which the data may be looked at; the last is `pairs`."""
    budget_s: float | None = None
    timeout_s: float = 600.0
    max_repeats: int = 2
    """How often calibration may have one block run again."""
    first_block: int = 0
    """Blocks before this one were judged in an earlier, finished plan and do not count in this one."""
    exit_stop_effect: dict[str, float] = {}
    """What holding a process at its exit did to its times in the pilot (ratios with ÷ without); empty: not measured."""
    times_apart: bool = False
    """Times come from runs of their own, which were not held at their exit."""
    repeat_threshold: float = 1.25
    """A block is run again when a calibration spin beside it took this many times the session's median."""
    affinity: tuple[int, ...] = ()
    built: tuple[VariantResult, ...] = ()
    """The variants as they were built, before any counted run."""
    price_builds: int = 0
    price_links: int = 0
    price_runs: int = 0
    price_seconds: float | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: everything that a report shows and a gate is judged by."""

    schema: str = "whence.comparison/1"
    subject: str
    seed: int
    variants: tuple[VariantResult, ...]
    host: HostReport
    effects: tuple[Effect, ...]
    gates: tuple[GateResult, ...] = ()
    runs: str | None = "runs.parquet"
    listed: tuple[Effect, ...] = ()
    """Metrics that were read but not chosen, under Benjamini-Hochberg: for reading, not for verdicts of record."""
    geometric_means: tuple[GeometricMean, ...] = ()
    notes: tuple[str, ...] = ()
    """What was odd, in words."""
    interim: bool = False
    simulated: bool = False
    plan: Plan | None = None
    aa_variant: str | None = None
    """Name of the candidate that is the base a second time (the instrument's own check)."""
    command: str = ""
    started_at: float | None = None
    finished_at: float | None = None
    counted_runs: int = 0
    repeated_blocks: int = 0
    whence_version: str = ""
