"""`whence workload` shows the catalogue as it is, to people and to programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whence.cli.workload import app
from whence.evidence.errors import BadInput
from whence.measure.workloads import catalog


def output(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def test_list_names_every_workload_and_every_parameter_with_its_default() -> None:
    text = output("list")
    for workload in catalog.all():
        assert f"{workload.name}\n" in text
        for parameter in workload.parameters:
            assert f"    {parameter.name} " in text
            assert f" {parameter.default}" in text


def test_json_of_list_is_the_whole_catalogue_and_nothing_else() -> None:
    document = json.loads(output("list", "--json", "-"))
    assert document["schema"] == "whence.workloads/1"
    assert [workload["name"] for workload in document["workloads"]] == list(catalog.NAMES)


def test_show_gives_commands_that_run_the_examples() -> None:
    text = output("show", "heapshape")
    assert "--subject 'workload:heapshape?shape=slice&size=262144&fill=25&count=1024&small=11'" in text
    document = json.loads(output("show", "heapshape", "--json", "-"))
    assert [e["name"] for e in document["examples"]] == [e.name for e in catalog.get("heapshape").examples]


def test_json_goes_to_a_file_when_one_is_named(tmp_path: Path) -> None:
    assert output("show", "trees", "--json", str(tmp_path / "trees.json")) == ""
    assert json.loads((tmp_path / "trees.json").read_text())["name"] == "trees"


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--json", str(tmp_path / "missing" / "list.json")])
    assert isinstance(result.exception, BadInput)
    assert "cannot be written" in str(result.exception)


@pytest.mark.parametrize("name", ["", "heap", "heapshape/"])
def test_an_unknown_workload_is_one_line_with_the_names_there_are(name: str) -> None:
    result = CliRunner().invoke(app, ["show", name])
    assert isinstance(result.exception, BadInput)
    assert "Known: heapshape" in str(result.exception)
