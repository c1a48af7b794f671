"""A simulated node on the terminal: the sentence, the numbers of each variant, limits, first losses."""

from __future__ import annotations

from whence.evidence.node_simulation import NodeSimulation, NodeVariant
from whence.show.report import numbers
from whence.show.report.simulate import node_words as words

_FEW = 5
_BOLD, _DIM, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render(simulation: NodeSimulation, *, width: int = 110, color: bool = False) -> str:
    bold, dim, off = (_BOLD, _DIM, _OFF) if color else ("", "", "")
    lines = [f"{bold}{line}{off}" for line in _wrapped(simulation.sentence, width)]
    about = f"{words.pods_text(simulation)}; brackets: 90 % of the replicas"
    lines += [*(f"{dim}{line}{off}" for line in _wrapped(about, width)), ""]
    lines += _table(simulation, width)
    for variant in simulation.variants:
        lines += ["", f"{bold}{variant.name}{off}  {variant.qos}"]
        for text in (words.order_text(variant.order), words.protection_text(variant.protection)):
            lines += ["  " + line for line in _wrapped(text, width - 2)]
        lines += [part for line in _losses(variant) for part in _hanging(line, width)]
    if simulation.notes:
        lines.append("")
    for note in simulation.notes:
        lines += _wrapped(note, width)
    return "\n".join(lines) + "\n"


def _table(simulation: NodeSimulation, width: int) -> list[str]:
    names = words.shown(simulation)
    rows: list[list[str]] = [["", *[variant.name for variant in simulation.variants]]]
    for name in names:
        answers = [next(a for a in variant.answers if a.name == name) for variant in simulation.variants]
        cells = [" ".join(words.answer_text(answer)).rstrip() for answer in answers]
        rows.append([answers[0].words, *cells])
    columns = len(rows[0])
    widths = [max(len(row[index]) for row in rows) for index in range(columns)]
    if sum(widths) + 2 * columns > width and columns > 2:  # too wide: one block a variant
        found: list[str] = []
        for index in range(1, columns):
            found += [rows[0][index], *[f"  {row[0]:<{widths[0]}}  {row[index]}" for row in rows[1:]], ""]
        return found[:-1]
    return ["  ".join(f"{cell:<{size}}" for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows]


def _losses(variant: NodeVariant) -> list[str]:
    found = []
    for loss in variant.losses[:_FEW]:
        seen = "nothing known of it" if loss.seen is None else f"known to hold {numbers.amount_text(loss.seen, 'B')}"
        age = "not started" if loss.age_s is None else f"{numbers.seconds_text(loss.age_s)} old"
        found.append(
            f"  {numbers.seconds_text(loss.at_s):>12}  {loss.pod}  {words.WAYS[loss.how]}, {age},"
            f" holds {numbers.amount_text(loss.held, 'B')}, {seen}"
        )
    left = words.lost(variant) - len(found)
    if found and left > 0:
        found.append(f"  and {left:,} more in the first replica")
    return found


def _hanging(line: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(line, width, subsequent_indent=" " * 16, drop_whitespace=False) or [""]


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width) or [""]
