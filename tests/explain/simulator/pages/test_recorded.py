"""The simulated page allocator answers every operation of the recorded scripts as the real one did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.explain.simulator.pages.oracles import folder, minor_of, rows_of

from whence.evidence.errors import BadInput
from whence.explain.simulator.pages.recorded import compare, read_script

OWN = Path(__file__).parent / "played"
FILES = sorted({*folder().glob("pagealloc/*.json"), *OWN.glob("*.json")})


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_operation_is_answered_as_by_the_real_runtime(path: Path) -> None:
    script = read_script(path)
    for row in rows_of(path):
        # Scripts made through the tests' exported Free, which tells the scavenger of 1.18 to 1.20 nothing.
        silent = not script.frees_told and 18 <= minor_of(row) <= 20
        assert compare(script, row.scavenge_by, silent_frees=silent) == []


def test_a_changed_answer_is_found(tmp_path: Path) -> None:
    ops = [["A", "5", "0", "5"], ["F", "5", "0"], ["A", "2", "1", "0"]]
    path = tmp_path / "go1.27.json"
    path.write_text(json.dumps({"schema": "oracle.pagealloc/1", "ops": ops}))
    found = compare(read_script(path), rows_of(path)[0].scavenge_by)
    assert [(mismatch.operation, mismatch.simulated) for mismatch in found] == [(2, (0, 0))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not a page-allocator script"),
        ('{"schema": "other/1"}', "schema is 'other/1'"),
        ('{"schema": "oracle.pagealloc/1", "ops": [["A"]]}', "row 0 of ops"),
        ('{"schema": "oracle.pagealloc/1", "ops": [["F", "1", "x"]]}', "row 0 of ops"),
        ('{"schema": "oracle.pagealloc/1", "ops": [["F", "4", "99999999999"]]}', "row 0 of ops"),
        ('{"schema": "oracle.pagealloc/1", "ops": [["C", "99", "1", "0", "0"]]}', "row 0 of ops"),
        ('{"schema": "oracle.pagealloc/1", "chunks": "999999999", "ops": []}', "chunks"),
        ("[]", "not a page-allocator script"),
    ],
)
def test_damaged_scripts_are_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=words) as caught:
        read_script(path)
    assert "\n" not in str(caught.value)
