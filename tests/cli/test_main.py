"""The verbs together: help, exit codes, and that nothing but one line ever reaches the user of a mistake."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from whence.cli import main as module
from whence.cli.main import split_arguments
from whence.evidence.errors import BadInput, UnusableEnvironment

from .conftest import WHENCE, Whence

HEAVY = ("numpy", "scipy", "duckdb", "rich", "jinja2")


def test_help_names_every_verb_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from whence.cli.main import main\n"
        "try: main(['--help'])\n"
        f"finally: print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
    for verb in ("compare", "report", "doctor", "toolchain", "workload"):
        assert f"\n  {verb} " in done.stdout


@pytest.mark.parametrize("words", [["compare"], ["report"], ["toolchain"], ["workload"], ["doctor"]])
def test_every_verb_has_help_of_its_own(here: Whence, words: list[str]) -> None:
    answer = here(*words, "--help")
    assert answer.code == 0 and f"Usage: whence {words[0]}" in answer.out and answer.err == ""


def test_version_is_one_line(here: Whence) -> None:
    answer = here("--version")
    assert (answer.code, answer.out.split()[0], len(answer.out.splitlines())) == (0, "whence", 1)


@pytest.mark.parametrize(
    ("words", "behind"),
    [
        (["compare", "a:", "--", "-n", "3"], ("-n", "3")),
        (["compare", "--", "x", "--", "y"], ("x", "--", "y")),
        (["compare"], ()),
        (["compare", "--"], ()),
    ],
)
def test_what_stands_behind_the_first_dashes_is_the_programs(words: list[str], behind: tuple[str, ...]) -> None:
    assert split_arguments(words)[1] == behind


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reprot", "x"], "No such command 'reprot'. Did you mean 'report'. See: whence --help"),
        (["compare", "a:", "b:", "--subjct", "x"], "No such option: --subjct"),
        (["compare"], "Missing argument"),
        (["compare", "a:", "b:", "--subject", "exec:", "--pairs", "six"], "Invalid value for '--pairs'"),
        (["toolchain", "lst"], "No such command 'lst'"),
        (["report"], "Missing argument 'RUN_DIR'"),
    ],
)
def test_a_typo_is_one_line_with_the_help_to_call(here: Whence, words: list[str], said: str) -> None:
    refusal = here(*words).refusal
    assert refusal.startswith(said) and refusal.rpartition("See: ")[2].endswith("--help")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (BadInput("what, where, what to do."), 2, "whence: what, where, what to do.\n"),
        (UnusableEnvironment("no network."), 2, "whence: no network.\n"),
        (KeyboardInterrupt(), 130, "whence: interrupted; what was measured is kept.\n"),
        (ZeroDivisionError("x"), 2, "whence: unexpected ZeroDivisionError: x. Set WHENCE_TRACEBACK=1"),
    ],
)
def test_whatever_is_raised_ends_in_one_line(
    here: Whence, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    def fails(path: Path) -> None:
        raise error

    monkeypatch.setattr("whence.measure.stored.stored_result", fails)
    monkeypatch.delenv("WHENCE_TRACEBACK", raising=False)
    answer = here("report", "x")
    assert answer.code == code and answer.err.startswith(line) and len(answer.err.splitlines()) == 1


def test_an_unexpected_error_can_be_seen_whole_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("whence.measure.stored.stored_result", fails)
    monkeypatch.setenv("WHENCE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        module.main(["report", "x"])


def test_a_reader_that_stops_reading_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{WHENCE}' workload list --json - | head -c 1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{WHENCE}' workload list --json - > /dev/full"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == (
        "whence: an output cannot be written (No space left on device). Make room there; what was measured is kept.\n"
    )
