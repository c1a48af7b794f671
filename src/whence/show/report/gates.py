"""Gates in words: the rule, what was held against it, and the outcome."""

from __future__ import annotations

from whence.evidence.comparison import Comparison, GateResult
from whence.show.report import names, numbers


def bound_text(comparison: Comparison, gate: GateResult) -> str:
    """Returns the bound that was held against the limit: a ratio `×1.16`, or an amount in the metric's unit."""
    if gate.bound is None:
        return ""
    if gate.kind == "ratio":
        decimals = max(3, numbers.ratio_decimals(gate.bound, None, None))
        return f"×{numbers.ratio_text(gate.bound, decimals)}"
    return names.clean(numbers.amount_text(gate.bound, unit_of(comparison, gate)))


def unit_of(comparison: Comparison, gate: GateResult) -> str:
    """Returns the unit of the gate's metric, empty when no effect has it."""
    effects = (*comparison.effects, *comparison.listed)
    return next((e.unit for e in effects if gate.metric in {e.metric, names.metric_key(e)}), "")


def gate_text(comparison: Comparison, gate: GateResult) -> str:
    """Returns one line: `rss<=+5% on go1.24.3: broken, bound ×3.463. reason`."""
    text = f"{names.clean(gate.rule)} on {names.label(comparison, gate.candidate)}: {gate.outcome}"
    bound = bound_text(comparison, gate)
    if bound:
        text += f", bound {bound}"
    return f"{text}. {names.clean(gate.reason)}" if gate.reason else text


def worst(comparison: Comparison) -> str | None:
    """Returns the outcome of all gates together: broken beats undecided beats held; None without gates."""
    outcomes = {gate.outcome for gate in comparison.gates}
    return next((outcome for outcome in ("broken", "undecided", "held") if outcome in outcomes), None)
