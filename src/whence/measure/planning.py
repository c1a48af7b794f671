"""From what a pilot showed to a plan: which metrics are judged, in how many blocks, over how many layouts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from whence.evidence.comparison import Plan
from whence.evidence.errors import BadInput
from whence.evidence.metric import BUILT_IN, DEFAULT_METRICS, SERVICE_METRICS, Metric, layout_sensitive
from whence.evidence.run import Run
from whence.evidence.subject import Subject
from whence.measure import judge, metrics
from whence.measure.lab.budget import blocks_for_budget
from whence.measure.lab.plan import make_plan
from whence.measure.settle import Settled
from whence.measure.untraced import twin_name
from whence.stats.judge import pairs_for_family
from whence.stats.sequential import extend

DEFAULT_PAIRS = 10
MOST_DEFAULT_PAIRS = 16
SLOW_LINK_S = 2.0
"""A link of one variant that takes longer is not made for every block."""
FEWEST_LAYOUTS = 6
MOST_REPEATS = 2
"""Of one block. Memory does not depend on how fast the host is, so blocks that only memory is read from have none."""
LEAST_REPEAT_THRESHOLD = 1.25
BESIDE_A_RUN_S = 0.03
"""Spin and bookkeeping that go with each run."""


class Pilot(msgspec.Struct, frozen=True, kw_only=True):
    """What the pilot showed: a run of each variant, and what was timed beside them."""

    runs: tuple[Run, ...]
    chosen: tuple[Metric, ...]
    layouts_can_vary: int = 0
    """Variants that can be linked in random layouts."""
    built: int = 0
    link_seconds: float = 0.0
    """To link one more layout of each of them."""
    spin_spread: float = 0.0
    """(90th − 10th percentile) ÷ median of the calibration spins at the start."""
    exit_stop_effect: dict[str, float] = {}
    times_apart: bool = False
    spent_s: float = 0.0


def chosen_metrics(settled: Settled, pilot: Sequence[Run]) -> tuple[Metric, ...]:
    """Returns the metrics to judge. Raises BadInput for one that a variant that ran well does not give, for a gate
    on what is not there, and for variants that measure one benchmark in different units."""
    request = settled.request
    service = settled.subject.load is not None
    fine = [run for run in pilot if run.ok]
    found = metrics.found(fine)
    if settled.subject.kind == "bench":
        _check_benchmarks(settled.subject, pilot)
    if "binary-size" in request.metrics or any(g.metric == "binary-size" for g in settled.gates):
        found["binary-size"] = BUILT_IN["binary-size"]
    if not fine:
        names = request.metrics or (SERVICE_METRICS if service else DEFAULT_METRICS)
        return tuple(BUILT_IN.get(n) or Metric(name=n, unit=n) for n in names)
    if not request.metrics:
        _check_units(fine)
    chosen = metrics.choose(request.metrics, found, service=service)
    by_variant = {run.variant: metrics.found([run]) for run in fine}
    if request.metrics:
        for variant, own in by_variant.items():
            lacking = next((m for m in chosen if not _gives(own, m)), None)
            if lacking is not None:
                usable = {n: m for n, m in own.items() if all(_gives(other, m) for other in by_variant.values())}
                raise metrics.missing_metric(lacking.name, own, who=f"variant {variant}", usable=usable)
    else:
        chosen = tuple(m for m in chosen if all(_gives(own, m) for own in by_variant.values()))
    for gate in settled.gates:
        for metric in judge.gated_metrics(gate, found):
            judge.limit_of(gate, metric)
    for name in settled.margins:
        if name not in BUILT_IN and not metrics.named(name, found):
            raise BadInput(
                f"margin {name}=…: {name} was not measured (measured: {', '.join(found)}). Name one of these."
            )
    return chosen


def _check_benchmarks(subject: Subject, pilot: Sequence[Run]) -> None:
    """Raises BadInput where `run=` is no regular expression, or names no benchmark in any variant that ran well."""
    wrong = next((r for r in pilot if not r.ok and "invalid regexp" in r.message and "-test.bench" in r.message), None)
    if wrong is not None:
        raise BadInput(f"subject {subject.text}: run= is no regular expression of Go. Percent-encode & and +.")
    fine = [run for run in pilot if run.ok]
    if fine and not any(sample.benchmark is not None for run in fine for sample in run.samples):
        raise BadInput(f"subject {subject.text} ran no benchmark. Check run=, or see: go test -list . {subject.target}")


def _gives(own: dict[str, Metric], metric: Metric) -> bool:
    return metric.name == "binary-size" or any(
        m.name == metric.name or (m.unit == metric.unit and m.benchmark == metric.benchmark and m.benchmark is not None)
        for m in own.values()
    )


def _check_units(pilot: Sequence[Run]) -> None:
    """Raises BadInput when two variants print one benchmark in units of which each lacks one of the other."""
    printed = [(run.variant, _units(run)) for run in pilot]
    first, ours = printed[0]
    for variant, theirs in printed[1:]:
        for name in ours.keys() & theirs.keys():
            only_ours, only_theirs = sorted(ours[name] - theirs[name]), sorted(theirs[name] - ours[name])
            if only_ours and only_theirs:
                raise BadInput(
                    f"{first} prints {name} in {only_ours[0]} and {variant} in {only_theirs[0]}: units must agree. "
                    "Choose what both print with --metric."
                )


def _units(run: Run) -> dict[str, set[str]]:
    units: dict[str, set[str]] = {}
    for sample in run.samples:
        if sample.benchmark is not None:
            units.setdefault(sample.benchmark, set()).add(sample.metric)
    return units


def plan_from(settled: Settled, pilot: Pilot, *, seed: int, affinity: Sequence[int]) -> Plan:
    """Returns the plan. Raises BadInput when the budget is too short for two blocks."""
    request = settled.request
    names = [v.name for v in settled.variants]
    candidates = len(names) - 1 - int(request.aa)
    family = candidates * sum(not m.declared_exact for m in pilot.chosen)
    times = any(layout_sensitive(m) for m in pilot.chosen)
    looks: tuple[int, ...] = ()
    pairs = request.pairs or default_pairs(family)
    runs_a_block = len(names) * (2 if pilot.times_apart else 1)
    block_s = (sum(r.seconds for r in pilot.runs) / len(names) + BESIDE_A_RUN_S) * runs_a_block
    link_s = pilot.link_seconds if times else 0.0
    slow_links = link_s > SLOW_LINK_S * max(1, pilot.layouts_can_vary)
    most_layouts = max(FEWEST_LAYOUTS, pairs_for_family(max(1, family))) if slow_links else None
    if settled.budget_s is not None:
        budget = blocks_for_budget(
            budget_s=settled.budget_s,
            seconds_per_block=block_s,
            link_seconds_per_block=link_s,
            warmup_blocks=request.warmup,
            most_links=most_layouts,
            spent_s=min(pilot.spent_s, settled.budget_s / 2),
        )
        pairs, looks = budget.pairs, budget.looks
    layouts = 1
    if times and pilot.layouts_can_vary:
        layouts = pairs if most_layouts is None else min(pairs, most_layouts)
    plan = make_plan(
        variants=names + [twin_name(name) for name in names if pilot.times_apart],
        pairs=pairs,
        seed=seed,
        metrics=[m.name for m in pilot.chosen],
        warmup=request.warmup,
        layouts=layouts,
        looks=looks,
        budget_s=settled.budget_s,
        timeout_s=request.timeout_s,
        affinity=affinity,
        max_repeats=MOST_REPEATS if times else 0,
        repeat_threshold=repeat_threshold(pilot.spin_spread),
        price_builds=pilot.built,
        price_links=pilot.layouts_can_vary * (layouts - 1),
        price_seconds=pairs * block_s + link_s * (layouts - 1),
    )
    return msgspec.structs.replace(plan, exit_stop_effect=pilot.exit_stop_effect, times_apart=pilot.times_apart)


def repeat_threshold(spin_spread: float) -> float:
    """How slow a calibration spin must be to have a block run again: well outside of what spins did at the start.

    On a host whose spins differ by half as a matter of course, running blocks again would select nothing.
    """
    return round(max(LEAST_REPEAT_THRESHOLD, 1.0 + 2.0 * spin_spread), 3)


def extended(plan: Plan, blocks_done: int, pairs: int) -> Plan:
    """Returns the plan of a run that is to go on to `pairs` blocks.

    A plan that was not carried to its end has shown nobody its verdict: it only grows. One that was judged has spent
    its error; the new blocks are then judged alone (`stats.sequential.extend`: anew).
    """
    bigger = make_plan(
        variants=plan.variants,
        pairs=pairs,
        seed=plan.seed,
        metrics=plan.metrics,
        warmup=plan.warmup,
        layouts=plan.layouts if plan.layouts < plan.pairs else pairs,
        timeout_s=plan.timeout_s,
        affinity=plan.affinity,
        max_repeats=plan.max_repeats,
        repeat_threshold=plan.repeat_threshold,
        price_builds=plan.price_builds,
        price_links=plan.price_links,
    )
    first_block = plan.first_block
    if blocks_done >= plan.pairs:
        first_block = extend(
            plan.looks or (plan.pairs,), len(plan.looks) or 1, pairs, 0.01, further_looks=1
        ).first_block
    layouts = bigger.layouts
    built = tuple(msgspec.structs.replace(v, layouts=layouts if v.layouts > 1 else 1) for v in plan.built)
    return msgspec.structs.replace(
        bigger,
        first_block=first_block,
        built=built,
        exit_stop_effect=plan.exit_stop_effect,
        times_apart=plan.times_apart,
    )


def default_pairs(family: int) -> int:
    """Ten pairs, or as many as single out one metric of the family at the family's error rate."""
    return max(DEFAULT_PAIRS, min(MOST_DEFAULT_PAIRS, pairs_for_family(max(1, family))))


def may_depend_on_layout(name: str) -> bool:
    """Tells from a metric's name alone whether code layout can move it."""
    unit = name.rpartition(":")[2]
    return layout_sensitive(BUILT_IN.get(unit) or Metric(name=unit, unit=unit))
