"""Fits the cost constants of a release on this machine from runs of described programs.

CPU time is taken as a sum of what was allocated, marked and first touched, each at its cost; costs are not negative.
Rows are weighed by 1 ÷ CPU time, so that short runs count as much as long ones. Of repeated runs give the fastest.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy.optimize import nnls

from whence.evidence.errors import BadInput
from whence.explain.simulator.costs.rows import Costs

_FITTED = ("allocate_ns", "allocate_byte_ns", "mark_object_ns", "mark_byte_ns", "cycle_ns", "fault_page_ns")


class CostRun(msgspec.Struct, frozen=True, kw_only=True):
    """One real run of a program whose objects are known."""

    cpu_seconds: float
    objects: int
    """Objects allocated."""
    bytes: int
    """Bytes allocated."""
    cycles: int
    live_objects: int
    """Objects that each cycle marked."""
    live_scan_bytes: int
    """Scannable bytes that each cycle looked through, globals and stacks included."""
    peak_pages: int
    """Physical pages of 4 KiB touched."""


def fit(runs: Sequence[CostRun], start: Costs, runs_named: str) -> Costs:
    """Returns `start` with the costs of allocating, marking, a cycle and first touches replaced by fitted ones.

    Raises BadInput for fewer runs than constants, and where the runs do not tell them apart.
    """
    if len(runs) < len(_FITTED):
        raise BadInput(
            f"{len(runs)} runs are too few to fit {len(_FITTED)} costs. Run more programs or values of GOGC."
        )
    cpu = np.array([run.cpu_seconds * 1e9 for run in runs])
    if (cpu <= 0).any():
        raise BadInput("a run without CPU time says nothing about costs. Leave it out.")
    table = np.array(
        [
            [
                run.objects,
                run.bytes,
                run.cycles * run.live_objects,
                run.cycles * run.live_scan_bytes,
                run.cycles,
                run.peak_pages,
            ]
            for run in runs
        ],
        dtype=float,
    )
    weighted = table / cpu[:, None]
    scale = np.maximum(np.linalg.norm(weighted, axis=0), 1e-300)
    if np.linalg.matrix_rank(weighted / scale, tol=1e-3) < len(_FITTED):
        raise BadInput("the runs are too alike to tell the costs apart. Vary sizes, live bytes and GOGC.")
    values = nnls(weighted / scale, np.ones(len(runs)))[0] / scale
    fitted = {name: float(value) for name, value in zip(_FITTED, values, strict=True)}
    return msgspec.structs.replace(start, runs=runs_named, **fitted)
