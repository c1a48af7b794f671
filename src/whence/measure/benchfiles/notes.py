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
    found = dict(table.lonely)
    for metric in table.metrics.values():
        found[metric.benchmark or "", metric.unit] = tuple(f for f in table.files if table.column(f, metric.name))
    present = {(file, benchmark) for (benchmark, _), files in found.items() for file in files}
    missing: dict[str, list[str]] = {}
    for (benchmark, unit), files in found.items():
        for file in table.files:
            if file not in files:
                whole = (file, benchmark) not in present
                missing.setdefault(file, []).append(benchmark if whole else f"{benchmark}:{unit}")
    return [f"{file} lacks {listing(names)}: not compared there." for file, names in missing.items()]


def _suffixes(files: Sequence[NamedFile]) -> list[str]:
    """GOMAXPROCS that differs between the files, where each has one only."""
    procs = {file.name: {result.procs or 1 for result in file.file.results} for file in files}
    if any(len(numbers) > 1 for numbers in procs.values()) or len({min(n) for n in procs.values()}) == 1:
        return []
    said = ", ".join(f"{min(numbers)} in {name}" for name, numbers in procs.items())
    return [f"GOMAXPROCS differs: {said}. A part of every difference may come from that."]


def _configuration(files: Sequence[NamedFile]) -> list[str]:
    """Configuration that differs between files, or changes inside one (and is not used to tell benchmarks apart)."""
    found: list[str] = []
    keys = list(dict.fromkeys(key for file in files for result in file.file.results for key in result.config))
    for key in keys:
        values = {f.name: list(dict.fromkeys(r.config.get(key, "nothing") for r in f.file.results)) for f in files}
        varied = [name for name, said in values.items() if len(said) > 1]
        if varied and key != "pkg":
            found.append(f"{key} changes inside {listing(varied)}; results are pooled over it.")
        elif not varied and len({said[0] for said in values.values()}) > 1:
            said_by_all = ", ".join(f"{said[0]!r} in {name}" for name, said in values.items())
            found.append(f"{key} differs: {said_by_all}.")
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
