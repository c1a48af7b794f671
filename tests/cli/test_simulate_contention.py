"""`whence simulate contention` from the command line: a sentence and a table, only JSON, one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def whence(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "whence"), "simulate", "contention", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done


def test_sentence_table_and_marks_of_extrapolation(tmp_path: Path) -> None:
    done = whence("--go", "1.14,1.27", "--objects", "64B:0.7,1KiB:0.3", "--procs", "1..64", cwd=tmp_path)
    assert done.stdout.startswith("Go 1.14: from ")
    assert "another adds less than half" in done.stdout and "extrapolated from 2 processors" in done.stdout
    marked = {line.split()[0] for line in done.stdout.splitlines() if line[:1] == " "}
    assert {"1", "2", "4*", "64*"} <= marked


def test_only_json_is_printed_and_is_the_same_twice(tmp_path: Path) -> None:
    words = ("--go", "1.27", "--procs", "1,4", "--json", "-")
    first, second = (whence(*words, cwd=tmp_path).stdout for _ in range(2))
    document = json.loads(first)
    assert document["schema"] == "whence.contention/1" and document["simulated"] is True
    assert [point["processors"] for point in document["variants"][0]["points"]] == [1, 4]
    assert first == second


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    for words in (("--go", "1.99"), ("--objects", "x:1"), ("--procs", "0"), ("--rate", "none")):
        done = whence(*words, cwd=tmp_path, code=2)
        assert done.stdout == "" and len(done.stderr.strip().splitlines()) == 1
