"""The front door of what-if: a question about a program under variants, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from whence.evidence.attribution import Attribution
from whence.evidence.simulation import SimulatedComparison
from whence.evidence.variant import parse_variant
from whence.explain.simulator.engine.process_run import Mode, ProcessRun
from whence.explain.simulator.whatif.calibrating import MeasuredPoint, calibrate
from whence.explain.simulator.whatif.comparing import (
    DEFAULT_REPLICAS,
    Programs,
    check_metrics,
    comparison_of,
    run_all,
)
from whence.explain.simulator.whatif.explaining import attribution_of, simulate_cells
from whence.explain.simulator.whatif.variants import Simulated, Surroundings, of_variant, read_variants

__all__ = ["Opened", "Question", "Surroundings", "answer"]
Announce = Callable[[str], None]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A program and the surroundings that hold where a variant says nothing else."""

    programs: Programs
    subject: str
    around: Surroundings
    own_go: str | None = None
    """The release that the input was recorded with."""
    notes: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. Variants as they were written, the first being the base where there are several."""

    program: Opened
    variants: tuple[str, ...] = ()
    base: str | None = None
    metrics: tuple[str, ...] = ()
    margins: Mapping[str, float] = {}
    explain: bool = False
    measured: tuple[MeasuredPoint, ...] = ()
    """Points that the simulation is made to pass through."""
    replicas: int = DEFAULT_REPLICAS
    seed: int = 1
    mode: Mode = "fluid"
    command: str = ""


def variants_of(question: Question) -> tuple[Simulated, ...]:
    """Returns the variants, the base first.

    Without --base the first of several is the base. One alone is held against the program as it is: under the release
    that recorded it, else under the same release with default settings; one that says no more than that stays alone.
    Raises BadInput.
    """
    from whence.golang.toolchains import resolve

    around, texts = question.program.around, question.variants
    if question.base is not None or len(texts) > 1:
        own = () if question.base is None else (question.base,)
        return read_variants((*own, *texts), around, resolve=resolve)
    go = question.program.own_go or around.go
    one = read_variants(texts or (f"go={go}",), around, resolve=resolve)[0]
    base = read_variants((f"go={go}",), around, resolve=resolve)[0]
    if one.settings() == base.settings():
        return (one,)
    return read_variants((base.variant.spec, one.variant.spec), around, resolve=resolve)


def answer(question: Question, *, announce: Announce | None = None) -> SimulatedComparison:
    """Returns the comparison of all variants with the base. Raises BadInput."""
    opened = question.program
    variants = variants_of(question)
    runs = run_all(
        opened.programs, variants, seed=question.seed, replicas=question.replicas, mode=question.mode, announce=announce
    )
    if question.measured:
        points = calibrate(question.measured, lambda spec: _at_point(question, spec), runs.runs)
        runs = msgspec.structs.replace(runs, runs=points)
    causes = tuple(cause for one in variants[1:] for cause in _causes(question, variants[0], one, announce))
    return comparison_of(
        runs,
        subject=opened.subject,
        metrics=question.metrics,
        margins=question.margins,
        command=question.command,
        notes=(*opened.notes, *_calibration_notes(question)),
        attributions=causes,
    )


def _calibration_notes(question: Question) -> list[str]:
    if not question.measured:
        return []
    metrics = ", ".join(dict.fromkeys(metric for point in question.measured for metric in point.values))
    text = f"{metrics}: made to pass through {len(question.measured)} measured points."
    return [text, "Causes are shared out over the simulation before that."] if question.explain else [text]


def _at_point(question: Question, spec: str) -> ProcessRun:
    """Returns the run under the settings of a measured point; where it names no release, under the program's own."""
    from whence.golang.toolchains import resolve

    opened = question.program
    go = opened.own_go or opened.around.go
    around = msgspec.structs.replace(opened.around, go=go)
    one = of_variant(parse_variant(spec), around, resolve=resolve)
    return run_all(opened.programs, (one,), seed=question.seed, replicas=question.replicas, mode=question.mode).runs[0]


def _causes(
    question: Question, base: Simulated, candidate: Simulated, announce: Announce | None
) -> tuple[Attribution, ...]:
    """Returns an explanation of each metric of one candidate when it was asked for."""
    if not question.explain:
        return ()
    cells = simulate_cells(
        question.program.programs, base, candidate, question.program.around, seed=question.seed,
        replicas=question.replicas, mode=question.mode, announce=announce,
    )  # fmt: skip
    subject, command = question.program.subject, question.command
    return tuple(
        attribution_of(cells, metric, subject=subject, seed=question.seed, command=command)
        for metric in check_metrics(question.metrics)
    )
