"""A recommendation on the terminal: the sentence, the choices with their regret, what it rests on."""

from __future__ import annotations

import textwrap

from whence.evidence.simulation import Recommendation
from whence.show.report import names, terminal
from whence.show.report.simulate import recommend_words as words


def render(recommendation: Recommendation, *, width: int = 100, color: bool = False) -> str:
    """Returns the whole text with a final line end."""
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    sentence = textwrap.fill(names.clean(recommendation.sentence), width)
    choices = words.shown(recommendation)
    rows = [words.HEAD, *[words.row(choice) for choice in choices]]
    widths = [max(terminal.cells(row[i]) for row in rows) for i in range(len(words.HEAD))]
    lines: list[str] = []
    for index, row in enumerate(rows):
        chosen = index > 0 and words.is_chosen(recommendation, choices[index - 1])
        text = "  ".join(terminal.pad(cell, room, right=True) for cell, room in zip(row, widths, strict=True))
        lines.append(f"{'▸ ' if chosen else '  '}{text}".rstrip())
    notes = [*words.basis(recommendation), *recommendation.notes]
    told = [textwrap.fill(names.clean(n), width, initial_indent="  ", subsequent_indent="    ") for n in notes]
    parts = [f"{bold[0]}{sentence}{bold[1]}", "\n".join(lines), "\n".join(told)]
    return "\n\n".join(parts) + f"\n\nNext     {words.next_command(recommendation)}\n"
