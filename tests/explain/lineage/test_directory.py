"""A directory belongs to one request and one program; strangers are refused before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.explain.lineage import directory
from whence.explain.lineage.asking import LineageRequest
from whence.explain.lineage.directory import LineageDirectory, is_lineage, load

REQUEST = LineageRequest(releases=("1.2", "1.5"), blocks=6)


def opened(path: Path, request: LineageRequest) -> directory.StoredRequest:
    folder = LineageDirectory(path)
    stored = folder.open(request)
    folder.close()
    return stored


def test_the_same_request_goes_on_with_its_seed_and_releases(tmp_path: Path) -> None:
    first = opened(tmp_path / "x", REQUEST)
    assert opened(tmp_path / "x", REQUEST) == first
    assert first.versions == ("1.2.2", "1.5.4")
    assert is_lineage(tmp_path / "x")


def test_more_blocks_extend_it(tmp_path: Path) -> None:
    opened(tmp_path / "x", REQUEST)
    more = LineageRequest(releases=("1.2", "1.5"), blocks=9)
    assert opened(tmp_path / "x", more).request.wanted_blocks == 9


def test_another_request_is_refused_with_the_command_that_goes_on(tmp_path: Path) -> None:
    opened(tmp_path / "x", REQUEST)
    with pytest.raises(BadInput, match=r"other quick.*whence lineage --releases 1\.2,1\.5 --blocks 6 --out"):
        opened(tmp_path / "x", LineageRequest(releases=("1.2", "1.5"), blocks=6, quick=True))


def test_another_program_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path / "x", REQUEST)
    monkeypatch.setattr(directory, "source_digest", lambda: "another")
    with pytest.raises(BadInput, match="another version of the measured program"):
        opened(tmp_path / "x", REQUEST)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match=r"notes\.txt"):
        opened(tmp_path, REQUEST)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_an_answer_that_is_not_there_yet_is_told(tmp_path: Path) -> None:
    opened(tmp_path / "x", REQUEST)
    with pytest.raises(BadInput, match="no answer"):
        load(tmp_path / "x")
