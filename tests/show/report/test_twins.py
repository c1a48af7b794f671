"""The twins for machines and comments: JSON, CSV, JUnit, annotations, Markdown."""

from __future__ import annotations

import csv as reader
import io
import json
import math
import re
import xml.etree.ElementTree as ET

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whence.evidence.comparison import Comparison, Effect, GateResult, HostReport, VariantResult
from whence.show.report import annotations, as_json, csv, junit, markdown, terminal

from . import factories as make

NUMBER = st.none() | st.floats(allow_nan=True, allow_infinity=True)
TEXT = st.text(max_size=12)
EFFECTS = st.builds(
    Effect, metric=TEXT, unit=st.sampled_from(["B", "s", "x"]) | TEXT, base=st.just("a"),
    candidate=st.sampled_from(["b", "c"]), base_value=NUMBER, candidate_value=NUMBER, ratio=NUMBER, low=NUMBER,
    high=NUMBER, verdict=st.sampled_from(["worse", "better", "equivalent", "undetermined"]), differs=st.booleans(),
    exact=st.booleans(), pairs=st.integers(0, 50), benchmark=st.none() | TEXT, detectable=NUMBER, p=NUMBER,
    p_adjusted=NUMBER, corrected_low=NUMBER, corrected_high=NUMBER, margin=st.sampled_from([0.0, 0.01, 0.05]),
    pairs_needed=st.none() | st.integers(0, 99), level=st.none() | st.floats(0, 1),
    warnings=st.tuples() | st.tuples(TEXT),
)  # fmt: skip
GATES = st.builds(
    GateResult, rule=TEXT, metric=TEXT, candidate=TEXT, bound=NUMBER, limit=st.just(1.05),
    outcome=st.sampled_from(["held", "broken", "undecided"]), kind=st.sampled_from(["ratio", "value"]), reason=TEXT,
)  # fmt: skip
VARIANTS = st.builds(
    VariantResult, name=st.sampled_from(["a", "b", "c"]) | TEXT, spec=TEXT, go=st.none() | TEXT,
    binary_sha256=st.none(), first_failure=st.none() | TEXT,
    outcomes=st.dictionaries(st.sampled_from(["ok", "exit", "oom"]), st.integers(0, 9)),
)  # fmt: skip
COMPARISONS = st.builds(
    Comparison, subject=TEXT, seed=st.integers(0, 9), variants=st.lists(VARIANTS, max_size=3).map(tuple),
    host=st.just(HostReport(cpus=2, calibration={"spread": math.nan, "median_s": math.inf})),
    effects=st.lists(EFFECTS, max_size=5).map(tuple), listed=st.lists(EFFECTS, max_size=2).map(tuple),
    gates=st.lists(GATES, max_size=2).map(tuple), notes=st.tuples() | st.tuples(TEXT), interim=st.booleans(),
    aa_variant=st.none() | st.just("b"), command=TEXT,
)  # fmt: skip
ANY_COMPARISON = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def no_constant(name: str) -> float:
    raise AssertionError(f"{name} in JSON")


@ANY_COMPARISON
@given(COMPARISONS)
def test_json_of_any_comparison_parses_and_is_finite(comparison: Comparison) -> None:
    document = json.loads(as_json.render(comparison), parse_constant=no_constant)
    assert document["schema"] == "whence.comparison/1"
    assert len(document["effects"]) == len(comparison.effects)


@ANY_COMPARISON
@given(COMPARISONS)
def test_no_comparison_breaks_a_twin(comparison: Comparison) -> None:
    ET.fromstring(junit.render(comparison))
    assert all(line.startswith("::") for line in annotations.render(comparison).splitlines() if line)
    assert len(list(reader.reader(io.StringIO(csv.render(comparison), newline="")))) == (
        1 + len(comparison.effects) + len(comparison.listed)
    )
    for text in (markdown.render(comparison), terminal.render(comparison), annotations.summary(comparison)):
        text.encode("utf-8")


def test_json_holds_what_the_contract_names_and_comes_back_as_the_noun() -> None:
    text = as_json.render(make.demo(gates=(make.gate(),)))
    document = json.loads(text)
    assert list(document)[:4] == ["schema", "subject", "seed", "variants"]
    named = {"metric", "unit", "base", "candidate", "base_value", "candidate_value", "ratio", "low", "high", "verdict",
             "differs", "exact", "pairs", "benchmark", "detectable", "p", "p_adjusted"}  # fmt: skip
    assert named <= set(document["effects"][0])
    assert set(document["gates"][0]) >= {"rule", "metric", "candidate", "bound", "outcome"}
    assert msgspec.json.decode(text, type=Comparison) == make.demo(gates=(make.gate(),))


def test_arguments_that_are_no_utf8_can_still_be_written() -> None:
    as_json.render(make.comparison(subject="caf\udce9")).encode("utf-8")


def test_the_csv_of_runs_has_every_number_and_tells_what_was_used() -> None:
    comparison = make.demo()
    lines = make.journal(comparison)
    rows = list(reader.DictReader(io.StringIO(csv.render_runs(lines))))
    rss = [row for row in rows if row["metric"] == "rss"]
    assert len(rss) == 60
    assert sum(row["used"] == "true" for row in rss) == comparison.counted_runs
    assert {row["kind"] for row in rss if row["used"] == "false"} == {"warmup", "counted"}


def test_junit_never_passes_an_undecided_gate_in_silence() -> None:
    gates = (make.gate("held"), make.gate("broken"), make.gate("undecided", bound=None, reason="6 pairs are too few"))
    suite = ET.fromstring(junit.render(make.comparison(gates=gates)))
    cases = suite.findall(".//testcase[@classname='whence.gate']")
    assert [[child.tag for child in case] for case in cases] == [[], ["failure"], ["error"]]
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "1", "0")


def test_junit_reports_a_variant_that_failed() -> None:
    failed = make.variant("new", outcomes={"ok": 7, "exit": 0, "oom": 3}, first_failure="killed")
    suite = ET.fromstring(junit.render(make.comparison(variants=(make.variant("base"), failed))))
    error = suite.find(".//testcase[@name='new runs']/error")
    assert error is not None and "new was killed for its memory in 3 of 10 runs" in (error.text or "")


def test_annotations_are_one_line_each_with_the_level_that_the_exit_code_has() -> None:
    gates = (make.gate("broken"), make.gate("undecided", reason="two\nlines, 100 %"))
    lines = annotations.render(make.comparison(gates=gates)).splitlines()
    assert lines[0].startswith("::error title=gate broken::rss<=+5%25 on new: broken")
    assert lines[1].startswith("::warning title=gate undecided::")
    assert "100 %25" in lines[1]
    quiet = make.effect(verdict="equivalent", ratio=1.0, low=0.999, high=1.001)
    assert annotations.render(make.comparison(quiet)).startswith("::notice title=whence::No effect on resident memory")


def test_markdown_names_cannot_become_markup() -> None:
    evil = make.effect(candidate="a|b`<img src=x>*@team")
    text = markdown.render(make.comparison(evil, subject="``x``"))
    assert r"a\|b\`\<img src=x\>\*@" + "\u200bteam" in text
    assert "``` ``x`` ```" in text


def test_a_markdown_table_has_as_many_cells_in_each_row() -> None:
    rows = [line for line in markdown.render(make.demo()).splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
