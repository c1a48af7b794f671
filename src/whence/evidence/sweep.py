"""What a sweep found: one simulated process for each configuration of a grid. JSON: `whence.sweep/1`."""

from __future__ import annotations

from typing import Literal

import msgspec

Outcome = Literal["done", "refused"]


class SweepAxis(msgspec.Struct, frozen=True, kw_only=True):
    """One setting and the values it takes, as written."""

    key: str
    values: tuple[str, ...]


class SweepTotal(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a simulated process with its 90 % interval, in base units."""

    value: float
    low: float
    high: float
    unit: str = ""


class SweepPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration, simulated. A line of the sweep's journal too."""

    settings: dict[str, str]
    """The values of the axes, by key, as written."""
    configuration: str
    """All that the simulation was given, as JSON, the program by its digest: a name for this point in any grid."""
    outcome: Outcome = "done"
    message: str = ""
    """Why it was refused."""
    totals: dict[str, SweepTotal] = {}
    oom_seconds: float | None = None
    """When the container's memory was exceeded, null if it never was."""
    warnings: tuple[str, ...] = ()
    digest: str = ""
    """64 bits, in hexadecimal digits, over everything that the simulation gave, bit by bit: totals, draws, series."""
    seconds: float = 0.0
    """Time it took to compute; in no digest."""
    host: str = ""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """All points of a grid, the last axis running fastest."""

    schema: str = "whence.sweep/1"
    simulated: bool = True
    subject: str
    seed: int
    mode: str = "fluid"
    replicas: int = 0
    """Draws of what is uncertain, for each point."""
    axes: tuple[SweepAxis, ...]
    points: tuple[SweepPoint, ...]
    hash: str
    """64 bits over all points in order of the grid: equal for any number of workers, wherever they were."""
    workers: int
    cluster: str | None = None
    computed: int
    """Points that this command computed; the others were stored."""
    seconds: float
    directory: str
    notes: tuple[str, ...] = ()
    command: str = ""
    whence_version: str = ""


class SweepRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of results belongs to; its grid may grow."""

    schema: str = "whence.sweep-request/1"
    subject: str
    seed: int
    simulator: str
    """64 bits over the simulator's code."""
    whence_version: str
