"""A simulated comparison on the terminal: the answer, each variant's numbers with intervals, where they are from."""

from __future__ import annotations

import textwrap

from whence.evidence.attribution import Attribution
from whence.evidence.simulation import SimulatedComparison
from whence.show.report import names, numbers, oddities, terminal
from whence.show.report.explain import shares
from whence.show.report.explain import words as cause_words
from whence.show.report.simulate import run_words as words

_LABEL = 34


def render(
    comparison: SimulatedComparison, *, width: int = 100, color: bool = False, report_path: str | None = None
) -> str:
    """Returns the whole text with a final line end."""
    many = len(comparison.simulations) > 1
    parts = [terminal.render(comparison, width=width, color=color).rstrip("\n")] if many else []
    if not many:
        parts.append("\n".join(textwrap.wrap(words.single_sentence(comparison), width)))
    parts.append(_values(comparison, width))
    parts += [_causes(attribution, width) for attribution in comparison.attributions]
    parts.append(_basis(comparison, width, many))
    if report_path is not None:
        parts.append(f"Report   {names.clean(report_path)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _values(comparison: SimulatedComparison, width: int) -> str:
    """Returns one table of all variants side by side, or below one another when they have no room."""
    runs = comparison.simulations
    rows: list[list[tuple[str, str]]] = []
    shown = [metric for metric in words.SHOWN if any(words.value_of(run, metric) for run in runs)]
    for metric in shown:
        rows.append([words.value_text(words.value_of(run, metric)) for run in runs])
    columns = []
    for index, run in enumerate(runs):
        value = max(terminal.cells(row[index][0]) for row in rows)
        cells = [f"{terminal.pad(row[index][0], value, right=True)} {row[index][1]}" for row in rows]
        head = names.label(comparison, run.name)
        columns.append((head, cells, max(map(terminal.cells, [head, *cells]))))
    shared = (
        "  90 % intervals of each variant by itself; ratios are known better, since the variants share their chance."
    )
    lines = [shared] if len(runs) > 1 else []
    groups = [columns] if _LABEL + sum(column[2] + 3 for column in columns) <= width else [[c] for c in columns]
    for group in groups:
        lines.append("  " + terminal.pad("", _LABEL - 2) + "".join("   " + terminal.pad(c[0], c[2]) for c in group))
        for index, metric in enumerate(shown):
            label = terminal.pad("  " + words.metric_text(metric), _LABEL)
            lines.append((label + "".join("   " + terminal.pad(c[1][index], c[2]) for c in group)).rstrip())
    return "\n".join(line.rstrip() for line in lines)


def _causes(attribution: Attribution, width: int) -> str:
    lines = [f"  causes of {attribution.metric}, in percent of the base ({attribution.candidate})"]
    parts = shares.tree(attribution)
    name = max(terminal.cells(cause_words.named_cause(part.cause)) for part in parts)
    for part in parts:
        mark = "▸ " if part.cause.blamed else "  "
        label = terminal.pad(cause_words.named_cause(part.cause), name)
        why = f"  {'; '.join(part.cause.evidence)}" if part.cause.evidence else ""
        lines.append(f"  {mark}{label}  {part.text}{why}"[: max(width, 60)].rstrip())
    for pair, text in shares.joint_texts(attribution):
        lines.append(textwrap.fill(f"{pair} together: {text} beyond each alone", width, initial_indent="    "))
    return "\n".join(lines)


def _basis(comparison: SimulatedComparison, width: int, many: bool) -> str:
    run = comparison.simulations[0]
    lines = [f"{names.clean(run.workload)}: {words.SOURCES.get(run.source, run.source)}."]
    lines += [f"{names.label(comparison, one.name)}: {words.settings_text(one)}" for one in comparison.simulations]
    lines.append(f"{numbers.plural(run.replicas, 'replica')} each, seed {run.seed}, mode {run.mode}.")
    if not many:
        lines += [text for text in oddities.texts(comparison) if not text.startswith("These numbers were simulated")]
    wrapped = [textwrap.fill(line, width, initial_indent="  ", subsequent_indent="    ") for line in lines]
    return "\n".join(wrapped)
