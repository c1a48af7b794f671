"""What a benchmark file says: results, each with the configuration that was in force, and facts about units."""

from __future__ import annotations

import msgspec

from whence.golang.benchfmt.names import NameParts, name_parts
from whence.golang.benchfmt.units import tidy, tidy_unit

UnitDeclarations = dict[str, dict[str, str]]
"""Unit as written → key → value, of lines such as `Unit ns/op better=lower assume=exact`."""


class Result(msgspec.Struct, frozen=True, gc=False):
    """One benchmark line."""

    name: str
    """Without the word Benchmark in front and without the `-GOMAXPROCS` suffix."""
    procs: int | None
    """GOMAXPROCS as the suffix gave it; None without a suffix, which Go leaves out for 1."""
    iterations: int
    values: tuple[tuple[float, str], ...]
    """(value, unit), at least one, in the units that were written."""
    config: dict[str, str] = {}
    """Configuration lines (`pkg: encoding/json`) in force at this line. Shared between results: never change it."""

    @property
    def full_name(self) -> str:
        """The name as written, without the word Benchmark in front."""
        return self.name if self.procs is None else f"{self.name}-{self.procs}"

    @property
    def parts(self) -> NameParts:
        return name_parts(self.name)

    def tidied(self) -> tuple[tuple[float, str], ...]:
        """Returns the values in the units that benchstat shows (sec/op, B/s)."""
        return tuple(tidy(value, unit) for value, unit in self.values)


class BenchFile(msgspec.Struct, frozen=True):
    """One text in Go benchmark format."""

    results: tuple[Result, ...]
    units: UnitDeclarations
    warnings: tuple[str, ...] = ()
    """`file:line: what is wrong`, one for every line that looks like part of the format and is not."""

    def declared(self, unit: str) -> dict[str, str]:
        """Returns what is declared of a unit. A declaration of sec/op counts for ns/op too, as in benchstat."""
        base, _ = tidy_unit(unit)
        found: dict[str, str] = {}
        for written, keys in self.units.items():
            if tidy_unit(written)[0] == base:
                found.update(keys)
        return found
