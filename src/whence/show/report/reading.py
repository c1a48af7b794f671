"""How a comparison is read: which variant is the base, which metric comes first, which effect belongs where."""

from __future__ import annotations

import msgspec

from whence.evidence.comparison import Comparison, Effect, VariantResult

MetricKey = tuple[str, str | None]
"""(metric, benchmark)."""


def by_unit(comparison: Comparison) -> Comparison:
    """Returns the comparison with every benchmark's metric called by its unit alone.

    Where several benchmarks print a unit, the measuring side names the metric `NAME:UNIT`; the benchmark is a field of
    its own, and people read rows of one unit under one another. Every form drawn for people starts here.
    """
    return msgspec.structs.replace(
        comparison,
        effects=tuple(_called_by_unit(effect) for effect in comparison.effects),
        listed=tuple(_called_by_unit(effect) for effect in comparison.listed),
    )


def _called_by_unit(effect: Effect) -> Effect:
    if effect.benchmark is None or not effect.metric.startswith(f"{effect.benchmark}:"):
        return effect
    return msgspec.structs.replace(effect, metric=effect.metric.removeprefix(f"{effect.benchmark}:"))


def base_name(comparison: Comparison) -> str:
    """Returns the name of the base: what the effects are relative to, else the first variant."""
    if comparison.effects:
        return comparison.effects[0].base
    return comparison.variants[0].name if comparison.variants else ""


def candidates(comparison: Comparison) -> tuple[str, ...]:
    """Returns the candidates in the order of the variants, without the instrument's own check (the A/A variant).

    A comparison of nothing but a program with itself has that one candidate.
    """
    base = base_name(comparison)
    every = [variant.name for variant in comparison.variants if variant.name != base]
    every += [effect.candidate for effect in comparison.effects]
    names = list(dict.fromkeys(every))
    real = [name for name in names if name != comparison.aa_variant]
    return tuple(real or names)


def primary_metric(comparison: Comparison) -> str | None:
    """Returns the metric that the question was about: the first chosen one that has an effect."""
    present = list(dict.fromkeys(effect.metric for effect in comparison.effects))
    if not present:
        return None
    planned = comparison.plan.metrics if comparison.plan is not None else ()
    for name in planned:
        if name in present:
            return name
        behind = name.rpartition(":")[2]
        if behind in present:
            return behind
    return present[0]


def metric_keys(effects: tuple[Effect, ...]) -> tuple[MetricKey, ...]:
    """Returns each (metric, benchmark) once, in the order of the effects."""
    return tuple(dict.fromkeys((effect.metric, effect.benchmark) for effect in effects))


def effect_index(effects: tuple[Effect, ...]) -> dict[tuple[MetricKey, str], Effect]:
    """Returns the effects by ((metric, benchmark), candidate)."""
    return {((effect.metric, effect.benchmark), effect.candidate): effect for effect in effects}


def effects_of(comparison: Comparison, metric: str, candidate: str) -> tuple[Effect, ...]:
    """Returns the chosen effects of one metric and candidate: one, or one a benchmark."""
    return tuple(e for e in comparison.effects if e.metric == metric and e.candidate == candidate)


def any_effect(comparison: Comparison, metric: str, candidate: str) -> Effect | None:
    """Returns the effect of a metric outside benchmarks, chosen or listed."""
    both = (*comparison.effects, *comparison.listed)
    return next((e for e in both if e.metric == metric and e.candidate == candidate and e.benchmark is None), None)


def aa_effects(comparison: Comparison) -> tuple[Effect, ...]:
    """Returns the effects of the base measured a second time, chosen metrics only."""
    if comparison.aa_variant is None:
        return ()
    return tuple(effect for effect in comparison.effects if effect.candidate == comparison.aa_variant)


def variant_of(comparison: Comparison, name: str) -> VariantResult | None:
    return next((variant for variant in comparison.variants if variant.name == name), None)


def overall(comparison: Comparison) -> str:
    """Returns the verdict on the primary metric: worse beats better, undetermined and equivalent, in this order."""
    metric = primary_metric(comparison)
    names = set(candidates(comparison))
    seen = {e.verdict for e in comparison.effects if e.metric == metric and e.candidate in names}
    return next((v for v in ("worse", "better", "undetermined", "equivalent") if v in seen), "undetermined")
