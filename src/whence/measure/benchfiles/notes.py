"""What has to be said beside numbers that were measured elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from whence.golang.benchfmt.units import tidy_unit
from whence.measure.benchfiles.matching import FileTable, declarations
from whence.measure.benchfiles.reading import NamedFile

MEASURED_ELSEWHERE = (
    "Measured elsewhere: the order of the runs is unknown, so nothing is paired, and drift of the machine between the "
    "files, or code layout of the one binary behind each, looks like a difference. whence compare with --subject "
    "measures both in blocks."
)
_MOST = 5


def notes(files: Sequence[NamedFile], table: FileTable) -> tuple[str, ...]:
    """Returns what was odd, in words: one sentence a matter."""
    found = [MEASURED_ELSEWHERE]
    found += _lonely(table)
    found += _suffixes(files)
    found += _configuration(files)
    found += _contradictions(files)
    problems = [warning for file in files for warning in file.file.warnings]
    found += [f"Not read: {warning}." for warning in problems[:_MOST]]
    if len(problems) > _MOST:
        found.append(f"Not read: {len(problems) - _MOST} more malformed lines.")
    return tuple(found)


def listing(items: Sequence[str], most: int = _MOST) -> str:
    """Returns the first few items and how many more there are."""
    unique = list(dict.fromkeys(items))
    more = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + more


def _lonely(table: FileTable) -> list[str]:
    """Benchmarks and units that a file lacks; a benchmark that it lacks altogether is named once, without units."""
    found = {
        (metric.benchmark or "", metric.unit): tuple(f for f in table.files if table.column(f, metric.name))
        for metric in table.metrics.values()
    } | table.lonely
    present = {(file, benchmark) for (benchmark, _), files in found.items() for file in files}
    said: list[str] = []
    for file in table.files:
        lacking = [key for key, files in found.items() if file not in files]
        names = [f"{benchmark}:{unit}" if (file, benchmark) in present else benchmark for benchmark, unit in lacking]
        if names:
            said.append(f"{file} lacks {listing(names)}, so that is not compared.")
    return said


def _suffixes(files: Sequence[NamedFile]) -> list[str]:
    """GOMAXPROCS that differs between the files, where each has one only."""
    procs = {file.name: {result.procs or 1 for result in file.file.results} for file in files}
    if any(len(numbers) > 1 for numbers in procs.values()) or len({min(n) for n in procs.values()}) == 1:
        return []
    said = ", ".join(f"{min(numbers)} in {name}" for name, numbers in procs.items())
    return [f"GOMAXPROCS differs: {said}. A part of every difference may come from that."]


def _configuration(files: Sequence[NamedFile]) -> list[str]:
    """Configuration that differs between files, or changes between the results of one benchmark in one file."""
    found: list[str] = []
    seen = {file.name: _values(file) for file in files}
    for key in dict.fromkeys(key for values in seen.values() for key, _ in values):
        pooled = [name for name, v in seen.items() if any(len(said) > 1 for (k, _), said in v.items() if k == key)]
        values = {name: {said for (k, _), s in v.items() if k == key for said in s} for name, v in seen.items()}
        if pooled and key != "pkg":
            found.append(f"{key} changes inside {listing(pooled)}: its results are pooled all the same.")
        elif len({frozenset(said) for said in values.values()}) > 1 and all(len(said) < 2 for said in values.values()):
            told = ", ".join(f"{next(iter(said), 'not said')} in {name}" for name, said in values.items())
            found.append(f"{key} differs: {told}.")
    return found


def _values(file: NamedFile) -> dict[tuple[str, str], set[str]]:
    """Returns what each configuration key says of each benchmark."""
    found: dict[tuple[str, str], set[str]] = {}
    for result in file.file.results:
        for key, value in result.config.items():
            found.setdefault((key, f"{result.config.get('pkg', '')} {result.full_name}"), set()).add(value)
    return found


def _contradictions(files: Sequence[NamedFile]) -> list[str]:
    used = declarations(files)
    return [
        f"{file.name} declares {key}={value} of unit {unit}; another file said {used[tidy_unit(unit)[0]][key]} first, "
        "and that is used."
        for file in files
        for unit, keys in file.file.units.items()
        for key, value in keys.items()
        if used[tidy_unit(unit)[0]][key] != value
    ]
