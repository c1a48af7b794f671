"""Which of the settings that differ carries which share of a simulated change: exact Shapley values, draw by draw.

The game is v(S) = ln of a metric with the settings in S as in the candidate and the others as in the base. All 2^k
cells are simulated on the same draws, so each draw has shares of its own that add up to its ln(candidate ÷ base); the
shares told are those of the constants as fitted, their spread over the draws gives the intervals, together with the
model's own error, which falls on each share in proportion to its size.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.attribution import Attribution, Cause, CauseKind, JointEffect, Leftover, Spent, Total
from whence.evidence.errors import BadInput
from whence.evidence.variant import changed
from whence.explain.simulator.engine.process_run import Mode, ProcessRun
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.whatif.comparing import Announce, Programs, as_run
from whence.explain.simulator.whatif.judging import distance, own_error, unit_of
from whence.explain.simulator.whatif.surviving import survived
from whence.explain.simulator.whatif.variants import Simulated, Surroundings, of_variant
from whence.stats.designs.factors import Cell, Factor, all_cells
from whence.stats.multiplicity import correct
from whence.stats.scipy_calls import student_p, student_quantile
from whence.stats.shapley import path_weights

Floats = NDArray[np.float64]
MOST_FACTORS = 6
ALPHA = 0.05
_KINDS: dict[str, CauseKind] = {"go": "toolchain", "cpu": "environment", "memory": "environment"}


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """Every mixture of the settings of two variants, simulated on the same draws."""

    base: Simulated
    candidate: Simulated
    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    runs: tuple[ProcessRun, ...]
    workload: Workload


def simulate_cells(
    programs: Programs, base: Simulated, candidate: Simulated, around: Surroundings, *, seed: int, replicas: int,
    mode: Mode = "fluid", announce: Announce | None = None,
) -> Cells:  # fmt: skip
    """Returns all mixtures. Raises BadInput when nothing differs, or more than 6 settings do."""
    keys = differing(base, candidate)
    if not keys:
        raise BadInput(f"{base.name} and {candidate.name} have the same settings: there is nothing to explain.")
    if len(keys) > MOST_FACTORS:
        raise BadInput(f"{len(keys)} settings differ ({', '.join(keys)}); --explain shares out over at most 6.")
    cells = all_cells(len(keys))
    if announce is not None:
        announce(f"explaining {candidate.name}: {len(cells)} mixtures of {', '.join(keys)}")
    found: list[ProcessRun] = []
    for cell in cells:
        mixed = as_run(programs, _mixture(base, candidate, keys, cell, around))
        workload = programs.workload(mixed.arguments)
        found.append(simulate(workload, mixed.config, seed=seed, mode=mode, draws=replicas))
    workload = programs.workload(candidate.arguments)
    return Cells(base=base, candidate=candidate, keys=keys, cells=cells, runs=tuple(found), workload=workload)


def differing(base: Simulated, candidate: Simulated) -> tuple[str, ...]:
    """Returns the keys that two variants set differently, as written; what the runtime derives is none."""
    mine, theirs = (_written(one) for one in (base, candidate))
    keys = [key for key in dict.fromkeys((*mine, *theirs)) if mine.get(key) != theirs.get(key)]
    if base.config.go != candidate.config.go and "go" not in keys:
        keys.insert(0, "go")
    return tuple(keys)


def _written(one: Simulated) -> dict[str, str]:
    return {setting.key: setting.value for setting in one.variant.settings}


def _mixture(
    base: Simulated, candidate: Simulated, keys: tuple[str, ...], cell: Cell, around: Surroundings
) -> Simulated:
    changes: dict[str, str | None] = {}
    for key, level in zip(keys, cell, strict=True):
        side = candidate if level else base
        changes[key] = side.config.go if key == "go" else side.variant.get(key)
    return of_variant(changed(base.variant, changes), around)


def attribution_of(cells: Cells, metric: str, *, subject: str, seed: int, command: str = "") -> Attribution:
    """Returns the shares of one metric. Raises BadInput where the metric is 0 somewhere or too few draws survive."""
    alive = np.logical_and.reduce([survived(run) for run in cells.runs])
    if not alive[0] or np.count_nonzero(alive) < 6:
        raise BadInput(
            "a mixture of the settings exceeds the container's memory, so nothing can be shared out. Raise it."
        )
    logs = np.array([run.draws[metric][alive] for run in cells.runs])
    if logs.min() <= 0:
        raise BadInput(f"{metric} is 0 in a mixture of the settings, so it has no ratio to share out.")
    logs = np.log(logs)
    factors = [Factor(key) for key in cells.keys]
    order, weights = path_weights(factors)
    position = {cell: index for index, cell in enumerate(cells.cells)}
    shares = weights @ logs[[position[cell] for cell in order]]
    apart = distance(cells.base.config, cells.candidate.config, sum(key.startswith("arg.") for key in cells.keys))
    own = own_error(metric, apart, stands_in=cells.candidate.config.allow_nearest)
    whole = shares.sum(axis=0)
    first, last = (float(run.draws[metric][0]) for run in (cells.runs[0], cells.runs[-1]))
    per_log = (last - first) / float(whole[0]) if whole[0] else first
    total = _estimated(whole, own)
    causes = _causes(cells, shares, own, per_log)
    moved = abs(total[0]) > 1e-12
    verdict = "explained" if any(cause.blamed for cause in causes) else "no-effect" if not moved else "undetermined"
    return Attribution(
        subject=subject, seed=seed, metric=metric, unit=unit_of(metric), verdict=verdict, causes=causes,
        total=Total(
            ratio=math.exp(total[0]), low=math.exp(total[1]), high=math.exp(total[2]), base_value=first,
            candidate_value=last, delta=last - first, delta_low=total[1] * per_log,
            delta_high=total[2] * per_log,
        ),
        plan=Spent(
            builds=0, runs=len(cells.cells) * logs.shape[1], seconds=None, cells=len(cells.cells),
            design=f"all {len(cells.cells)} mixtures of {len(cells.keys)} settings, simulated",
        ),
        interactions=_interactions(cells, logs), unexplained=Leftover(share=0.0, low=0.0, high=0.0),
        base=cells.base.variant.spec, candidate=cells.candidate.variant.spec, simulated=True, command=command,
        notes=_notes(cells),
    )  # fmt: skip


def _estimated(draws: Floats, own: float) -> tuple[float, float, float]:
    value, half = float(draws[0]), _half(draws, own)
    return value, value - half, value + half


def _sd(draws: Floats, own: float) -> float:
    return math.hypot(float(np.sqrt(np.mean((draws[1:] - draws[0]) ** 2))), own)


def _half(draws: Floats, own: float) -> float:
    return student_quantile(0.975, max(len(draws) - 2, 1)) * _sd(draws, own)


def _causes(cells: Cells, shares: Floats, own: float, per_log: float) -> tuple[Cause, ...]:
    sizes = np.abs(shares[:, 0])
    errors = own * sizes / max(float(sizes.max()), 1e-12)
    sds = [_sd(row, error) for row, error in zip(shares, errors, strict=True)]
    ps = [
        student_p(float(row[0]) / sd, max(len(row) - 2, 1)) if sd > 0 else float(row[0] == 0)
        for row, sd in zip(shares, sds, strict=True)
    ]
    blamed = [one.rejected for one in correct(ps, ALPHA, "holm")]
    found: list[Cause] = []
    for key, row, error, guilty in zip(cells.keys, shares, errors, blamed, strict=True):
        share, low, high = _estimated(row, float(error))
        value = cells.candidate.config.go if key == "go" else cells.candidate.variant.get(key)
        found.append(
            Cause(
                kind=_KINDS.get(key, "program" if key.startswith("arg.") else "environment"), name=key, share=share,
                low=low, high=high, delta=share * per_log, delta_low=min(low * per_log, high * per_log),
                delta_high=max(low * per_log, high * per_log), blamed=guilty,
                setting=f"{key}={value}" if value is not None else f"{key} unset", evidence=_evidence(cells, key),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda cause: -abs(cause.share or 0.0)))


def _evidence(cells: Cells, key: str) -> tuple[str, ...]:
    before, after = cells.base.config.processors, cells.candidate.config.processors
    if key == "go" and before != after and cells.candidate.variant.get("GOMAXPROCS") is None:
        return (f"the release chooses GOMAXPROCS itself: {before} before, {after} after",)
    return ()


def _interactions(cells: Cells, logs: Floats) -> tuple[JointEffect, ...]:
    """Returns, for each two settings, what both together do beyond each alone, from the four cells around the base."""
    position = {cell: index for index, cell in enumerate(cells.cells)}
    count = len(cells.keys)
    found: list[JointEffect] = []
    for one, other in itertools.combinations(range(count), 2):

        def at(*on: int) -> Floats:
            return logs[position[tuple(int(i in on) for i in range(count))]]

        joint = at(one, other) - at(one) - at(other) + at()
        value, low, high = _estimated(joint, 0.0)
        real = (low > 0 or high < 0) and abs(value) > 0.002
        found.append(
            JointEffect(between=(cells.keys[one], cells.keys[other]), share=value, low=low, high=high, real=real)
        )
    return tuple(found)


def _notes(cells: Cells) -> tuple[str, ...]:
    found: Mapping[str, None] = dict.fromkeys(w for run in cells.runs for w in run.warnings)
    return tuple(found)
