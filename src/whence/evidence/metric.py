"""What can be read of a run: a name, a unit, a direction, and how precisely it must hold to count as unchanged."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Better = Literal["lower", "higher"]
Family = Literal["memory", "cpu", "latency", "count"]

HIGHER_IS_BETTER_UNITS = frozenset({"B/s", "MB/s", "ops/s"})
EXACT_UNITS = frozenset({"allocs/op", "B/op"})
MARGIN_BY_FAMILY: dict[Family, float] = {"memory": 0.01, "cpu": 0.03, "latency": 0.05, "count": 0.01}
_TAIL = re.compile(r"(^|[-_/])p9\d*([-_/]|$)")


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One measured quantity. `name` is what users write; `benchmark` is set when a benchmark line printed it."""

    name: str
    unit: str
    benchmark: str | None = None
    better: Better = "lower"
    declared_exact: bool = False
    where: str = "program"
    """Where it was read: `kernel`, `runtime`, `toolchain` or `program`."""

    @property
    def family(self) -> Family:
        return family_of(self.unit, self.name)

    @property
    def margin(self) -> float:
        """The default equivalence margin as a fraction: memory 1 %, CPU 3 %, tail latency 5 %, exact 0."""
        return 0.0 if self.declared_exact else MARGIN_BY_FAMILY[self.family]


def family_of(unit: str, name: str = "") -> Family:
    """Returns the family that decides the default margin, from the unit and the metric's name."""
    if _TAIL.search(unit) or _TAIL.search(name):
        return "latency"
    if unit in {"B", "B/op", "bytes", "KiB", "MiB"} or unit.endswith("-bytes"):
        return "memory"
    head = unit.removesuffix("/op")
    if head in {"ns", "us", "µs", "ms", "s", "sec"} or head.endswith(("-ns", "-sec")) or unit.endswith("/s"):
        return "cpu"
    return "count"


def _kernel(name: str, unit: str) -> Metric:
    return Metric(name=name, unit=unit, where="kernel")


def _runtime(name: str, unit: str) -> Metric:
    return Metric(name=name, unit=unit, where="runtime")


BUILT_IN: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _kernel("rss", "B"),
        _kernel("rss-peak", "B"),
        _kernel("rss-anon", "B"),
        _kernel("rss-file", "B"),
        _kernel("cpu", "s"),
        _kernel("wall", "s"),
        _kernel("start", "s"),
        _runtime("heap-live", "B"),
        _runtime("heap-inuse", "B"),
        _runtime("heap-goal", "B"),
        _runtime("gc-cycles", "count"),
        _runtime("runtime-total", "B"),
        _kernel("rss-lazyfree", "B"),
        _kernel("rss-hugepages", "B"),
        _kernel("rss-start", "B"),
        _kernel("cpu-ns/req", "ns"),
        _kernel("p50-ns", "ns"),
        _kernel("p99-ns", "ns"),
        _kernel("p999-ns", "ns"),
        _kernel("errors", "count"),
        Metric(name="binary-size", unit="B", declared_exact=True, where="toolchain"),
    )
}
"""The metrics whose names Whence defines; every other name is a unit that the program prints."""

DEFAULT_METRICS = ("rss", "rss-peak", "cpu", "wall")
SERVICE_METRICS = ("rss", "cpu-ns/req", "p50-ns", "p99-ns", "p999-ns", "errors")
LOAD_METRICS = frozenset({"p50-ns", "p99-ns", "p999-ns", "errors"})
"""What a load generator may report by itself; read from outside when the built-in client loads."""


def layout_sensitive(metric: Metric) -> bool:
    """True for times: code layout alone moves them, so their independent unit is a freshly linked binary."""
    return not metric.declared_exact and metric.family in {"cpu", "latency"}
