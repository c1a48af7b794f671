"""The examples in README and docs do what they show: blocks marked `console run` are executed.

A block holds commands behind `$ ` and what they print; `…` stands for anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```console run\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str, str]]:
    """Returns (page, command, what it prints) of every example."""
    found: list[tuple[str, str, str]] = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                found.append((str(page.relative_to(ROOT)), command, printed.strip("\n")))
    return found


def matches(shown: str, printed: str) -> bool:
    pattern = ".*?".join(re.escape(piece) for piece in shown.split("…"))
    return re.search(pattern, printed, re.DOTALL) is not None


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(("page", "command", "shown"), examples())
def test_an_example_prints_what_it_shows(page: str, command: str, shown: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs" / "examples", tmp_path, dirs_exist_ok=True)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "110"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    printed = done.stdout + done.stderr
    assert matches(shown, printed), f"{page}: {command}\nshows\n{shown}\nbut prints\n{printed}"
