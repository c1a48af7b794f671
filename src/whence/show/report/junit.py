"""JUnit XML for CI services: each gate and each variant is a test case; an undecided gate never passes in silence."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from whence.evidence.comparison import Comparison, GateResult, VariantResult
from whence.show.report import gates, names, reading, sentence
from whence.show.report.failures import failure_text

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(comparison: Comparison) -> str:
    """Returns the XML document. A broken gate is a `failure`; an undecided gate and a failed variant are an `error`."""
    comparison = reading.by_unit(comparison)
    cases = [_gate_case(comparison, gate) for gate in comparison.gates]
    cases += [_variant_case(comparison, variant) for variant in comparison.variants]
    failures = sum("<failure" in case for case in cases)
    errors = sum("<error" in case for case in cases)
    seconds = (comparison.finished_at or 0.0) - (comparison.started_at or 0.0)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0" time="{max(0.0, seconds):.3f}"'
    answer = escape(_xml(sentence.headline(comparison)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {counts}>\n"
        f"  <testsuite name={_attribute(f'whence: {comparison.subject}')} {counts}>\n"
        + "".join(cases)
        + f"    <system-out>{answer}</system-out>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def _gate_case(comparison: Comparison, gate: GateResult) -> str:
    name = f"{gate.rule} on {names.label(comparison, gate.candidate)}"
    text = gates.gate_text(comparison, gate)
    if gate.outcome == "held":
        return _case("whence.gate", name)
    kind = "failure" if gate.outcome == "broken" else "error"
    return _case("whence.gate", name, kind, gate.outcome, text)


def _variant_case(comparison: Comparison, variant: VariantResult) -> str:
    name = f"{names.label(comparison, variant.name)} runs"
    text = failure_text(comparison, variant)
    return _case("whence.variant", name) if text is None else _case("whence.variant", name, "error", "failed", text)


def _case(group: str, name: str, kind: str = "", type_name: str = "", text: str = "") -> str:
    head = f"    <testcase classname={_attribute(group)} name={_attribute(name)}"
    if not kind:
        return f"{head}/>\n"
    inner = f"<{kind} type={_attribute(type_name)} message={_attribute(text)}>{escape(_xml(text))}</{kind}>"
    return f"{head}>\n      {inner}\n    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))


def _xml(text: str) -> str:
    """Returns `text` without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
