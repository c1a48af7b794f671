"""The model of a release: the rows of all mechanisms joined, and what of it is proved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whence.evidence.errors import BadInput
from whence.explain.simulator.versions.allocators import AllocatorRow, allocator_row, span_classes
from whence.explain.simulator.versions.pacers import NEWEST, OLDEST, PacerRow, pacer_row
from whence.explain.simulator.versions.page_heaps import PageHeapRow, page_heap_row
from whence.explain.simulator.versions.scavengers import ScavengerRow, scavenger_row
from whence.golang.versions import Version, parse_version

LINES = tuple(f"1.{minor}" for minor in range(28))
"""Lines of releases that have a model, oldest first."""


class Model(NamedTuple):
    """How one release manages memory."""

    version: Version
    """The release that is modelled: the nearest one where the one asked for has no model."""
    pacer: PacerRow
    page_heap: PageHeapRow
    scavenger: ScavengerRow
    allocator: AllocatorRow
    warning: str | None
    """What the user should know: the release was not read, or another one stands in for it."""
    stands_in: bool
    """True when another release was asked for."""

    def span_classes(self) -> np.ndarray:
        """Returns the span classes, see `versions.allocators.span_classes`."""
        return span_classes(self.version)


def model(version: str, allow_nearest: bool = False) -> Model:
    """Returns the model of a release (`1.24.3`) or of the last release of a line (`1.24`).

    Raises BadInput for releases outside 1.0 to 1.27, which names the nearest one, unless `allow_nearest` takes it.
    """
    asked = parse_version(version)
    used, warning = asked, None
    nearest = _nearest(asked)
    if nearest is not None:
        if not allow_nearest:
            raise BadInput(
                f"Go {asked.text} has no model: {OLDEST} to {NEWEST} have. The nearest is {nearest}; "
                "ask for it, or add --allow-nearest."
            )
        used = parse_version(nearest)
        warning = f"Go {asked.text} has no model; Go {nearest} stands in for it, intervals are wider."
    pacer, pages, scavenger, allocator = (
        pacer_row(used),
        page_heap_row(used),
        scavenger_row(used),
        allocator_row(used),
    )
    if warning is None and not pacer.verified:
        warning = f"Go {used.text} could not be read: its model rests on public descriptions alone."
    return Model(used, pacer, pages, scavenger, allocator, warning, nearest is not None)


def _nearest(version: Version) -> str | None:
    """Returns the nearest line that has a model, None when the version has one itself."""
    line = (version.major, version.minor)
    first, last = parse_version(OLDEST), parse_version(NEWEST)
    if line < (first.major, first.minor):
        return OLDEST
    return NEWEST if line > (last.major, last.minor) else None
