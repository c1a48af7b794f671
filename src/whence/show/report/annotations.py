"""For CI services: workflow commands (`::error title=…::…`) and the job summary in Markdown."""

from __future__ import annotations

from whence.evidence.comparison import Comparison
from whence.show.report import gates, names, oddities, reading, sentence
from whence.show.report.failures import failure_texts


def render(comparison: Comparison) -> str:
    """Returns one line a finding: broken gates and failures as errors, undecided gates and worse metrics as warnings.

    A comparison with nothing to warn of gives one notice with its answer.
    """
    comparison = reading.by_unit(comparison)
    found: list[str] = []
    for gate in comparison.gates:
        if gate.outcome != "held":
            level = "error" if gate.outcome == "broken" else "warning"
            found.append(_command(level, f"gate {gate.outcome}", gates.gate_text(comparison, gate)))
    found += [_command("error", "variant failed", text) for text in failure_texts(comparison)]
    for line in sentence.lines(comparison):
        if line.verdict in {"worse", "undetermined"}:
            found.append(_command("warning", names.WORDS[line.verdict], line.plain()))
    if comparison.interim:
        found.append(_command("warning", "interim", "The comparison was interrupted; nothing is judged yet."))
    if not found:
        found.append(_command("notice", "whence", sentence.lines(comparison)[0].plain()))
    return "".join(line + "\n" for line in found)


def summary(comparison: Comparison) -> str:
    """Returns the Markdown of a job summary: a heading that names the outcome, then what a comment would hold."""
    from whence.show.report import markdown

    outcome = gates.worst(comparison)
    head = f"Gates: {names.GATE_MARKS[outcome]} {outcome}" if outcome is not None else "Comparison"
    odd = len(oddities.texts(comparison))
    note = f" · {odd} odd" if odd else ""
    return f"## {head}{note}\n\n{markdown.render(comparison)}"


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_property(title)}::{_data(names.clean(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
