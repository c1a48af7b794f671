"""A simulated comparison as Markdown."""

from __future__ import annotations

from whence.evidence.simulation import SimulatedComparison
from whence.show.report import markdown, names, oddities
from whence.show.report.simulate import run_words as words


def render(comparison: SimulatedComparison) -> str:
    """Returns the text with a final line end."""
    runs = comparison.simulations
    many = len(runs) > 1
    parts = [markdown.render(comparison).rstrip("\n")] if many else [f"**{cell(words.single_sentence(comparison))}**"]
    lines = ["| | " + " | ".join(cell(names.label(comparison, run.name)) for run in runs) + " |"]
    lines.append("|---|" + "---:|" * len(runs))
    for value in runs[0].totals:
        texts = [" ".join(words.value_text(words.value_of(run, value.metric))).rstrip() for run in runs]
        lines.append(f"| {words.metric_text(value.metric)} | " + " | ".join(texts) + " |")
    parts.append("\n".join(lines))
    told = [cell(f"{run.workload}: {words.SOURCES.get(run.source, run.source)}.") for run in runs[:1]]
    told += [cell(f"{names.label(comparison, run.name)}: {words.settings_text(run)}") for run in runs]
    told += [] if many else [cell(text) for text in oddities.texts(comparison)]
    parts.append("\n".join(f"- {text}" for text in told))
    return "\n\n".join(parts) + "\n"


def cell(text: str) -> str:
    """Returns a text that Markdown shows as it is."""
    escaped = names.clean(text)
    for sign in "\\|`*":
        escaped = escaped.replace(sign, "\\" + sign)
    return " ".join(escaped.replace("<", "&lt;").split())
