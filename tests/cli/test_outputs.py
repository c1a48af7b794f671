"""The twins of a result, and the exit code that its gates mean."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from whence.cli.output import Outputs, coloured, exit_code, terminal_width
from whence.evidence.comparison import Comparison, GateOutcome, GateResult, HostReport
from whence.evidence.errors import BadInput

from .conftest import Whence

Script = Callable[[str, str], Path]
PAIR = ("compare", "a:", "b:MORE=1", "--subject", "exec:", "--metric", "frobs", "--pairs", "2", "--quiet")


def comparison(*outcomes: GateOutcome) -> Comparison:
    gates = tuple(
        GateResult(rule="rss<=+5%", metric="rss", candidate="b", bound=1.0, outcome=outcome, limit=1.05)
        for outcome in outcomes
    )
    host = HostReport(cpus=1, calibration={})
    return Comparison(subject="x", seed=1, variants=(), host=host, effects=(), gates=gates)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 0),
        (("held",), 0),
        (("held", "undecided"), 3),
        (("broken",), 1),
        (("undecided", "broken", "held"), 1),
    ],
)
def test_broken_beats_undecided_and_undecided_is_no_pass(outcomes: tuple[GateOutcome, ...], code: int) -> None:
    assert exit_code(comparison(*outcomes)) == code


def test_checking_a_file_leaves_nothing_and_changes_nothing(folder: Path) -> None:
    (folder / "old.json").write_text("mine")
    Outputs(json="old.json", html=Path("new/deep/r.html"), csv=Path("e.csv")).check()
    assert sorted(p.name for p in folder.iterdir()) == ["old.json"]
    assert (folder / "old.json").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="SKIPPED: root may write everywhere")
def test_a_folder_without_permission_is_refused(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o555)
    with pytest.raises(BadInput, match="Permission denied"):
        Outputs(json="closed/x.json").check()


def test_colour_is_for_terminals_and_not_against_the_users_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert coloured(Terminal()) and not coloured(object())
    monkeypatch.setenv("NO_COLOR", "")
    assert not coloured(Terminal())


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("20", 60), ("100", 100), ("900", 160)])
def test_the_text_is_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_width() == width


@pytest.fixture
def measured(here: Whence, folder: Path, script: Script) -> Path:
    """A stored comparison in which an exact metric rose from 7 to 8."""
    script("prog", "echo Unit frobs assume=exact; echo BenchmarkHold 1 5 ns/op $((7 + ${MORE:-0})) frobs")
    assert here(*PAIR, "--gate", "frobs<=+5%", "--out", "run", "--json", "first.json", "--", "./prog").code == 1
    return folder


@pytest.mark.real
def test_a_result_is_redrawn_in_every_form_without_measuring(here: Whence, measured: Path) -> None:
    kept = {p.name: p.stat().st_mtime_ns for p in (measured / "run").iterdir() if p.name != "report.html"}
    (measured / "prog").unlink()
    forms = ("--json", "r.json", "--html", "r.html", "--markdown", "r.md", "--csv", "r.csv", "--junit", "r.xml")
    answer = here("report", "run", *forms, "--annotations")
    assert answer.code == 1, "a gate that was broken is still broken"
    assert {p.name: p.stat().st_mtime_ns for p in (measured / "run").iterdir() if p.name != "report.html"} == kept
    assert (measured / "r.json").read_bytes() == (measured / "first.json").read_bytes()
    assert (measured / "r.html").read_text().startswith("<!doctype html>")
    assert "frobs" in (measured / "r.md").read_text()
    rows = list(csv.DictReader((measured / "r.csv").read_text().splitlines()))
    assert [r["verdict"] for r in rows if r["metric"] == "frobs"] == ["worse"]
    suite = ElementTree.parse(measured / "r.xml").getroot()
    assert suite.get("failures") == "1"
    assert answer.err.startswith("::error title=gate broken::")
    assert answer.out.startswith("Frobs rose by 14.3 % from a to b") or "rose by 14.3" in answer.out.splitlines()[0]


@pytest.mark.real
def test_json_to_a_dash_is_all_that_is_printed(here: Whence, measured: Path) -> None:
    answer = here("report", "run", "--json", "-")
    assert (answer.code, answer.err) == (1, "")
    assert answer.out == (measured / "first.json").read_text()
    assert json.loads(answer.out)["schema"] == "whence.comparison/1"


@pytest.mark.real
def test_a_narrow_pipe_gets_plain_text_that_fits(whence: Whence, measured: Path) -> None:
    answer = whence("report", "run", env={"COLUMNS": "60", "TERM": "dumb"})
    assert "\x1b" not in answer.out
    folded = [line for line in answer.out.splitlines() if not line.startswith("Next")]  # a command is copied whole
    assert max(map(len, folded)) <= 60


@pytest.mark.real
def test_without_out_every_run_is_kept_beside_the_user(here: Whence, folder: Path, script: Script) -> None:
    script("prog", "echo BenchmarkHold 1 7 frobs")
    for _ in range(2):
        assert here(*PAIR, "--", "./prog").code == 0
    runs = sorted(path for path in (folder / "whence-runs").iterdir() if path.is_dir())
    assert len(runs) == 2
    assert (folder / "whence-runs" / ".gitignore").read_text() == "*\n"
    for run in runs:
        assert {p.name for p in run.iterdir()} == {
            "plan.json", "journal.jsonl", "runs.parquet", "comparison.json", "report.html", "lock",
        }  # fmt: skip
