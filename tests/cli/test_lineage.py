"""`whence lineage` from the command line: what it refuses, and that only JSON is printed with `--json -`."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from whence.cli import lineage as verb
from whence.evidence.errors import BadInput
from whence.explain.lineage import measuring
from whence.explain.lineage.asking import LineageRequest

APP = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
APP.command()(verb.command)


def run(*words: str) -> object:
    return CliRunner().invoke(APP, list(words), catch_exceptions=False)


@pytest.mark.parametrize("releases", ["", "1.1", "soon", "1.99"])
def test_releases_that_do_not_exist_are_refused_before_anything_is_made(tmp_path: Path, releases: str) -> None:
    with pytest.raises(BadInput):
        run("--releases", releases, "--out", str(tmp_path / "x"), "--quiet")
    assert not (tmp_path / "x").exists()


def test_a_report_that_could_not_be_written_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        run("--html", "/proc/none/report.html", "--out", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_the_same_command_finds_its_folder_again() -> None:
    assert measuring.default_directory(LineageRequest()) == Path("whence-runs/lineage")
    assert measuring.default_directory(LineageRequest(quick=True)) == Path("whence-runs/lineage-quick")
    named = LineageRequest(releases=("1.2", "1.24.3"))
    assert measuring.default_directory(named) == Path("whence-runs/lineage-1.2-1.24.3")
