"""Markdown for pull requests and issues: the answer, the table, what was odd, the gates, how to repeat it."""

from __future__ import annotations

import re

from whence.evidence.comparison import Comparison
from whence.show.report import gates, names, numbers, oddities, reading, sentence, table

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def render(comparison: Comparison) -> str:
    """Returns Markdown that reads well as a comment; names are escaped, so that they cannot become markup."""
    comparison = reading.by_unit(comparison)
    parts = [_answer(comparison), _table(comparison), _gates(comparison), _odd(comparison), _how(comparison)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Returns `text` so that Markdown shows it letter by letter, and nobody is mentioned by an `@name` in it."""
    return _SPECIAL.sub(r"\\\1", " ".join(names.clean(text).split())).replace("@", "@\u200b")


def code(text: str) -> str:
    """Returns `text` as inline code, with a fence longer than any run of backticks in it."""
    plain = " ".join(names.clean(text).split())
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", plain)), default=0))
    space = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{space}{plain}{space}{fence}"


def _answer(comparison: Comparison) -> str:
    lines: list[str] = []
    for index, line in enumerate(sentence.lines(comparison)):
        mark = f"{names.MARKS[line.verdict]} " if line.verdict is not None else ""
        text = escape(line.text)
        text = f"**{mark}{text}**" if index == 0 else f"{mark}{text}"
        word = f" · {names.WORDS[line.verdict]}" if line.verdict is not None else ""
        lines.append(f"{text} {escape(line.interval)}".rstrip() + word)
    return "  \n".join(lines)


def _table(comparison: Comparison) -> str:
    found = table.sections(comparison)
    who = table.columns(comparison)
    if not found or not who:
        return ""
    base = names.label(comparison, reading.base_name(comparison))
    heads = ["metric", "unit", escape(base)]
    for name in who:
        heads += [escape(names.label(comparison, name)), "ratio", "verdict"]
    result = ["| " + " | ".join(heads) + " |", "|:--|:--|--:|" + "--:|:--|:--|" * len(who)]
    for section in found:
        if section.title and (len(found) > 1 or len(section.rows) > 1):
            result.append(f"| **{escape(section.title)}** |" + " |" * (len(heads) - 1))
        for row in section.rows:
            fields = [escape(row.name), escape(row.unit), row.base]
            for cell in row.cells:
                word = f"{cell.mark} {names.WORDS[cell.verdict]}" if cell.verdict is not None else ""
                fields += [cell.value, escape(f"{cell.ratio} {cell.interval}".strip()), word]
            result.append("| " + " | ".join(fields) + " |")
    unknown = [e for e in comparison.effects if e.verdict == "undetermined" and e.candidate in who]
    text = "\n".join(result)
    return f"{text}\n\n{escape(table.legend(comparison))}" if unknown else text


def _gates(comparison: Comparison) -> str:
    lines = [
        f"- {names.GATE_MARKS[gate.outcome]} {escape(gates.gate_text(comparison, gate))}" for gate in comparison.gates
    ]
    return "**Gates**\n\n" + "\n".join(lines) if lines else ""


def _odd(comparison: Comparison) -> str:
    lines = [f"- {escape(text)}" for text in oddities.texts(comparison)]
    return "**What was odd**\n\n" + "\n".join(lines) if lines else ""


def _how(comparison: Comparison) -> str:
    check = sentence.aa_line(comparison)
    lines = [escape(check)] if check is not None else []
    measured = [f"Measured on {code(comparison.subject)}"]
    if comparison.counted_runs:
        measured.append(f"{numbers.plural(comparison.counted_runs, 'counted run')}")
    measured.append(f"seed {comparison.seed}")
    lines.append(", ".join(measured) + ".")
    if comparison.command:
        lines.append(f"Repeat it: {code(comparison.command)}")
    return "\n\n".join(lines)
