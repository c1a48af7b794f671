"""The examples of docs/benchmark-files.md do what the page says."""

import doctest
import re
from pathlib import Path

import pytest

from whence.evidence.comparison import Comparison
from whence.evidence.gate import parse_gate
from whence.measure.benchfiles import compare_files

PAGE = (Path(__file__).parents[2] / "docs" / "benchmark-files.md").read_text()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    written = dict(re.findall(r"```text (\S+)\n(.*?)```", PAGE, re.DOTALL))
    assert list(written) == ["old.txt", "new.txt"]
    for name, text in written.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in written]


def table(comparison: Comparison) -> list[str]:
    rows: list[str] = []
    for e in comparison.effects:
        assert e.base_value is not None and e.candidate_value is not None
        interval = "exact" if e.exact else f"[{e.low:.3f}, {e.high:.3f}]"
        rows.append(
            f"| {e.metric} | {e.base_value:g} | {e.candidate_value:g} | {e.ratio:.3f} | {interval} | {e.verdict} |"
        )
    return rows


def test_the_comparison_says_what_the_table_on_the_page_says(files: list[Path]):
    shown = [line for line in PAGE.splitlines() if re.match(r"\| \w+:", line)]
    assert table(compare_files(files)) == shown


def test_the_gate_on_the_page_is_broken(files: list[Path]):
    result = compare_files(files, metrics=["Decode:ns/op"], gates=[parse_gate("Decode:ns/op<=+5%")])
    assert "ends with exit code 1" in PAGE
    assert [gate.outcome for gate in result.gates] == ["broken"]


def test_the_python_examples_print_what_the_page_says():
    examples = doctest.DocTestParser().get_doctest(PAGE, {}, "benchmark-files.md", None, None)
    assert len(examples.examples) > 8
    runner = doctest.DocTestRunner()
    runner.run(examples)
    assert runner.summarize().failed == 0
