"""The sentence of a simulated node and what is odd about it."""

from __future__ import annotations

import msgspec

from whence.evidence.node_simulation import NodeSimulation, NodeVariant


def told(simulation: NodeSimulation) -> NodeSimulation:
    """Returns the simulation with its sentence and its notes."""
    return msgspec.structs.replace(simulation, sentence=_sentence(simulation), notes=tuple(_notes(simulation)))


def _value(variant: NodeVariant, name: str) -> float:
    return next(answer.range.value for answer in variant.answers if answer.name == name)


def gigabytes(value: float) -> str:
    for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e3:.3g} kB"


def _sentence(simulation: NodeSimulation) -> str:
    base = simulation.variants[0]
    held, alive = _value(base, "resident-mean"), _value(base, "live-mean")
    who = f"{simulation.pods} pods" if simulation.explicit else f"Pods in {simulation.pods} places"
    text = f"{who} hold {gigabytes(held)} of memory for {gigabytes(alive)} alive"
    text += f", {_value(base, 'amplification'):.3g} times as much" if alive else ""
    missed = _value(base, "never-scanned")
    text += (
        f"; a scan every {simulation.scan_s:g} s never meets {100 * missed:.0f} % of them" if missed >= 0.005 else ""
    )
    lost = [
        f"{_value(base, name):,.0f} {word}"
        for name, word in (("evicted", "evicted"), ("killed-by-node", "killed"), ("refused", "refused"))
        if _value(base, name) >= 0.5
    ]
    if lost:
        text += f"; an hour sees {', '.join(lost)}"
    for variant in simulation.variants[1:]:
        text += f"; {variant.name} holds {gigabytes(_value(variant, 'resident-mean'))}"
    return text + "."


def _notes(simulation: NodeSimulation) -> list[str]:
    notes = ["Simulated, not measured: see docs/methods/node.md for what the model leaves out."]
    for variant in simulation.variants:
        order = variant.order
        if order.first == "memory.high" and order.go_memory_limit is not None:
            notes.append(
                f"{variant.name}: memory.high acts before GOMEMLIMIT, so a growing heap puts the collector to sleep"
                " too. Lower GOMEMLIMIT or set a request."
            )
        if order.first == "memory.max" and order.go_memory_limit is not None:
            notes.append(f"{variant.name}: GOMEMLIMIT lies above what the container may hold. Lower it.")
        if variant.protection.note:
            notes.append(f"{variant.name}: {variant.protection.note}")
        evicted, killed = _value(variant, "evicted"), _value(variant, "killed-by-node")
        if killed > evicted:
            notes.append(
                f"{variant.name}: the kernel kills {killed:,.0f} pods an hour, the kubelet evicts {evicted:,.0f}:"
                " memory runs out between two of its passes."
            )
        ended = _value(variant, "pods-ended") - killed - evicted - _value(variant, "killed-by-limit")
        if evicted and ended > 20 * evicted:
            notes.append(
                f"{variant.name}: {ended:,.0f} pods an hour end by themselves, {evicted:,.0f} are evicted: eviction"
                " steers little here."
            )
    return notes
