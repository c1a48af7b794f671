"""Why a metric changed: causes with their shares, what is left over, and remedies that were tried.

The JSON form of `Attribution` is `whence.attribution/1`; fields may be added, their meaning never changes. Shares are
natural-log points: a share of 0.05 is a factor of exp(0.05). Those of causes with `part_of` null add up to
ln(total.ratio). A `delta` is the same in the metric's unit: share x (candidate - base) / ln(candidate / base), so that
deltas add up as well. What cannot be computed is null.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from whence.evidence.comparison import HostReport, VariantResult

CauseKind = Literal[
    "toggle",
    "module",
    "toolchain-patch",
    "toolchain",
    "go-line",
    "flag",
    "environment",
    "layout",
    "source",
    "compiler-limit",
    "program",
]
AttributionVerdict = Literal[
    "explained", "partly-explained", "none-of-the-switches", "layout", "no-effect", "build-break", "undetermined"
]
StepOutcome = Literal["base", "carries", "clear", "undecided", "unmeasurable"]


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """What reverting one thing gains: (candidate without it ÷ candidate). `change`: how a variant is written so."""

    change: str
    ratio: float
    low: float | None
    high: float | None


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that differs, and what it carries. `blamed`: its corrected interval excludes nothing-at-all."""

    kind: CauseKind
    name: str
    part_of: str | None = None
    """Name of the cause that this one is a closer look at; its share is then inside that one's."""
    share: float | None = None
    low: float | None = None
    high: float | None = None
    delta: float | None = None
    delta_low: float | None = None
    delta_high: float | None = None
    blamed: bool = False
    evidence: tuple[str, ...] = ()
    """What anyone can follow: run ids, file and line, commands, in words."""
    entangled_with: tuple[str, ...] = ()
    """What was only ever varied together with it: the share is that of all of them."""
    undo: Undoing | None = None
    setting: str = ""
    """How the candidate has it, as a variant is written: `go=1.24.3`, `experiment=greenteagc`."""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """candidate ÷ base. `base_value`, `candidate_value`: medians of the runs; `delta` in the metric's unit."""

    ratio: float | None
    low: float | None
    high: float | None
    base_value: float | None
    candidate_value: float | None
    delta: float | None
    delta_low: float | None
    delta_high: float | None


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """The plan and its price. `builds`, `runs`, `seconds`: what it took, or for a plan what it will."""

    builds: int
    runs: int
    seconds: float | None
    design: str = ""
    """Kind of the plan of cells, in words: `full factorial of 3 switches in the candidate's release`."""
    cells: int = 0
    blocks: int = 0
    links: int = 0
    stages: tuple[tuple[str, int, float], ...] = ()
    """(stage, runs, seconds), in the order in which they were done."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The change at one value of a parameter. `shares`: name → (share, low, high) in ln points."""

    value: str
    ratio: float | None
    low: float | None
    high: float | None
    base_value: float | None = None
    candidate_value: float | None = None
    delta: float | None = None
    delta_low: float | None = None
    delta_high: float | None = None
    shares: dict[str, tuple[float, float | None, float | None]] = {}


class Dependence(msgspec.Struct, frozen=True, kw_only=True):
    """How the change depends on a parameter. `crossover`: the value at which it changes its sign, inside [low, high];
    null when it does not, or when the parameter is no number."""

    parameter: str
    crossover: float | None
    low: float | None
    high: float | None
    points: tuple[Point, ...]
    depends: bool = False
    """The intervals at two values exclude one another."""


class JointEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What two causes do together beyond the sum of each, in ln points (already inside their shares, half each)."""

    between: tuple[str, str]
    share: float
    low: float | None
    high: float | None
    real: bool = False
    or_between: tuple[tuple[str, ...], ...] = ()
    """Pairs it cannot be told from in this plan."""


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    """What the causes leave unexplained: the change measured by runs of its own, less the sum of the shares."""

    share: float | None
    low: float | None
    high: float | None


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """A change to make. `ratio`: remedied candidate ÷ base; `price`: metric → remedied ÷ candidate."""

    change: str
    measured: bool
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    price: dict[str, float] = {}
    for_cause: str = ""
    why: str = ""
    """One clause: where it is known from, and what it does."""
    source: str = ""


class RejectedRemedy(msgspec.Struct, frozen=True, kw_only=True):
    """A remedy that does not remove the difference, and why not."""

    change: str
    why: str
    measured: bool = False
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    price: dict[str, float] = {}
    palliative: bool = False
    """It lowers the metric of base and candidate alike."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One release on the way, in order of version. Releases that the search passed over have no entry."""

    release: str
    outcome: StepOutcome
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    pairs: int = 0


class MemoryPart(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of resident memory, in bytes: medians of the runs of base and candidate."""

    name: str
    base_value: float
    candidate_value: float


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to *why*: everything that a report of an explanation shows."""

    schema: str = "whence.attribution/1"
    subject: str
    seed: int
    metric: str
    unit: str
    better: Literal["lower", "higher"] = "lower"
    total: Total
    plan: Spent
    verdict: AttributionVerdict
    causes: tuple[Cause, ...] = ()
    depends_on: tuple[Dependence, ...] = ()
    interactions: tuple[JointEffect, ...] = ()
    unexplained: Leftover | None = None
    introduced_in: str | None = None
    fixed_in: str | None = None
    remedies: tuple[Remedy, ...] = ()
    rejected_remedies: tuple[RejectedRemedy, ...] = ()
    base: str = ""
    candidate: str = ""
    """The two variants as they were written."""
    path: tuple[Step, ...] = ()
    newest_carries: str | None = None
    """The newest release tried, when the change is still in it."""
    memory: tuple[MemoryPart, ...] = ()
    story: str = ""
    """For memory: which kind of pages it is, and whether Go's own metrics see it, in words."""
    takes: str = ""
    """For `undetermined` and what is only partly explained: what it would take to know, in words."""
    lack_of_fit: float | None = None
    notes: tuple[str, ...] = ()
    """What was odd, in words."""
    commands: tuple[str, ...] = ()
    """Commands that repeat parts of the evidence."""
    command: str = ""
    variants: tuple[VariantResult, ...] = ()
    host: HostReport | None = None
    interim: bool = False
    simulated: bool = False
    started_at: float | None = None
    finished_at: float | None = None
    whence_version: str = ""
