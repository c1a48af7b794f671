"""A recommendation as Markdown."""

from __future__ import annotations

from whence.evidence.simulation import Recommendation
from whence.show.report.simulate import recommend_words as words
from whence.show.report.simulate.run_markdown import cell


def render(recommendation: Recommendation) -> str:
    """Returns the text with a final line end."""
    lines = [f"**{cell(recommendation.sentence)}**", ""]
    lines += ["| | " + " | ".join(words.HEAD) + " |", "|---|" + "---:|" * len(words.HEAD)]
    for choice in words.shown(recommendation):
        mark = "▸" if words.is_chosen(recommendation, choice) else ""
        lines.append(f"| {mark} | " + " | ".join(words.row(choice)) + " |")
    lines += ["", *[f"- {cell(text)}" for text in (*words.basis(recommendation), *recommendation.notes)]]
    return "\n".join(lines) + "\n"
