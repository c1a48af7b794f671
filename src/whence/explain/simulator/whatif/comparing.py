"""Several variants of one program, simulated on common random numbers: a `whence.comparison/1` with its runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from whence.evidence.attribution import Attribution
from whence.evidence.comparison import HostReport, VariantResult
from whence.evidence.errors import BadInput
from whence.evidence.simulation import SimulatedComparison, SimulationRun
from whence.explain.simulator.engine.process_run import TOTALS, Mode, ProcessRun
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.versions.table import Model, model
from whence.explain.simulator.whatif.drawing import columns_of, values_of
from whence.explain.simulator.whatif.judging import Pair, distance, effects, own_error
from whence.explain.simulator.whatif.surviving import killed_replicas, totals
from whence.explain.simulator.whatif.variants import Simulated

DEFAULT_METRICS = ("rss", "rss-peak", "cpu", "gc-cycles")
LISTED = ("heap-live", "heap-inuse", "heap-goal", "working-set", "gc-cpu", "pause-total", "pause-max", "wall")
ALIASES = {"VmHWM": "rss-peak", "gc-pause-max": "pause-max"}
DEFAULT_REPLICAS = 24


class Programs(Protocol):
    """Whatever programs can be made of: `workload` gives the program under arguments (`arg.NAME` of a variant)."""

    def workload(self, arguments: Mapping[str, str]) -> Workload: ...

    def processors(self, arguments: Mapping[str, str]) -> int | None:
        """Returns GOMAXPROCS where the program sets it itself, whatever its environment says."""
        ...


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """The variants of a comparison with the runs that they became, in the same order."""

    variants: tuple[Simulated, ...]
    runs: tuple[ProcessRun, ...]
    workloads: tuple[Workload, ...]


Announce = Callable[[str], None]


def run_all(
    programs: Programs,
    variants: Sequence[Simulated],
    *,
    seed: int,
    replicas: int = DEFAULT_REPLICAS,
    mode: Mode = "fluid",
    announce: Announce | None = None,
) -> Runs:
    """Returns all runs. Everything is checked before the first is simulated. Raises BadInput."""
    if replicas < 6:
        raise BadInput(f"--replicas {replicas}: an interval needs at least 6.")
    variants = tuple(as_run(programs, one) for one in variants)
    workloads = tuple(programs.workload(one.arguments).checked() for one in variants)
    for one in variants:
        model(one.config.go, one.config.allow_nearest)
    found: list[ProcessRun] = []
    for one, workload in zip(variants, workloads, strict=True):
        if announce is not None:
            announce(f"simulating {one.name}: {workload.duration_seconds:g} s, {replicas} replicas")
        found.append(simulate(workload, one.config, seed=seed, mode=mode, draws=replicas))
    return Runs(variants=variants, runs=tuple(found), workloads=workloads)


def as_run(programs: Programs, one: Simulated) -> Simulated:
    """Returns the variant with the processors that the program chooses itself."""
    processors = programs.processors(one.arguments)
    if processors is None:
        return one
    return msgspec.structs.replace(one, config=msgspec.structs.replace(one.config, processors=processors))


def check_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """Returns the metrics under the names of totals. Raises BadInput for one that is not simulated."""
    found = tuple(dict.fromkeys(ALIASES.get(metric, metric) for metric in metrics))
    for metric in found:
        if metric not in TOTALS:
            raise BadInput(f"{metric!r} is not simulated. Known: {', '.join(TOTALS)}.")
    return found or DEFAULT_METRICS


def comparison_of(
    runs: Runs, *, subject: str, metrics: Sequence[str] = (), margins: Mapping[str, float] | None = None,
    command: str = "", notes: Sequence[str] = (), attributions: Sequence[Attribution] = (),
) -> SimulatedComparison:  # fmt: skip
    """Returns the comparison of every variant with the first. Raises BadInput for unknown metrics."""
    chosen = check_metrics(metrics)
    others = tuple(name for name in dict.fromkeys((*DEFAULT_METRICS, *LISTED)) if name not in chosen)
    from importlib.metadata import version

    return SimulatedComparison(
        subject=subject,
        seed=runs.runs[0].seed,
        variants=tuple(_variant(one, run) for one, run in zip(runs.variants, runs.runs, strict=True)),
        host=HostReport(cpus=os.cpu_count() or 1, calibration={}),
        effects=effects(_pairs(runs, chosen), margins or {}),
        listed=effects(_pairs(runs, others), margins or {}, correction="bh"),
        notes=tuple(dict.fromkeys((*notes, *_notes(runs)))),
        command=command,
        attributions=tuple(attributions),
        simulations=tuple(_simulation(runs, index) for index in range(len(runs.runs))),
        whence_version=version("whence"),
    )


def _pairs(runs: Runs, metrics: Sequence[str]) -> list[Pair]:
    base = runs.variants[0]
    found: list[Pair] = []
    for metric in metrics:
        for one, run in zip(runs.variants[1:], runs.runs[1:], strict=True):
            stands_in = any(_model(v).stands_in for v in (base, one))
            changed = set(base.arguments.items()) ^ set(one.arguments.items())
            apart = distance(base.config, one.config, len({name for name, _ in changed}))
            own = own_error(metric, apart, stands_in=stands_in)
            found.append(Pair(metric, base.name, one.name, runs.runs[0], run, own))
    return found


def _model(one: Simulated) -> Model:
    return model(one.config.go, one.config.allow_nearest)


def _variant(one: Simulated, run: ProcessRun) -> VariantResult:
    killed = killed_replicas(run)
    outcomes = {"ok": replicas_of(run) - killed, "exit": 0, "signal": 0, "oom": killed, "timeout": 0}
    return VariantResult(
        name=one.name,
        spec=one.variant.spec,
        go=_model(one).version.text,
        binary_sha256=None,
        outcomes=outcomes,
        ignored=one.ignored,
    )


def _simulation(runs: Runs, index: int) -> SimulationRun:
    one, run, workload = runs.variants[index], runs.runs[index], runs.workloads[index]
    return SimulationRun(
        name=one.name,
        spec=one.variant.spec,
        workload=workload.name,
        source=workload.source,
        go=_model(one).version.text,
        settings=one.settings(),
        mode=run.mode,
        seed=run.seed,
        replicas=replicas_of(run),
        totals=values_of(totals(run, workload.source, stands_in=_model(one).stands_in)),
        columns=columns_of(run.series),
        oom_seconds=run.oom_seconds,
        notes=run.warnings,
    )


def replicas_of(run: ProcessRun) -> int:
    """Returns how many draws beside the first there are."""
    return len(run.draws["rss"]) - 1


def _notes(runs: Runs) -> list[str]:
    found: list[str] = []
    for one, run in zip(runs.variants, runs.runs, strict=True):
        found += [f"{one.name}: {warning}" if len(runs.runs) > 1 else warning for warning in run.warnings]
        found += [f"{one.name}: {text}" for text in one.ignored]
        if run.oom_seconds is not None:
            found.append(
                f"{one.name}: the container's memory is exceeded after {run.oom_seconds:.3g} s: the kernel would kill "
                "the process there."
            )
    counts = {one.config.processors for one in runs.variants}
    if len(counts) > 1:
        told = ", ".join(f"{one.name} {one.config.processors}" for one in runs.variants)
        found.append(f"GOMAXPROCS differs: {told}.")
    return found
