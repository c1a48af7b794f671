"""The second job: a change in, its causes out. Composes the rooms; decides nothing by itself.

settle → builds → is there a change → what may differ → cells → release path → source → remedies → store
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from whence.evidence.attribution import Attribution, Spent
from whence.evidence.errors import BadInput, WhenceError
from whence.evidence.inquiry import Inquiry
from whence.evidence.run import JournalLine, Run
from whence.evidence.units import parse_seconds
from whence.evidence.variant import changed
from whence.explain.attribution.dependence import parse_over
from whence.explain.clock import Clock
from whence.explain.composing import compose
from whence.explain.outline import outline
from whence.explain.search import Search
from whence.measure.compare import Listener, Silent, default_directory
from whence.measure.experiment import fresh_seed
from whence.measure.settle import Settled, settle
from whence.measure.trials import Trials
from whence.store.folders import keep_out_of_git, leave_no_trace
from whence.store.inquiry_directory import InquiryDirectory

SHORTEST_BUDGET_S = 5.0


class ExplainResult(msgspec.Struct, frozen=True, kw_only=True):
    """An explanation with where it is stored, and the journals of its stages."""

    attribution: Attribution
    directory: Path
    lines: dict[str, tuple[JournalLine, ...]]


class PlanOutline(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done: the price, and the same in words."""

    spent: Spent
    text: tuple[str, ...]


def explain(inquiry: Inquiry, *, out: Path | None = None, listener: Listener | None = None) -> ExplainResult:
    """Finds the causes of a change; everything measured is in the directory as it happens.

    With a directory that already holds a part of the same inquiry, what is there is not measured again. Interrupted by
    the user, it returns what is known, marked interim. Raises WhenceError before anything is run for bad input.
    """
    ear = listener or Silent()
    settled = check(inquiry)
    path = out or default_directory(inquiry.request)
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    directory = InquiryDirectory(path)
    begun = directory.exists
    stored = directory.open(inquiry, fresh_seed(inquiry.request))
    with directory:
        trials = Trials(settled, directory, ear, seed=stored.seed)
        clock = Clock(parse_seconds(inquiry.budget), earlier_s=_earlier(directory))
        search = Search(trials, inquiry, clock)
        interim = False
        try:
            search.run()
        except KeyboardInterrupt:
            if search.change is None:
                raise
            interim = True
        except WhenceError:
            if not begun and not search.began:
                directory.close()
                leave_no_trace(path, made)
            raise
        attribution = compose(search, directory=path, interim=interim)
        directory.write_attribution(attribution)
        directory.write_runs_parquet()
        if out is None:
            keep_out_of_git(path.parent)
        return ExplainResult(attribution=attribution, directory=path, lines=directory.lines())


def check(inquiry: Inquiry) -> Settled:
    """Returns the settled experiment. Raises BadInput for everything that needs no process to be refused."""
    request = inquiry.request
    if len(request.variants) != 2:
        raise BadInput(f"explain takes a base and one candidate, not {len(request.variants)} variants.")
    if len(request.metrics) != 1:
        raise BadInput("explain takes one metric. Give --metric once; the others are read beside it.")
    settled = settle(request)
    _check_sweeps(inquiry, settled)
    budget_s = parse_seconds(inquiry.budget)
    if budget_s < SHORTEST_BUDGET_S:
        _, lines = outline(settled, inquiry)
        raise BadInput(f"--budget {inquiry.budget} is too short for any answer. The plan: {'; '.join(lines)}.")
    return settled


def _check_sweeps(inquiry: Inquiry, settled: Settled) -> None:
    """Raises BadInput for a parameter or a value that the subject does not take."""
    for text in inquiry.over:
        sweep = parse_over(text)
        for value in sweep.values:
            sides = [changed(v, {sweep.parameter: value}) for v in settled.variants]
            specs = tuple(f"{name}:{side.spec}" for name, side in zip(("base", "candidate"), sides, strict=True))
            settle(msgspec.structs.replace(inquiry.request, variants=specs))


def plan_only(inquiry: Inquiry) -> PlanOutline:
    """Returns what would be done and its price; runs and writes nothing."""
    spent, lines = outline(check(inquiry), inquiry)
    return PlanOutline(spent=spent, text=tuple(lines))


def _earlier(directory: InquiryDirectory) -> float:
    return math.fsum(
        line.seconds for lines in directory.lines().values() for line in lines if isinstance(line, Run)
    )  # fmt: skip
