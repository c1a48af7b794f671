"""A run directory: everything one comparison asked for, planned, measured and found.

plan.json         the request and the plan (`whence.plan/1`), written before the first counted run
journal.jsonl     every run, block end and session, a line each; the truth that all else is derived from
runs.parquet      the same runs compacted, one row a sample, for DuckDB, pandas and friends
comparison.json   the answer (`whence.comparison/1`)
report.html       the report
lock              held while a session measures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from whence.evidence.comparison import Comparison, Plan
from whence.evidence.errors import BadInput
from whence.evidence.request import Request
from whence.evidence.run import JournalLine, Run
from whence.store.journal import Journal
from whence.store.locking import LockedFolder, RunDirectoryInUse, readable

PLAN_SCHEMA = "whence.plan/1"
_PLAN, _JOURNAL, _RUNS, _COMPARISON, _REPORT = (
    "plan.json",
    "journal.jsonl",
    "runs.parquet",
    "comparison.json",
    "report.html",
)
__all__ = ["DamagedRunDirectory", "RunDirectory", "RunDirectoryInUse", "StoredPlan", "StoredRun", "load"]


class DamagedRunDirectory(BadInput):
    """Something in a run directory cannot be read; the message says what still can."""


class StoredPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`plan.json`: what was asked for and, from the end of the pilot on, what is going to be done."""

    schema: str = PLAN_SCHEMA
    request: Request
    plan: Plan | None = None
    pilot: dict[str, float] = {}
    """What the pilot said when the plan was made, in seconds."""


class StoredRun(msgspec.Struct, frozen=True, kw_only=True):
    """All that is readable of a run directory."""

    path: Path
    request: Request | None
    plan: Plan | None
    comparison: Comparison | None
    lines: tuple[JournalLine, ...]
    damage: tuple[str, ...] = ()
    """What could not be read, in words; empty when all is well."""


class RunDirectory(LockedFolder):
    """The paths and documents of one directory. Use as a context manager while measuring: it holds the lock."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.journal = Journal(self.path / _JOURNAL)
        self.request: Request | None = None
        """Set by `open`."""

    @property
    def runs_path(self) -> Path:
        return self.path / _RUNS

    @property
    def report_path(self) -> Path:
        return self.path / _REPORT

    @property
    def exists(self) -> bool:
        """True when a comparison was begun here."""
        return (self.path / _PLAN).exists() or (self.path / _JOURNAL).exists()

    @classmethod
    def open(cls, path: Path, request: Request) -> RunDirectory:
        """Returns the locked directory for measuring `request`: a new one, or the one where it was begun.

        Nothing is written but the directory, its lock and, when new, the request. Raises BadInput when it cannot be
        written, holds something else, holds another request (naming the difference), is damaged or is in use.
        """
        directory = cls(path)
        directory.take(begun=directory.exists)
        try:
            directory.request = directory._adopt(request)
        except BaseException:
            directory.close()
            raise
        return directory

    def close(self) -> None:
        """Closes the journal and gives the lock back."""
        self.journal.close()
        super().close()

    def write_plan(self, plan: Plan, *, pilot: dict[str, float] | None = None) -> None:
        """Stores what is going to be done beside the request that `open` was given."""
        if self.request is None:
            raise ValueError("a plan belongs to a request: open the directory with one first")
        self.write(_PLAN, StoredPlan(request=self.request, plan=plan, pilot=pilot or {}))

    def read_plan(self) -> Plan | None:
        """Returns the stored plan, None before there is one. Raises DamagedRunDirectory."""
        stored = self.read_stored_plan()
        return None if stored is None else stored.plan

    def read_stored_plan(self) -> StoredPlan | None:
        """Returns all of plan.json, None when there is none. Raises DamagedRunDirectory."""
        return self.read(_PLAN, StoredPlan)

    def write_comparison(self, comparison: Comparison) -> None:
        self.write(_COMPARISON, comparison)

    def read_comparison(self) -> Comparison | None:
        """Returns the stored answer, None when there is none yet. Raises DamagedRunDirectory."""
        return self.read(_COMPARISON, Comparison)

    def write_runs_parquet(self) -> Path:
        """Compacts the journal into `runs.parquet` and returns its path."""
        from whence.store.parquet import compact

        self.journal.path.touch()
        compact(self.journal.path, self.runs_path)
        return self.runs_path

    def _adopt(self, request: Request) -> Request:
        """Returns the request as stored (it knows the seed), after storing it when the directory is new."""
        stored = self.read_stored_plan()
        if stored is not None:
            self.journal.read()
            if _extends(request, stored):
                return msgspec.structs.replace(stored.request, pairs=request.pairs)
            self._check_same(request, stored.request)
            return stored.request
        elif self.journal.path.exists():
            raise DamagedRunDirectory(
                f"{self.path} holds a journal without plan.json, so what was asked for is lost. "
                f"`whence report {self.path}` shows what is left; measure into another directory."
            )
        else:
            self.write(_PLAN, StoredPlan(request=request))
            return request

    def _check_same(self, request: Request, stored: Request) -> None:
        names = request.differences(stored)
        if names:
            said = "; ".join(f"{n} was {_shown(getattr(stored, n))}, now {_shown(getattr(request, n))}" for n in names)
            raise BadInput(
                f"{self.path} holds another comparison ({said}). Choose another --out, or resume it with: "
                f"{stored.command()} --out {self.path}"
            )

    def damaged(self, path: Path, reason: str) -> BadInput:
        lines = len(self.journal.inspect().lines)
        return DamagedRunDirectory(f"{path} cannot be read ({reason}); {lines} journal lines still can.")


def load(path: Path) -> StoredRun:
    """Returns everything that is readable in a run directory; what is not stands in `damage`.

    Raises BadInput when there is no run directory at `path`, or nothing in it can be read.
    """
    directory = RunDirectory(path)
    if not directory.exists:
        raise BadInput(f"{path} is no run directory (it has neither plan.json nor journal.jsonl).")
    damage: list[str] = []
    stored = readable(directory.read_stored_plan, damage)
    comparison = readable(directory.read_comparison, damage)
    reading = directory.journal.inspect()
    if reading.damaged:
        damage.append(f"{_JOURNAL}: {reading.describe_damage()}")
    elif comparison is not None:
        damage += _lost(comparison, reading.lines)
        if not (directory.path / _PLAN).exists():
            damage.append(f"{_PLAN} is gone: the answer is as it was stored, and the comparison cannot go on.")
    if stored is None and comparison is None and not reading.lines:
        raise DamagedRunDirectory(f"{path}: nothing in it can be read ({'; '.join(damage) or 'it is empty'}).")
    return StoredRun(
        path=Path(path),
        request=None if stored is None else stored.request,
        plan=None if stored is None else stored.plan,
        comparison=comparison,
        lines=reading.lines,
        damage=tuple(damage),
    )


def _lost(comparison: Comparison, lines: Sequence[JournalLine]) -> list[str]:
    """Returns a line when the journal holds fewer runs than the stored answer was made of."""
    made_of = sum(sum(variant.outcomes.values()) for variant in comparison.variants)
    held = sum(isinstance(line, Run) and line.kind == "counted" for line in lines)
    if held >= made_of:
        return []
    return [f"{_JOURNAL} holds {held} of the {made_of} runs that the answer was made of: the picture of runs has gaps."]


def _extends(request: Request, stored: StoredPlan) -> bool:
    """True when `request` is the stored one but for more pairs: a run may go on."""
    if request.differences(stored.request) != ("pairs",) or request.pairs is None or stored.plan is None:
        return False
    return request.pairs > stored.plan.pairs


def _shown(value: object) -> str:
    """Returns a request's value as people wrote it."""
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value) or "nothing"
    return "not given" if value is None else str(value)
