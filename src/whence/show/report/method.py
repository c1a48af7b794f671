"""How it was measured: plan, seed, versions, host, looks, layouts, and each variant as it was built."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from whence.evidence.comparison import Comparison, VariantResult
from whence.show.report import names, numbers, reading
from whence.show.report.failures import failed_runs, runs_of

_MOST_BLOCKS = 60
_CALIBRATION = {
    "iterations": "iterations of the spin",
    "cpus": "CPUs that spin at once",
    "spins": "spins of the baseline",
    "median_s": "median spin",
    "fastest_s": "fastest spin",
    "slowest_s": "slowest spin",
    "spread": "spread of the spins",
}


class Fact(NamedTuple):
    """One line: what, and its value in words."""

    name: str
    value: str


class Built(NamedTuple):
    """One variant as it was built and run."""

    name: str
    spec: str
    go: str
    sha256: str
    built: str
    layouts: str
    outcomes: str
    command: str


class Method(NamedTuple):
    """The whole section; `order` is the planned order, one text a block."""

    design: tuple[Fact, ...]
    host: tuple[Fact, ...]
    variants: tuple[Built, ...]
    order: tuple[str, ...]
    order_rest: int
    paired: bool


def method(comparison: Comparison) -> Method:
    """Returns how the comparison was measured, in words."""
    plan = comparison.plan
    order = plan.order if plan is not None else ()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    shown = [
        " ".join(letters[index] if index < len(letters) else str(index) for index in block)
        for block in order[:_MOST_BLOCKS]
    ]
    return Method(
        design=tuple(_design(comparison)),
        host=tuple(_host(comparison)),
        variants=tuple(_built(comparison, variant) for variant in comparison.variants),
        order=tuple(shown),
        order_rest=max(0, len(order) - _MOST_BLOCKS),
        paired=plan is not None,
    )


def moment(seconds: float | None) -> str:
    """Returns a time of day in UTC, or nothing."""
    if seconds is None or not 0 <= seconds < 4e9:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _design(comparison: Comparison) -> list[Fact]:
    plan = comparison.plan
    facts = [Fact("Subject", names.clean(comparison.subject)), Fact("Seed", str(comparison.seed))]
    if plan is not None:
        facts.append(Fact("Blocks", f"{plan.pairs}; in each, every variant once, in fresh random order"))
        if plan.warmup:
            facts.append(Fact("Warm-up", f"{numbers.plural(plan.warmup, 'run')} a variant, discarded by rule"))
        if plan.layouts > 1:
            facts.append(Fact("Layouts", f"{plan.layouts} differently linked binaries a variant"))
        if len(plan.looks) > 1:
            facts.append(Fact("Looks", "after " + names.join([str(look) for look in plan.looks]) + " blocks"))
        if plan.budget_s is not None:
            facts.append(Fact("Budget", numbers.seconds_text(plan.budget_s)))
        facts.append(
            Fact(
                "Repeats",
                f"a block is run again, at most {plan.max_repeats} times, when a calibration spin beside it takes "
                f"{plan.repeat_threshold:g} × the session's median; nothing else discards a run",
            )
        )
        facts.append(Fact("Time limit", f"{numbers.seconds_text(plan.timeout_s)} a run"))
    facts.append(Fact("Runs", _runs(comparison)))
    levels = {effect.level for effect in comparison.effects if effect.level is not None}
    if levels:
        low, high = 100 * min(levels), 100 * max(levels)
        attained = f"{low:.1f} %" if high - low < 0.05 else f"{low:.1f} to {high:.1f} %"
        facts.append(Fact("Intervals", f"95 %; they really cover {attained}"))
    facts += [Fact("Started", moment(comparison.started_at)), Fact("Ended", moment(comparison.finished_at))]
    if comparison.whence_version:
        facts.append(Fact("Whence", names.clean(comparison.whence_version)))
    return [fact for fact in facts if fact.value]


def _runs(comparison: Comparison) -> str:
    text = f"{comparison.counted_runs:,} counted"
    if comparison.repeated_blocks:
        text += f", {numbers.plural(comparison.repeated_blocks, 'block')} repeated"
    if comparison.started_at is not None and comparison.finished_at is not None:
        text += f", {numbers.seconds_text(comparison.finished_at - comparison.started_at)} in all"
    return text


def _host(comparison: Comparison) -> list[Fact]:
    host = comparison.host
    facts = [
        Fact("Host", names.clean(host.name)),
        Fact("CPUs", f"{host.cpus} · {names.clean(host.cpu_model)}" if host.cpu_model else str(host.cpus)),
        Fact("Kernel", names.clean(host.kernel)),
    ]
    if comparison.plan is not None and comparison.plan.affinity:
        facts.append(Fact("Runs on CPUs", ", ".join(str(cpu) for cpu in comparison.plan.affinity)))
    for key, value in host.calibration.items():
        name = names.capital(_CALIBRATION.get(key, names.clean(key).replace("_", " ")))
        if key.endswith("_s"):
            text = numbers.amount_text(value, "s")
        elif key == "spread" or key.endswith("_share"):
            text = numbers.margin_text(value)
        else:
            text = f"{value:,.6g}"
        facts.append(Fact(name, text))
    return [fact for fact in facts if fact.value]


def _built(comparison: Comparison, variant: VariantResult) -> Built:
    total, failed = runs_of(variant), failed_runs(variant)
    kinds = ", ".join(f"{count} {kind}" for kind, count in variant.outcomes.items() if count and kind != "ok")
    return Built(
        name=names.label(comparison, variant.name)
        + (" (base)" if variant.name == reading.base_name(comparison) else ""),
        spec=names.clean(variant.spec),
        go=names.clean(variant.go or ""),
        sha256=names.clean(variant.binary_sha256 or "")[:12],
        built="" if variant.build_seconds is None else numbers.seconds_text(variant.build_seconds),
        layouts=str(variant.layouts),
        outcomes=f"{total} well" if total and not failed else f"{failed} of {total} failed: {kinds}" if total else "",
        command=names.clean(" ".join(variant.command)),
    )
