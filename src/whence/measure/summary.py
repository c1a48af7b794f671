"""From a journal to a comparison: what the judge said, who ran, where, and what was odd. Pure but for the host."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from whence.evidence.comparison import Comparison, HostReport, Plan, VariantResult
from whence.evidence.metric import BUILT_IN, Metric
from whence.evidence.run import BlockEnd, JournalLine, Run, Session, used_runs
from whence.measure import judge
from whence.measure.lab.doctor import host_warnings
from whence.measure.notes import notes
from whence.measure.prepare import Prepared
from whence.measure.settle import Settled
from whence.stats.sequential import spending

FAMILY_ALPHA = 0.01
OUTCOMES = ("ok", "exit", "signal", "oom", "timeout")


def summarise(
    settled: Settled,
    plan: Plan,
    lines: Sequence[JournalLine],
    prepared: Sequence[Prepared],
    *,
    sizes: Mapping[str, int],
    seed: int,
    interim: bool,
) -> Comparison:
    """Returns the comparison that these journal lines amount to."""
    used = used_runs(list(lines))
    constants = {"binary-size": {name: float(size) for name, size in sizes.items()}} if sizes else None
    table = judge.Table(used, constants)
    chosen = _chosen(plan, table)
    base = plan.variants[0]
    aa = settled.aa_variant
    candidates = [v for v in plan.variants[1:] if v != aa]
    fixed = _layout_fixed(prepared, base, candidates)
    alpha = _alpha(plan, len(table.blocks))
    asked = judge.questions(table, chosen, base, candidates, settled.margins)
    judged = judge.effects(asked, base, alpha=alpha, interim=interim, layout_fixed=fixed)
    if aa is not None:
        check = judge.questions(table, chosen, base, [aa], settled.margins)
        judged += judge.effects(check, base, alpha=alpha, interim=interim)
    others = [m for m in table.metrics.values() if m.name not in {c.name for c in chosen}]
    listed_questions = judge.questions(table, others, base, candidates, settled.margins)
    listed = judge.effects(listed_questions, base, correction="bh", interim=interim, layout_fixed=fixed)
    failed = {v: any(not r.ok for r in used if r.variant == v) for v in plan.variants}
    gates = judge.gate_results(settled.gates, table, chosen, base, candidates, failed=failed, interim=interim)
    fatal = {p.variant.name: p.fatal for p in prepared if p.fatal}
    releases = {v.name: r for v, r in zip(settled.variants, settled.releases, strict=True)}
    runs = [line for line in lines if isinstance(line, Run)]
    return Comparison(
        subject=settled.subject.text,
        seed=seed,
        variants=tuple(_variant(p, used, plan) for p in prepared),
        host=_host(lines),
        effects=judged,
        gates=gates,
        listed=listed,
        geometric_means=judge.geometric_means(judged),
        notes=notes(lines, used, plan, chosen, judged, layout_fixed=fixed, fatal=fatal, releases=releases),
        interim=interim,
        plan=plan,
        aa_variant=aa,
        command=settled.request.command(),
        started_at=min((r.started_at for r in runs), default=None),
        finished_at=max((r.started_at + r.seconds for r in runs), default=None),
        counted_runs=len(used),
        repeated_blocks=len({x.block for x in lines if isinstance(x, BlockEnd) and x.status == "repeat"}),
        whence_version=version("whence"),
    )


def _chosen(plan: Plan, table: judge.Table) -> tuple[Metric, ...]:
    fallback = {name: BUILT_IN.get(name) or Metric(name=name, unit=name.rpartition(":")[2]) for name in plan.metrics}
    return tuple(table.metrics.get(name) or fallback[name] for name in plan.metrics)


def _alpha(plan: Plan, blocks: int) -> float:
    """The family's error rate at this look: looks before the last spend a part of it."""
    looks = plan.looks or (plan.pairs,)
    if len(looks) == 1:
        return FAMILY_ALPHA
    index = max((i for i, look in enumerate(looks) if look <= blocks), default=0)
    return spending(looks, FAMILY_ALPHA)[index]


def _layout_fixed(prepared: Sequence[Prepared], base: str, candidates: Sequence[str]) -> frozenset[str]:
    """Candidates that differ from the base in their binary while one of the two was not linked in random layouts."""
    by_name = {p.variant.name: p for p in prepared}
    ours = by_name[base]
    return frozenset(
        name
        for name in candidates
        if by_name[name].binary_sha256 != ours.binary_sha256
        and not (by_name[name].layout_can_vary and ours.layout_can_vary)
    )


def _variant(prepared: Prepared, used: Sequence[Run], plan: Plan) -> VariantResult:
    variant = prepared.variant
    own = [run for run in used if run.variant == variant.name]
    failed = [run for run in own if not run.ok]
    outcomes = {"ok": 0, "exit": 0, "signal": 0, "oom": 0, "timeout": 0}
    for run in own:
        outcomes[run.outcome] += 1
    first = None
    if failed:
        message = failed[0].message.strip()
        how = failed[0].signal or (f"exit {failed[0].exit_code}" if failed[0].outcome == "exit" else failed[0].outcome)
        first = f"{how}: {message}" if message else str(how)
    return VariantResult(
        name=variant.name,
        spec=variant.spec,
        go=prepared.toolchain.version if prepared.toolchain is not None else None,
        binary_sha256=prepared.binary_sha256,
        outcomes=outcomes,
        first_failure=prepared.fatal if failed and prepared.fatal else first,
        build_seconds=prepared.built.seconds if prepared.built is not None else None,
        layouts=plan.layouts if prepared.layout_can_vary else 1,
        command=prepared.words,
    )


def _host(lines: Sequence[JournalLine]) -> HostReport:
    sessions = [line for line in lines if isinstance(line, Session)]
    return HostReport(
        cpus=len(os.sched_getaffinity(0)),
        calibration=dict(sessions[-1].calibration) if sessions else {},
        warnings=tuple(host_warnings(lines)),
        name=platform.node(),
        kernel=platform.release(),
        cpu_model=_cpu_model(),
    )


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
