"""Which numbers of several files belong together: same package, same benchmark, same unit. Pure.

A benchmark is its name without GOMAXPROCS. Where that would throw different things together it stays apart: by the
`-N` suffix when one file holds a name with several, by `pkg` when one file holds several packages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from whence.evidence.metric import EXACT_UNITS, HIGHER_IS_BETTER_UNITS, Metric
from whence.golang.benchfmt import Result, tidy
from whence.golang.benchfmt.units import tidy_unit
from whence.measure.benchfiles.reading import NamedFile
from whence.measure.judge import Table


class Key(msgspec.Struct, frozen=True):
    """What makes two results repetitions of each other; empty and None where it does not distinguish."""

    package: str
    name: str
    procs: int | None
    unit: str


class FileTable(Table):
    """The values of every benchmark and unit in every file, in file order. Nothing is aligned between files."""

    def __init__(self, files: Sequence[NamedFile]) -> None:
        self.blocks = []
        self.files = tuple(file.name for file in files)
        self._columns = {}
        self.metrics: dict[str, Metric] = {}
        """Metrics that the base and at least one candidate have."""
        self.lonely: dict[tuple[str, str], tuple[str, ...]] = {}
        """All other (benchmark, unit), with the files that have them."""
        gathered = _gather(files)
        titles = _titles(gathered)
        declared = declarations(files)
        benchmarks = _benchmarks_by_unit(gathered, titles)
        for key in _by_unit(gathered):
            title = titles[key]
            name = f"{title}:{key.unit}" if len(benchmarks[key.unit]) > 1 else key.unit
            columns = gathered[key]
            if self.files[0] in columns and len(columns) > 1:
                self.metrics[name] = _metric(name, key.unit, title, declared.get(tidy_unit(key.unit)[0], {}))
                self._columns.update({(file, name): values for file, values in columns.items()})
            else:
                self.lonely[title, key.unit] = tuple(columns)

    def column(self, variant: str, metric: str) -> tuple[float, ...]:
        return tuple(self._columns.get((variant, metric), ()))


def declarations(files: Sequence[NamedFile]) -> dict[str, dict[str, str]]:
    """Returns what all files together declare, by benchstat's base unit; the first file that says something counts."""
    found: dict[str, dict[str, str]] = {}
    for file in files:
        for unit, keys in file.file.units.items():
            known = found.setdefault(tidy_unit(unit)[0], {})
            for key, value in keys.items():
                known.setdefault(key, value)
    return found


def _gather(files: Sequence[NamedFile]) -> dict[Key, dict[str, list[float]]]:
    several_packages = any(len({r.config.get("pkg", "") for r in f.file.results}) > 1 for f in files)
    several_procs = _names_with_several_procs(files)
    written = _written_units(files)
    gathered: dict[Key, dict[str, list[float]]] = {}
    for file in files:
        for result in file.file.results:
            package = result.config.get("pkg", "") if several_packages else ""
            procs = result.procs if result.name in several_procs else None
            for value, unit in result.values:
                if len(written[tidy_unit(unit)[0]]) > 1:
                    value, unit = tidy(value, unit)
                key = Key(package, result.name, procs, unit)
                gathered.setdefault(key, {}).setdefault(file.name, []).append(value)
    return gathered


def _names_with_several_procs(files: Sequence[NamedFile]) -> set[str]:
    found: set[str] = set()
    for file in files:
        first: dict[tuple[str, str], int | None] = {}
        for r in file.file.results:
            if first.setdefault((r.config.get("pkg", ""), r.name), r.procs) != r.procs:
                found.add(r.name)
    return found


def _written_units(files: Sequence[NamedFile]) -> dict[str, set[str]]:
    """Returns how each base unit is written: where one file says ns/op and another sec/op, both become sec/op."""
    written: dict[str, set[str]] = {}
    for unit in {unit for file in files for r in file.file.results for _, unit in r.values}:
        written.setdefault(tidy_unit(unit)[0], set()).add(unit)
    return written


def _titles(keys: Mapping[Key, object]) -> dict[Key, str]:
    """Returns the benchmark's name to show: with its package where two packages have it, with -N where N matters."""
    bare = {key: key.name if key.procs is None else f"{key.name}-{key.procs}" for key in keys}
    packages: dict[str, set[str]] = {}
    for key, title in bare.items():
        packages.setdefault(title, set()).add(key.package)
    return {
        key: f"{key.package}.{title}" if len(packages[title]) > 1 and key.package else title
        for key, title in bare.items()
    }


def _benchmarks_by_unit(keys: Mapping[Key, object], titles: Mapping[Key, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key in keys:
        found.setdefault(key.unit, set()).add(titles[key])
    return found


def _by_unit(keys: Mapping[Key, object]) -> list[Key]:
    """Returns the keys unit by unit in the order of first appearance, as the tables of a report are read."""
    units = list(dict.fromkeys(key.unit for key in keys))
    return sorted(keys, key=lambda key: units.index(key.unit))


def _metric(name: str, unit: str, benchmark: str, declared: Mapping[str, str]) -> Metric:
    default = "higher" if unit in HIGHER_IS_BETTER_UNITS else "lower"
    assume = declared.get("assume", "exact" if unit in EXACT_UNITS else "nothing")
    return Metric(
        name=name,
        unit=unit,
        benchmark=benchmark,
        better="higher" if declared.get("better", default) == "higher" else "lower",
        declared_exact=assume == "exact",
    )


def most(results: Sequence[Result]) -> int:
    """Returns how many results the most measured benchmark has: the number of runs behind a file."""
    return max(_counts(results).values())


def _counts(results: Sequence[Result]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for result in results:
        key = result.config.get("pkg", ""), result.full_name
        counts[key] = counts.get(key, 0) + 1
    return counts
