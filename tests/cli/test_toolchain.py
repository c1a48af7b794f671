"""`whence toolchain` answers offline, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whence.cli.toolchain import app
from whence.evidence.errors import BadInput
from whence.golang import releases, toolchains


@pytest.fixture(autouse=True)
def without_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("WHENCE_CACHE", str(tmp_path / "cache"))


def output(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_list_shows_every_line_and_where_the_go_on_path_is() -> None:
    text, here = output("list"), toolchains.present()
    for line in releases.by_line():
        assert f"\n{line} " in text
    assert all(str(t.goroot) in text for t in here)


def test_the_twin_of_list_holds_every_release() -> None:
    document = json.loads(output("list", "--json", "-"))
    assert document["schema"] == "whence.toolchains/1"
    assert tuple(v for line in document["lines"] for v in line["releases"]) == releases.known_releases()
    assert {"version", "origin", "goroot"} == set(document["present"][0])


def test_fetch_tells_what_is_there_and_refuses_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    version = toolchains.resolve("local")
    assert output("fetch", "local", version).count(f"go{version}  ") == 2
    with pytest.raises(BadInput, match=r"no toolchain for go1\.99"):
        output("fetch", "1.99")
    with pytest.raises(toolchains.MissingToolchain, match=r"run: whence toolchain fetch 1\.22\.3"):
        output("fetch", "1.22.3")


def test_toggles_of_a_release_that_is_not_here_come_from_the_table_and_say_so() -> None:
    text = output("toggles", "1.22.3", "--kind", "GOEXPERIMENT")
    assert "go1.22.3 has 19 switches, from the table of Whence, as it is not here." in text
    assert "allocheaders                 1.22    1.23     on\n" in text
    assert "Set with experiment=noallocheaders" in text
    assert "\nGODEBUG" not in text
    assert "dies at start" not in text


def test_the_twin_of_toggles_names_what_kills() -> None:
    document = json.loads(output("toggles", "1.27.2", "--json", "-"))
    assert document["answered_by"] == "table"
    assert document["fatal"]["asynctimerchan"] == ["1", "2"]
    by_name = {t["name"]: t for t in document["toggles"]}
    assert by_name["jsonv2"]["write"] == "experiment=nojsonv2"


def test_an_unknown_kind_of_switch_is_refused() -> None:
    with pytest.raises(BadInput, match="--kind nonsense"):
        output("toggles", "1.22.3", "--kind", "nonsense")
