"""From a journal to a comparison: what the judge said, who ran, where, and what was odd. Pure but for the host."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from whence.evidence.comparison import Comparison, HostReport, Plan, VariantResult
from whence.evidence.gate import parse_gate, parse_margin
from whence.evidence.metric import BUILT_IN, Metric, layout_sensitive
from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, JournalLine, Run, Session, used_runs
from whence.measure import judge
from whence.measure.lab.doctor import host_warnings
from whence.measure.notes import notes
from whence.measure.settle import AA_NAME
from whence.measure.untraced import is_twin, merged
from whence.stats.sequential import Look


def summarise(request: Request, plan: Plan, lines: Sequence[JournalLine], *, interim: bool) -> Comparison:
    """Returns the comparison that these journal lines amount to. Needs neither the subject nor its binaries."""
    used = merged([run for run in used_runs(list(lines)) if run.block >= plan.first_block])
    table = judge.Table(used, _constants(plan))
    chosen = _chosen(plan, table)
    base = plan.variants[0]
    aa = AA_NAME if request.aa else None
    variants = [v for v in plan.variants if not is_twin(v)]
    candidates = [v for v in variants[1:] if v != aa]
    margins = dict(parse_margin(text) for text in request.margins)
    family = judge.Family(
        table=table,
        base=base,
        margins=margins,
        layout_fixed=_layout_fixed(plan),
        shared_layouts=plan.layouts if 1 < plan.layouts < plan.pairs else None,
        look=_look(plan, len(table.blocks)),
        interim=interim,
    )
    judged = family.effects(chosen, candidates)
    if aa is not None:
        judged += family.effects(chosen, [aa])
    names = {metric.name for metric in chosen}
    others = [metric for metric in table.metrics.values() if metric.name not in names]
    listed = family.effects(others, candidates, correction="bh")
    failed = {v: any(not r.ok for r in used if r.variant == v) for v in variants}
    gates = tuple(parse_gate(text) for text in request.gates)
    runs = [line for line in lines if isinstance(line, Run)]
    return Comparison(
        subject=request.subject,
        seed=plan.seed,
        variants=tuple(_variant(v, used) for v in plan.built),
        host=host_report(lines, times=any(map(layout_sensitive, chosen))),
        effects=judged,
        gates=family.gates(gates, chosen, candidates, failed=failed),
        listed=listed,
        geometric_means=judge.geometric_means(judged),
        notes=notes(lines, used, plan, chosen, judged, layout_fixed=family.layout_fixed),
        interim=interim,
        plan=plan,
        aa_variant=aa,
        command=msgspec.structs.replace(request, seed=plan.seed).command(),
        started_at=min((r.started_at for r in runs), default=None),
        finished_at=max((r.started_at + r.seconds for r in runs), default=None),
        counted_runs=len(used),
        repeated_blocks=len({x.block for x in lines if isinstance(x, BlockEnd) and x.status == "repeat"}),
        whence_version=version("whence"),
    )


def finished(plan: Plan, lines: Sequence[JournalLine]) -> bool:
    """Returns whether every planned block is complete: nothing is left to run, only to be written down."""
    complete = {line.block for line in lines if isinstance(line, BlockEnd) and line.status == "complete"}
    return complete >= set(range(plan.first_block, plan.pairs))


def _constants(plan: Plan) -> dict[str, dict[str, float]]:
    sizes = {v.name: float(v.binary_size_bytes) for v in plan.built if v.binary_size_bytes is not None}
    return {"binary-size": sizes} if sizes else {}


def _look(plan: Plan, blocks: int) -> Look | None:
    """Which of the planned looks this is; None when there is one only."""
    looks = plan.looks or (plan.pairs,)
    reached = [look for look in looks if look <= blocks]
    return None if len(looks) == 1 else Look(looks=looks, index=max(0, len(reached) - 1))


def _layout_fixed(plan: Plan) -> frozenset[str]:
    """Candidates that differ from the base in their binary while one of the two had one layout only."""
    base, *candidates = plan.built
    return frozenset(
        v.name for v in candidates if v.binary_sha256 != base.binary_sha256 and (v.layouts == 1 or base.layouts == 1)
    )


def _chosen(plan: Plan, table: judge.Table) -> tuple[Metric, ...]:
    fallback = {name: BUILT_IN.get(name) or Metric(name=name, unit=name.rpartition(":")[2]) for name in plan.metrics}
    return tuple(table.metrics.get(name) or fallback[name] for name in plan.metrics)


def _variant(built: VariantResult, used: Sequence[Run]) -> VariantResult:
    own = [run for run in used if run.variant == built.name]
    failed = [run for run in own if not run.ok]
    outcomes = {"ok": 0, "exit": 0, "signal": 0, "oom": 0, "timeout": 0}
    for run in own:
        outcomes[run.outcome] += 1
    first = None
    if failed:
        run = failed[0]
        first = built.known_fatal or f"{run.ending}: {run.message.strip()}".rstrip(": ")
    return msgspec.structs.replace(built, outcomes=outcomes, first_failure=first)


def host_report(lines: Sequence[JournalLine], *, times: bool) -> HostReport:
    """`times`: some time is judged; how quiet the host was says nothing about memory."""
    sessions = [line for line in lines if isinstance(line, Session)]
    return HostReport(
        cpus=len(os.sched_getaffinity(0)),
        calibration=dict(sessions[-1].calibration) if sessions else {},
        warnings=tuple(w for w in host_warnings(lines) if times or not _about_speed(w)),
        name=platform.node(),
        kernel=platform.release(),
        cpu_model=_cpu_model(),
        blocks_by_host=_blocks_by_host(lines),
    )


def _blocks_by_host(lines: Sequence[JournalLine]) -> dict[str, int]:
    """Returns how many blocks that count each host measured; empty where one did all."""
    host_of = {run.block: run.host_name for run in used_runs(list(lines))}
    return dict(sorted(Counter(host_of.values()).items())) if len(set(host_of.values())) > 1 else {}


def _about_speed(warning: str) -> bool:
    return any(word in warning for word in ("spin", "waiting for a CPU", "Effects on times"))


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
