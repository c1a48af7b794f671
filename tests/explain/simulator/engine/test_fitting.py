"""Costs that made the runs are found again, and runs that cannot tell costs apart are refused."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.costs.fitting import CostRun, fit
from whence.explain.simulator.costs.rows import ROWS


def _runs(count: int) -> list[CostRun]:
    random = np.random.default_rng(5)
    runs = []
    for _ in range(count):
        objects, size, cycles = (int(x) for x in random.integers((10**5, 16, 0), (10**7, 4000, 300)))
        live, scan, pages = (int(x) for x in random.integers((10**3, 10**4, 500), (10**6, 10**8, 10**5)))
        ns = objects * (40 + 0.1 * size) + cycles * (live * 30 + scan * 0.5 + 2e5) + pages * 1500
        runs.append(
            CostRun(
                cpu_seconds=ns / 1e9,
                objects=objects,
                bytes=objects * size,
                cycles=cycles,
                live_objects=live,
                live_scan_bytes=scan,
                peak_pages=pages,
            )
        )
    return runs


def test_the_costs_that_made_the_runs_are_found_again() -> None:
    fitted = fit(_runs(60), ROWS[-1], "made up")
    assert fitted.allocate_ns == pytest.approx(40, rel=0.05)
    assert fitted.allocate_byte_ns == pytest.approx(0.1, rel=0.05)
    assert fitted.mark_object_ns == pytest.approx(30, rel=0.05)
    assert fitted.mark_byte_ns == pytest.approx(0.5, rel=0.05)
    assert fitted.runs == "made up" and fitted.resident_bytes == ROWS[-1].resident_bytes


def test_too_few_runs_and_runs_that_are_alike_are_refused() -> None:
    runs = _runs(8)
    with pytest.raises(BadInput, match="too few"):
        fit(runs[:3], ROWS[-1], "")
    with pytest.raises(BadInput, match="too alike"):
        fit([runs[0]] * 10, ROWS[-1], "")
    with pytest.raises(BadInput, match="without CPU time"):
        fit([msgspec.structs.replace(run, cpu_seconds=0.0) for run in runs], ROWS[-1], "")
