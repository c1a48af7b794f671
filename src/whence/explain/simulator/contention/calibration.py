"""How long the locks are held and how often they are taken, as measured in the real runtime (`bench.contention`)."""

from __future__ import annotations

import functools
from importlib import resources

import msgspec

from whence.explain.simulator.versions.contention import contention_row
from whence.golang.versions import Version, parse_version


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One release. Pairs are of the two processor counts that were measured, see `Calibration.processors`."""

    go: str
    runs: int
    central_locks: float
    """Times that locks of central lists are taken for one refill; 0 where there are hardly any."""
    heap_locks: float
    """Times that the heap lock is taken for one span of fresh pages, its giving back included."""
    fresh: float
    """Share of refills that take fresh pages in a program whose objects die young."""
    central_ns: tuple[float, float]
    """Mean time that the lock of a central list is held."""
    heap_ns: tuple[float, float]
    """Mean time that the heap lock is held."""
    spread: float
    """Standard deviation of these times between mixes and runs, on a logarithmic scale."""
    object_ns: float
    """CPU of an allocation, without waits: for the object itself, and"""
    byte_ns: float
    """for each byte of it: clearing, its part of a refill, sweeping and collections."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """All releases that were measured, oldest first."""

    command: str
    host: str
    measured_on: str
    processors: tuple[int, int]
    transfer_ns: tuple[float, float]
    """An atomic addition to a word that all processors of the test add to, for each of them."""
    releases: tuple[Measured, ...]


@functools.cache
def calibration() -> Calibration:
    """Returns what was measured for this package."""
    data = resources.files("whence.explain.simulator.contention").joinpath("calibration.json").read_bytes()
    return msgspec.json.decode(data, type=Calibration)


def measured_for(version: Version, found: Calibration | None = None) -> Measured:
    """Returns the measurements that stand for a release: of the newest measured release not after it, with the same
    kind of central lists; else of the oldest measured one of that kind."""
    releases = (found or calibration()).releases
    kind = contention_row(version).central
    alike = [item for item in releases if contention_row(parse_version(item.go)).central == kind]
    line = parse_version(version.line)
    before = [item for item in alike if parse_version(parse_version(item.go).line) <= line]
    return before[-1] if before else alike[0]
