"""The folder of a sweep keeps what is computed through every kind of end, and mixes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from whence.evidence.errors import BadInput
from whence.evidence.sweep import SweepPoint, SweepRequest
from whence.store.sweep_directory import SweepDirectory

REQUEST = SweepRequest(subject="program", seed=1, simulator="aa", whence_version="0.1")


def point(name: str) -> SweepPoint:
    return SweepPoint(settings={"GOGC": name}, configuration=name, digest="00")


def test_points_are_there_for_the_next_command(tmp_path: Path) -> None:
    with SweepDirectory.open(tmp_path / "s", REQUEST) as directory:
        directory.points.append(point("50"))
        directory.points.append(point("100"))
    with SweepDirectory.open(tmp_path / "s", REQUEST) as directory:
        assert directory.stored() == {"50": point("50"), "100": point("100")}


def test_a_torn_last_line_costs_that_point_alone(tmp_path: Path) -> None:
    with SweepDirectory.open(tmp_path / "s", REQUEST) as directory:
        directory.points.append(point("50"))
        directory.points.append(point("100"))
    path = tmp_path / "s" / "points.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    with SweepDirectory.open(tmp_path / "s", REQUEST) as directory:
        assert directory.stored() == {"50": point("50")}
        directory.points.append(point("200"))
        assert set(directory.stored()) == {"50", "200"}


def test_damage_before_the_end_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with SweepDirectory.open(tmp_path / "s", REQUEST) as directory:
        directory.points.append(point("50"))
        directory.points.append(point("100"))
    path = tmp_path / "s" / "points.jsonl"
    path.write_bytes(b"x" + path.read_bytes()[1:])
    with (
        SweepDirectory.open(tmp_path / "s", REQUEST) as directory,
        pytest.raises(BadInput, match=r"points\.jsonl is damaged: line 1 of 2 cannot be read .*Choose another --out"),
    ):
        directory.stored()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 2}, "holds a sweep with seed 1, not 2"),
        ({"subject": "other"}, "holds a sweep of program, not other"),
        ({"simulator": "bb"}, "by a simulator with digest aa, not bb"),
    ],
)
def test_results_of_something_else_are_not_mixed_in(tmp_path: Path, change: dict[str, object], said: str) -> None:
    SweepDirectory.open(tmp_path / "s", REQUEST).close()
    with pytest.raises(BadInput, match=said):
        SweepDirectory.open(tmp_path / "s", msgspec.structs.replace(REQUEST, **change))


def test_another_folder_and_one_in_use_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match=r"not empty \(it holds notes\.txt\)"):
        SweepDirectory.open(tmp_path, REQUEST)
    with SweepDirectory.open(tmp_path / "s", REQUEST), pytest.raises(BadInput, match="another session"):
        SweepDirectory.open(tmp_path / "s", REQUEST)
