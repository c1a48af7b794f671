"""The main job: variants of a subject in, a comparison out. Composes the rooms; decides nothing by itself.

settle → fetch and build → pilot → plan (stored) → blocks → judge → store
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from whence.evidence.comparison import Plan
from whence.evidence.errors import WhenceError
from whence.evidence.request import Request
from whence.measure.experiment import Experiment, fresh_seed
from whence.measure.settle import Settled, settle
from whence.measure.stored import Result
from whence.store.folders import keep_out_of_git, leave_no_trace
from whence.store.run_directory import RunDirectory


class Listener(Protocol):
    """Who is told how far the work is: the terminal, a web page, or nobody."""

    def stage(self, name: str, text: str) -> None: ...

    def event(self, event: object) -> None: ...


class Silent:
    """Tells nobody."""

    def stage(self, name: str, text: str) -> None:
        return

    def event(self, event: object) -> None:
        return


def compare(request: Request, *, out: Path | None = None, listener: Listener | None = None) -> Result:
    """Measures `request` and returns its comparison; everything measured is in the run directory as it happens.

    With a directory that already holds a part of the same request, what is there is not measured again. Interrupted
    by the user, it returns what is known, marked interim. Raises WhenceError before anything is run for bad input.
    """
    ear = listener or Silent()
    settled = settle(request)
    path = out or default_directory(request)
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    begun = RunDirectory(path).exists
    directory = RunDirectory.open(path, request=request)
    with directory:
        experiment = Experiment(settled, directory, ear)
        try:
            experiment.run()
        except WhenceError:
            if not begun and experiment.plan is None:
                leave_no_trace(path, made)  # refused before anything was measured
            raise
        comparison = experiment.comparison()
        directory.write_comparison(comparison)
        directory.write_runs_parquet()
        if out is None:
            keep_out_of_git(path.parent)
        return Result(comparison=comparison, directory=directory.path, lines=tuple(directory.journal.read()))


def plan_only(request: Request) -> tuple[Settled, Plan]:
    """Returns what would be run, and its price; runs and writes nothing."""
    settled = settle(request)
    return settled, Experiment.outline(settled, fresh_seed(request))


def default_directory(request: Request) -> Path:
    """`whence-runs/` beside the user, by time, so that every run is kept."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    root = Path("whence-runs")
    choices: Sequence[Path] = [root / stamp, *(root / f"{stamp}-{n}" for n in range(2, 100))]
    return next(path for path in choices if not path.exists())
