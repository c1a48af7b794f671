"""From what a search found to the answer as it is stored and shown. Pure but for the host's description."""

from __future__ import annotations

import math
import shlex
from importlib.metadata import version
from pathlib import Path

import msgspec

from whence.evidence.attribution import Attribution, Spent
from whence.evidence.run import Run
from whence.explain.attribution.total import total_of
from whence.explain.search import Search
from whence.measure.summary import host_report


def compose(search: Search, *, directory: Path, interim: bool) -> Attribution:
    """Returns the answer as far as it is known; `interim` when the search was interrupted."""
    trials, inquiry = search.trials, search.inquiry
    every = [line for stage in trials.lines().values() for line in stage]
    runs = [line for line in every if isinstance(line, Run)]
    request = msgspec.structs.replace(inquiry.request, seed=trials.seed)
    seeded = msgspec.structs.replace(inquiry, request=request)
    return Attribution(
        subject=inquiry.request.subject,
        seed=trials.seed,
        metric=trials.metric.name,
        unit=trials.metric.unit,
        better=trials.metric.better,
        total=search.total or total_of(None, None, None, None, None),
        plan=_spent(search),
        verdict="undetermined" if interim else search.verdict,
        causes=search.causes,
        depends_on=tuple(search.depends_on),
        interactions=search.interactions,
        unexplained=search.unexplained,
        introduced_in=search.introduced_in,
        fixed_in=search.fixed_in,
        remedies=search.remedies,
        rejected_remedies=search.rejected,
        base=search.base.spec,
        candidate=search.candidate.spec,
        path=search.path,
        newest_carries=search.newest_carries,
        memory=search.memory,
        story=search.story,
        takes="interrupted; the same command with the same --out goes on" if interim else search.takes,
        lack_of_fit=None if search.fit is None else search.fit.found.lack_of_fit,
        notes=tuple(dict.fromkeys([*trials.notes, *search.notes()])),
        commands=_commands(search),
        command=seeded.command(out=directory if interim else None),
        host=host_report(every, times=trials.layout_matters),
        interim=interim,
        started_at=min((r.started_at for r in runs), default=None),
        finished_at=max((r.started_at + r.seconds for r in runs), default=None),
        whence_version=version("whence"),
    )


def _spent(search: Search) -> Spent:
    stages = search.trials.spent()
    fit = search.fit
    return Spent(
        builds=search.trials.builds,
        runs=sum(runs for _, runs, _ in stages),
        seconds=round(search.clock.used_s, 1),
        design=fit.words() if fit is not None else "base and candidate",
        cells=sum(len(d.cells) for d in fit.designs) if fit is not None else 2,
        blocks=sum(p.blocks for p in fit.planned) if fit is not None else 0,
        links=len(search.trials.built),
        stages=tuple((name, runs, round(seconds, 3)) for name, runs, seconds in stages),
    )


def _commands(search: Search) -> tuple[str, ...]:
    """Returns comparisons that repeat parts of the evidence by themselves."""
    request = search.inquiry.request
    subject = ["--subject", request.subject, "--metric", request.metrics[0]]
    behind = ["--", *request.arguments] if request.arguments else []
    specs = [search.base.spec, search.candidate.spec]
    specs += [r.change for r in search.remedies if r.measured][:2]
    written = [spec if spec else "base:" for spec in specs]
    found = [shlex.join(["whence", "compare", *written[:2], *subject, *behind])]
    undone = [c.undo.change for c in search.causes if c.undo is not None and c.blamed]
    if undone:
        found.append(shlex.join(["whence", "compare", written[1], *undone[:3], *subject, *behind]))
    return tuple(found)


def percent(points: float) -> float:
    """Returns ln points as a percentage of what was before."""
    return 100 * math.expm1(points)
