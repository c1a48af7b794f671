"""What simulated processes came to: totals with intervals, the run over time, and advice that was found by trying.

A comparison of simulated variants is a `whence.comparison/1` that also holds the runs themselves.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from whence.evidence.attribution import Attribution
from whence.evidence.comparison import Comparison


class SimulatedValue(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of a simulated run with its 90 % interval, in base units."""

    metric: str
    unit: str
    value: float
    low: float
    high: float


class RunColumns(msgspec.Struct, frozen=True, kw_only=True):
    """A run over time: columns of one length in order of time; bytes unless the name says otherwise."""

    seconds: tuple[float, ...] = ()
    heap_live: tuple[int, ...] = ()
    """Bytes allocated and not yet found dead, as /gc/heap/live plus what came since."""
    heap_goal: tuple[int, ...] = ()
    heap_inuse: tuple[int, ...] = ()
    rss: tuple[int, ...] = ()
    released: tuple[int, ...] = ()
    """Heap given back to the system."""
    cycles: tuple[int, ...] = ()
    """Collections finished so far."""
    scavenged: tuple[int, ...] = ()
    """Bytes given back so far, also those taken again later."""


class SimulationRun(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a program, simulated."""

    schema: str = "whence.simulation-run/1"
    name: str
    spec: str
    workload: str
    source: str
    """How well the program is known: recorded, described, profile or few-numbers."""
    go: str
    settings: dict[str, str]
    """What the runtime was simulated under, defaults included, as a variant is written."""
    mode: str
    seed: int
    replicas: int
    totals: tuple[SimulatedValue, ...]
    columns: RunColumns
    oom_seconds: float | None = None
    """When the container's memory was exceeded, null if it never was."""
    notes: tuple[str, ...] = ()


class SimulatedComparison(Comparison, frozen=True, kw_only=True):
    """A comparison with the runs that it rests on and, where asked for, the causes of each candidate's changes."""

    simulated: bool = True
    runs: str | None = None
    simulations: tuple[SimulationRun, ...] = ()
    attributions: tuple[Attribution, ...] = ()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of the grid. Regret: what it takes beyond the best of the grid, in the resource's own unit."""

    gogc: int | None
    """Null for off."""
    memory_limit: int | None
    """GOMEMLIMIT in bytes, null for none."""
    request: int
    """Memory request: what the process uses most of the time, in bytes."""
    limit: int
    """Memory limit that is exceeded with a chance of at most `Recommendation.risk`."""
    memory: float
    """Peak of the working set, median of what is uncertain."""
    memory_low: float
    memory_high: float
    cpu: float
    """Cores in use on average, the program's own included."""
    cpu_low: float
    cpu_high: float
    memory_regret: float
    """Bytes of request above the choice with the least."""
    cpu_regret: float
    """Cores above the choice with the least."""
    cost: float
    """request in GiB + cores × `Recommendation.core_costs_gib`."""
    cost_regret: float
    """Share of the best cost that it costs more."""
    on_front: bool
    """No other choice takes less of both."""
    fits: bool
    """Its limit is within the limit that was given; true without one."""
    oom: bool = False


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """Request, limit, GOMEMLIMIT and GOGC chosen together, and what each other choice would cost."""

    schema: str = "whence.recommendation/1"
    subject: str
    source: str
    go: str
    processors: int
    cpu: float | None
    given_limit: int | None
    core_costs_gib: float
    risk: float
    seed: int
    replicas: int
    chosen: Choice
    variant: str
    """The choice as a variant is written."""
    confidence: float
    """Share of the replicas in which the choice costs at most 2 % more than the best that fits."""
    confidence_word: Literal["high", "fair", "low"]
    default_choice: Choice | None
    """GOGC=100 without GOMEMLIMIT, for comparison."""
    choices: tuple[Choice, ...]
    sentence: str
    notes: tuple[str, ...] = ()
    simulated: bool = True
