"""A simulated node as Markdown."""

from __future__ import annotations

from whence.evidence.node_simulation import NodeSimulation
from whence.show.report import numbers
from whence.show.report.simulate import node_words as words

_FEW = 10


def render(simulation: NodeSimulation) -> str:
    lines = [
        f"**{_cell(simulation.sentence)}**",
        "",
        f"{words.pods_text(simulation)}. Brackets: 90 % of the replicas.",
        "",
    ]
    lines.append("| | " + " | ".join(_cell(variant.name) for variant in simulation.variants) + " |")
    lines.append("|---|" + "---:|" * len(simulation.variants))
    for name in words.shown(simulation):
        answers = [next(a for a in variant.answers if a.name == name) for variant in simulation.variants]
        cells = [" ".join(words.answer_text(answer)).rstrip() for answer in answers]
        lines.append(f"| {answers[0].words} | " + " | ".join(cells) + " |")
    for variant in simulation.variants:
        lines += ["", f"**{_cell(variant.name)}** ({variant.qos}): {words.order_text(variant.order)};"]
        lines.append(f"{words.protection_text(variant.protection)}.")
        if variant.losses:
            lines += ["", "| at | pod | how | age | holds | known to hold |", "|---:|---|---|---:|---:|---:|"]
            lines += [
                f"| {numbers.seconds_text(loss.at_s)} | {_cell(loss.pod)} | {words.WAYS[loss.how]} |"
                f" {numbers.seconds_text(loss.age_s)} | {numbers.amount_text(loss.held, 'B')} |"
                f" {numbers.amount_text(loss.seen, 'B')} |"
                for loss in variant.losses[:_FEW]
            ]
    lines += ["", *[f"- {_cell(note)}" for note in simulation.notes]]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;").replace("*", "\\*")
    )
    return " ".join(escaped.split())
