"""Judges benchmark files: the first is the base, every other a candidate. Nothing is paired."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from whence.evidence.comparison import Comparison, Effect, HostReport, VariantResult
from whence.evidence.errors import BadInput
from whence.evidence.gate import Gate
from whence.evidence.metric import Metric
from whence.golang.benchfmt.units import tidy_unit
from whence.measure.benchfiles.matching import FileTable, most
from whence.measure.benchfiles.notes import MEASURED_ELSEWHERE, listing, notes
from whence.measure.benchfiles.reading import NamedFile, read_files
from whence.measure.judge import Family, geometric_means
from whence.stats.judge import Question, judge_family
from whence.stats.multiplicity import Correction


def compare_files(
    paths: Sequence[Path],
    *,
    metrics: Sequence[str] = (),
    gates: Sequence[Gate] = (),
    margins: Mapping[str, float] | None = None,
    seed: int = 0,
) -> Comparison:
    """Returns the comparison of the first file with every other one.

    `metrics`: `ns/op` means this unit of every benchmark, `NAME:ns/op` one benchmark; without any, every unit. What is
    chosen is the family that is corrected for; the rest is listed. `seed` is recorded only: nothing is drawn here.
    Raises BadInput, before anything is judged, for files that cannot be read or share nothing, and for a metric, gate
    or margin that names nothing in them.
    """
    files = read_files(paths)
    table = FileTable(files)
    if not table.metrics:
        raise _nothing_shared(files)
    margins = margins or {}
    _check_margins(margins, table)
    chosen = _choose(metrics, table)
    base, *candidates = (file.name for file in files)
    family = Unpaired(table=table, base=base, margins=margins)
    judged = family.effects(chosen, candidates)
    names = {metric.name for metric in chosen}
    others = [metric for metric in table.metrics.values() if metric.name not in names]
    return Comparison(
        subject=" ".join(str(file.path) for file in files),
        seed=seed,
        variants=tuple(_variant(file) for file in files),
        host=_host(files[0]),
        effects=judged,
        gates=family.gates(gates, chosen, candidates, failed={}),
        runs=None,
        listed=family.effects(others, candidates, correction="bh"),
        geometric_means=geometric_means(judged),
        notes=notes(files, table),
        command=_command(paths, metrics, gates, margins),
        counted_runs=sum(most(file.file.results) for file in files),
        whence_version=version("whence"),
    )


class Unpaired(Family, frozen=True, kw_only=True):
    """The questions of files: two samples each, and none where one side has no value at all."""

    def question(self, metric: Metric, candidate: str) -> Question:
        return msgspec.structs.replace(super().question(metric, candidate), paired=False)

    def effects(
        self, metrics: Sequence[Metric], candidates: Sequence[str], *, correction: Correction = "holm"
    ) -> tuple[Effect, ...]:
        asked = [(m, candidate) for m in metrics for candidate in candidates if self.table.column(candidate, m.name)]
        judged = judge_family([self.question(*pair) for pair in asked], correction=correction)
        return tuple(self._effect(metric, j, correction) for (metric, _), j in zip(asked, judged, strict=True))


def _choose(requested: Sequence[str], table: FileTable) -> tuple[Metric, ...]:
    if not requested:
        return tuple(table.metrics.values())
    chosen: dict[str, Metric] = {}
    for name in requested:
        fitting = named(name, table)
        if not fitting:
            raise _unknown("metric", name, table)
        chosen.update((metric.name, metric) for metric in fitting)
    return tuple(chosen.values())


def named(name: str, table: FileTable) -> list[Metric]:
    """Returns the metrics that `name` means: one by its name or NAME:UNIT, or all of a unit (sec/op finds ns/op)."""
    if name in table.metrics:
        return [table.metrics[name]]
    found = [m for m in table.metrics.values() if m.unit == name or f"{m.benchmark}:{m.unit}" == name]
    return found or [m for m in table.metrics.values() if tidy_unit(m.unit)[0] == tidy_unit(name)[0]]


def _check_margins(margins: Mapping[str, float], table: FileTable) -> None:
    for name in margins:
        if not named(name, table):
            raise _unknown("margin", name, table)


def _unknown(what: str, name: str, table: FileTable) -> BadInput:
    where = next(
        (files for (benchmark, unit), files in table.lonely.items() if name in {f"{benchmark}:{unit}", unit}), None
    )
    units = list(dict.fromkeys(metric.unit for metric in table.metrics.values()))
    if where is not None:
        without = next(file for file in table.files if file not in where)
        problem = f"{name} is in {listing(where)} and not in {without}"
    elif name.rpartition(":")[2] in units:
        problem = f"no benchmark is called {name.rpartition(':')[0]!r}"
        problem += f" (there are {listing([m.benchmark or '' for m in table.metrics.values()], 8)})"
    else:
        problem = f"the files have no {name}"
    return BadInput(f"{what} {name}: {problem}; both have {listing(units, 12)}. Use --metric {units[0]}.")


def _nothing_shared(files: Sequence[NamedFile]) -> BadInput:
    base, other = files[0], files[1]
    names = [{result.name for result in file.file.results} for file in (base, other)]
    if names[0] & names[1]:
        units = [listing([u for r in file.file.results for _, u in r.values]) for file in (base, other)]
        return BadInput(
            f"{base.name} and {other.name} have no unit in common ({units[0]}; {units[1]}). "
            "Measure both with the same -benchmem and the same metrics."
        )
    printed = [listing(sorted(n), 3) for n in names]
    return BadInput(
        f"{base.name} and {other.name} have no benchmark in common ({printed[0]}; {printed[1]}). "
        "Measure the same benchmarks in both."
    )


def _variant(file: NamedFile) -> VariantResult:
    outcomes = {"ok": most(file.file.results), "exit": 0, "signal": 0, "oom": 0, "timeout": 0}
    return VariantResult(name=file.name, spec=str(file.path), go=None, binary_sha256=None, outcomes=outcomes)


def _host(base: NamedFile) -> HostReport:
    """Where the base says it was measured: GOMAXPROCS and the `cpu:`, `goos:` and `goarch:` lines."""
    config = base.file.results[0].config
    return HostReport(
        cpus=max(result.procs or 1 for result in base.file.results),
        calibration={},
        warnings=(MEASURED_ELSEWHERE,),
        kernel="/".join(config[key] for key in ("goos", "goarch") if key in config),
        cpu_model=config.get("cpu", ""),
    )


def _command(paths: Sequence[Path], metrics: Sequence[str], gates: Sequence[Gate], margins: Mapping[str, float]) -> str:
    words = ["whence", "compare", *(str(path) for path in paths)]
    words += [word for name in metrics for word in ("--metric", name)]
    words += [word for gate in gates for word in ("--gate", gate.text)]
    words += [word for name, margin in margins.items() for word in ("--margin", f"{name}={100 * margin:g}%")]
    return shlex.join(words)
