"""`whence simulate node` from the command line: twins, the same answer twice, one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHORT = ("--for", "2m", "--replicas", "2", "--pods", "10")


def whence(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "whence"), "simulate", "node", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done


def test_only_json_is_printed_and_the_twins_are_written(tmp_path: Path) -> None:
    words = (*SHORT, "--variant", "tuned:memory-limit=32MiB", "--json", "-", "--html", "a.html", "--markdown", "a.md")
    done = whence(*words, "--quiet", cwd=tmp_path)
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["schema"] == "whence.node-simulation/1"
    assert document["simulated"] is True
    assert [variant["name"] for variant in document["variants"]] == ["base", "tuned"]
    assert (tmp_path / "a.html").read_text().count("<svg") == 4
    assert (tmp_path / "a.md").read_text().startswith("**")
    assert json.loads(whence(*words, "--quiet", cwd=tmp_path).stdout) == document


def test_the_sentence_comes_first_on_the_terminal(tmp_path: Path) -> None:
    done = whence(*SHORT, cwd=tmp_path)
    assert done.stdout.startswith("Pods in 10 places hold ")
    assert "Report   whence-node.html" in done.stdout
    assert (tmp_path / "whence-node.html").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--lifetime", "5 parsecs"),
        ("--memory", "plenty"),
        ("--variant", "tuned:colour=red"),
        ("--variant", "base:gogc=50"),
        ("--pods", "0"),
        ("--replicas", "0"),
        ("--go", "1.99"),
        ("--request", "2GiB", "--limit", "1GiB"),
        ("--pods-file", "absent.csv"),
        ("--eviction-soft", "500MiB"),
        ("--html", "/proc/no/file.html"),
        ("--lifetime", "1ns", "--creating", "0s"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = whence(*SHORT, *words, cwd=tmp_path, code=2)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("simulating ")]
    assert len(lines) == 1 and lines[0].startswith("whence: "), done.stderr
    assert done.stdout == ""
