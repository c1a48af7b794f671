"""The history of Go's memory as measured: one program under many releases, with what a model predicts beside it.

The JSON form of `Lineage` is `whence.lineage/1`: times in seconds, except the cost of an allocation, which is in
nanoseconds of CPU; memory in bytes.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from whence.evidence.comparison import HostReport

Panel = Literal["allocation", "pauses", "memory", "collector"]
Unit = Literal["ns", "s", "B", "1", "count"]


class LineageMetric(msgspec.Struct, frozen=True, kw_only=True):
    """One column: what is measured, and in which of the four panels it stands."""

    name: str
    """A stable name for scripts, such as `alloc-64`."""
    words: str
    short: str
    """The head of a narrow column."""
    unit: Unit
    panel: Panel


class Predicted(msgspec.Struct, frozen=True, kw_only=True):
    """What the model says, with its 90 % interval where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one release over the blocks. `value` is null when the release does not tell it."""

    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    blocks: int = 0
    """Runs that told a value."""
    predicted: Predicted | None = None


Ending = Literal["back", "lazy", "never"]


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What became of dropped memory, once: resident bytes before and after, and when the system had them again."""

    dropped: float
    before: float
    """Resident just before it was dropped."""
    after: float
    """Resident when the wait ended."""
    peak: float
    """VmHWM."""
    lazy_free: float
    """The most that was marked as lazily free (MADV_FREE): the system may take it, and it still counts as resident."""
    ending: Ending
    """`back`: resident memory fell by 90 % of what was dropped; `lazy`: so much was marked lazily free instead."""
    seconds: float | None
    """From dropping until `ending`, null for `never`."""
    waited: float
    """Seconds that were waited in all."""
    heap_idle: float | None = None
    """What the runtime then said it held idle, and had given back."""
    heap_released: float | None = None
    timeline: tuple[tuple[float, float], ...] = ()
    """(seconds since the drop, resident bytes)."""


class LineageRelease(msgspec.Struct, frozen=True, kw_only=True):
    """One release. `readings` in the order of the metrics."""

    line: str
    version: str
    binary_sha256: str | None
    readings: tuple[Reading, ...]
    given_back: GivenBack | None = None
    predicted_after: Predicted | None = None
    predicted_seconds: Predicted | None = None
    """When the model has 90 % back; null where it never has, or is not asked."""
    predicted_ending: Ending | None = None
    failures: tuple[str, ...] = ()
    """Runs that did not end well, in words."""

    def reading(self, metric: str) -> Reading | None:
        """Returns the reading of that metric, None when there is none."""
        return next((reading for reading in self.readings if reading.metric == metric), None)


class MissingRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release that was asked for and is not here."""

    line: str
    version: str
    why: str


class KnownChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is known to have changed with a line of releases, and where that can be read."""

    since: str
    panel: Panel
    short: str
    words: str
    source: str
    """Release, file and line."""


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `whence lineage`."""

    schema: Literal["whence.lineage/1"] = "whence.lineage/1"
    sentence: str
    metrics: tuple[LineageMetric, ...]
    releases: tuple[LineageRelease, ...]
    """Oldest first."""
    missing: tuple[MissingRelease, ...] = ()
    changes: tuple[KnownChange, ...] = ()
    quick: bool = False
    blocks: int
    """Complete blocks."""
    wait: float
    """Seconds for which idle processes were waited for at most."""
    seed: int
    host: HostReport
    disturbed_runs: int = 0
    """Runs beside which a calibration spin took 1.25 times the median or more."""
    counted_runs: int = 0
    interim: bool = False
    notes: tuple[str, ...] = ()
    command: str = ""
    started_at: float | None = None
    seconds: float = 0.0
    """Time spent measuring, without builds and downloads."""
    whence_version: str = ""

    def metric(self, name: str) -> LineageMetric:
        """Returns the metric of that name. Raises KeyError."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)
