"""What the lab starts and what it gets back: the nouns between planning, running and the journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from whence.evidence.run import Outcome, Sample
from whence.evidence.subject import Load


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """One way to start one variant: with one layout of its binary. `{port}` in argv is filled in for services."""

    argv: tuple[str, ...]
    environment: dict[str, str] = {}
    """Added to (or replacing parts of) the environment the lab itself runs in."""
    cwd: Path | None = None
    layout_seed: int | None = None
    binary_sha256: str | None = None
    cpu_limit: float | None = None
    memory_limit_bytes: int | None = None
    load: Load | None = None
    """Set for servers."""
    exit_stop: bool | None = None
    """Whether this process is stopped as it exits to read its memory; None leaves it to the options."""


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One variant ready to run: one launch per layout. Block b uses launches[b % len(launches)]."""

    variant: str
    launches: tuple[Launch, ...]


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How one process is to be run and read."""

    timeout_s: float = 600.0
    metrics: frozenset[str] = frozenset()
    """Names of built-in metrics that are wanted; decides which probes are switched on (gctrace costs something)."""
    exit_stop: bool = True
    """Stop the process as it exits to read its memory. Off: the last 50 ms sample younger than 10 ms, or missing."""
    affinity: tuple[int, ...] = ()
    prepare: str | None = None
    """Shell command run before the process, outside the measurement (`--prepare`)."""
    keep_profiles_in: Path | None = None


class ProcessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One process, measured. The executor adds block, position and calibration to make a `Run` of it."""

    started_at: float
    seconds: float
    outcome: Outcome
    exit_code: int | None = None
    signal: str | None = None
    message: str = ""
    samples: tuple[Sample, ...] = ()
    timeline: tuple[tuple[float, float], ...] = ()
    host: dict[str, float] = {}
    declarations: dict[str, dict[str, str]] = {}
    """`Unit … better=…/assume=…` lines that the program printed, by unit."""
    notes: tuple[str, ...] = ()
    """What was odd about the reading, e.g. `children: rss is the sum of PSS`."""


Runner = Callable[[Launch, RunOptions], ProcessRecord]
"""Runs one process to its end. `run_process` for programs, `run_service` for servers."""
