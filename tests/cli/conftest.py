"""The command line as people use it: in this process where that is enough, else as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

WHENCE = Path(sys.executable).parent / "whence"


class Answer(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line in which bad input is refused; fails when it is anything else."""
        assert self.code == 2, self
        assert self.out == "", self
        lines = self.err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("whence: "), self.err
        return lines[0].removeprefix("whence: ")


Whence = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def here(folder: Path, capfd: pytest.CaptureFixture[str]) -> Whence:
    """Runs a command in this process."""
    from whence.cli.main import main

    def run(*words: object) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        captured = capfd.readouterr()
        code = ended.value.code
        return Answer(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run


@pytest.fixture
def whence(folder: Path) -> Whence:
    """Runs a command as a process of its own, with `env` added to the environment."""

    def run(*words: object, env: dict[str, str] | None = None, timeout: float = 120) -> Answer:
        done = subprocess.run(
            [WHENCE, *map(str, words)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **(env or {})},
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def script(folder: Path) -> Callable[[str, str], Path]:
    """Writes an executable shell script and returns its path."""

    def write(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return write
