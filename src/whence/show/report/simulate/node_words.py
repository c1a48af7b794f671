"""How numbers of a simulated node are written."""

from __future__ import annotations

from collections.abc import Callable

from whence.evidence.node_simulation import Answer, NodeSimulation, NodeVariant, Order, Protection, Range
from whence.show.report import numbers

ALWAYS = frozenset({"resident-mean", "resident-peak", "live-mean", "amplification", "never-scanned", "evicted"})
WAYS = {
    "evicted-hard": "evicted",
    "evicted-soft": "evicted (soft)",
    "killed-node": "killed, node out of memory",
    "killed-limit": "killed at its limit",
}


def value_text(value: float, unit: str) -> str:
    """Returns a number with its unit: shares as percent, rates an hour."""
    if unit == "1/h":
        return f"{_plain(value)} /h"
    if unit == "count":
        return _plain(value)
    if unit == "s":
        return numbers.seconds_text(value)
    return numbers.amount_text(value, unit)


def _plain(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}".replace("-", numbers.MINUS)


def answer_text(answer: Answer) -> tuple[str, str]:
    """Returns the number and its interval, empty when all replicas agree."""
    write = _writer(answer.name, answer.unit)
    return write(answer.range.value), _interval(answer.range, write)


def difference_text(name: str, unit: str, found: Range) -> str:
    write = _writer(name, unit)
    value = write(found.value)
    sign = "" if found.value <= 0 else "+"
    interval = _interval(found, write)
    return f"{sign}{value} {interval}".rstrip()


def _writer(name: str, unit: str) -> Callable[[float], str]:
    if unit != "1":
        return lambda value: value_text(value, unit).replace("-", numbers.MINUS)
    if name == "amplification":
        return lambda value: f"×{value:.3g}" if value >= 0 else f"{value:.3g}".replace("-", numbers.MINUS)
    return lambda value: f"{100 * value:.3g} %".replace("-", numbers.MINUS)


def _interval(found: Range, write: Callable[[float], str]) -> str:
    low, high = write(found.low), write(found.high)
    return "" if low == high else f"[{low}, {high}]"


def shown(simulation: NodeSimulation) -> list[str]:
    """Returns the names of the answers that say something: those never 0 in all variants, and a few always."""
    first = simulation.variants[0]
    return [
        answer.name
        for index, answer in enumerate(first.answers)
        if answer.name in ALWAYS
        or (
            any(variant.answers[index].range.high for variant in simulation.variants)
            and (answer.name != "first-eviction" or _evicts(simulation))
        )
    ]


def _evicts(simulation: NodeSimulation) -> bool:
    return any(a.range.high > 0 for v in simulation.variants for a in v.answers if a.name == "evicted")


def order_text(order: Order) -> str:
    """Returns which limit acts first, in words."""
    if order.first == "none":
        return "nothing bounds a pod's memory"
    limits = (("memory.high", order.memory_high), ("memory.max", order.memory_max))
    parts = [f"{name} {numbers.amount_text(value, 'B')}" for name, value in limits if value is not None]
    if order.go_memory_limit is not None:
        parts.append(
            f"GOMEMLIMIT {numbers.amount_text(order.go_memory_limit, 'B')}"
            f" (the pod then holds {numbers.amount_text(order.resident_at_go_limit, 'B')})"
        )
    text = f"{order.first} acts first: " + ", ".join(parts)
    if order.margin is not None:
        text += f"; {numbers.amount_text(order.margin, 'B')} before the next"
    if order.crosses_at_age_s is not None:
        text += f". A pod crosses memory.high at an age of {numbers.seconds_text(order.crosses_at_age_s)}"
        if order.sleep_s is not None:
            text += f" and sleeps {numbers.seconds_text(order.sleep_s)} on the way to its peak"
    return text


def protection_text(protection: Protection) -> str:
    """Returns what protects a pod, in words."""
    if not protection.memory_min and not protection.memory_low:
        return "its memory is not protected from the pressure of others"
    name, value, reaches = (
        ("memory.min", protection.memory_min, protection.effective_min)
        if protection.memory_min
        else ("memory.low", protection.memory_low, protection.effective_low)
    )
    return (
        f"{name} {numbers.amount_text(value, 'B')} protects {numbers.amount_text(reaches, 'B')}"
        f" of {numbers.amount_text(protection.resident, 'B')}"
    )


def pods_text(simulation: NodeSimulation) -> str:
    kind = "explicit pods" if simulation.explicit else "places for pods"
    return (
        f"{simulation.pods:,} {kind} on {numbers.amount_text(simulation.memory_bytes, 'B')},"
        f" {numbers.seconds_text(simulation.simulated_s)} simulated, {numbers.plural(simulation.replicas, 'replica')},"
        f" seed {simulation.seed}"
    )


def lost(variant: NodeVariant) -> int:
    return len(variant.losses) + variant.losses_left_out
