"""The model card of a release: what is exact, what is modelled, what is unknown, and by how much it was off."""

from __future__ import annotations

import msgspec

from whence.explain.simulator.cards.measured import MEASURED, Errors
from whence.explain.simulator.costs.rows import UNCERTAINTY, Costs, costs_of
from whence.explain.simulator.versions.table import model

_NAMES = {"pacer": "start and goal of collections", "page_heap": "placement of pages", "scavenger": "giving back"}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One mechanism of a release."""

    name: str
    verified: bool
    """Compared with the real runtime or its own tests, decision by decision."""
    source: str
    """Where its rules were read."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a user should know before trusting the simulator of a release."""

    go: str
    parts: tuple[Part, ...]
    modelled: tuple[str, ...]
    unknown: tuple[str, ...]
    costs: dict[str, float]
    """Fitted constants: costs of a machine, none of them a rule of the runtime."""
    costs_from: str
    costs_spread: dict[str, float]
    """Standard deviation of each on a logarithmic scale, as the intervals take it."""
    measured: Errors | None
    """Errors against real runs; None where no release of this line was run."""


def card_of(version: str, allow_nearest: bool = False) -> Card:
    """Returns the model card of a release. Raises BadInput for releases without a model."""
    rules = model(version, allow_nearest)
    costs = costs_of(rules.version)
    parts = tuple(
        Part(name=name, verified=row.verified, source=row.source)
        for name, row in (
            (_NAMES["pacer"], rules.pacer),
            (_NAMES["page_heap"], rules.page_heap),
            (_NAMES["scavenger"], rules.scavenger),
            ("slots of objects", rules.allocator),
        )
    )
    return Card(
        go=rules.version.text,
        parts=parts,
        modelled=_modelled(rules.page_heap.bitmap),
        unknown=_UNKNOWN if rules.warning is None else (rules.warning, *_UNKNOWN),
        costs=_numbers(costs),
        costs_from=costs.runs,
        costs_spread=UNCERTAINTY,
        measured=MEASURED.get(rules.version.line),
    )


_UNKNOWN = (
    "pauses beyond one processor's own work: they are mostly waits of the host",
    "memory from C, of mapped files and of the page cache of the container",
    "finalizers, weak pointers and sync.Pool, unless a recording shows their effect",
)


def _modelled(events: bool) -> tuple[str, ...]:
    common = (
        "marking as work over time: background, idle and assisting processors, by cost for each byte and object",
        "waits for a CPU as exponential times of a given mean",
        "resident memory beside the heap as a constant of the release and notes for each span",
    )
    if events:
        return common
    return (*common, "pages as amounts, not places: event mode begins with 1.14")


def _numbers(costs: Costs) -> dict[str, float]:
    return {name: float(getattr(costs, name)) for name in UNCERTAINTY}
