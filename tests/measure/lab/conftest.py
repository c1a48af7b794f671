"""Small programs with known habits, compiled once, for tests of the laboratory with real processes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.run import Sample
from whence.measure.lab.launch import ProcessRecord

PROGRAMS = Path(__file__).parent / "programs"

Program = Callable[[str], str]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Returns the path of a program by the name of its C source in `programs/`."""
    directory = tmp_path_factory.mktemp("programs")

    def compiled(name: str) -> str:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            pytest.skip("SKIPPED: no C compiler on PATH, the test program cannot be built")
        path = directory / name
        if not path.exists():
            subprocess.run([compiler, "-O0", "-pthread", "-o", path, PROGRAMS / f"{name}.c"], check=True)
        return str(path)

    return compiled


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Returns the path of a program by the name of its Go source in `programs/`."""
    directory = tmp_path_factory.mktemp("go-programs")

    def built(name: str) -> str:
        go = shutil.which("go")
        if go is None:
            pytest.skip("SKIPPED: no go on PATH, the test program cannot be built")
        path = directory / name
        if not path.exists():
            environment = {**os.environ, "GO111MODULE": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
            subprocess.run([go, "build", "-o", path, PROGRAMS / f"{name}.go"], check=True, env=environment)
        return str(path)

    return built


def value(record: ProcessRecord, metric: str) -> float | None:
    found: list[Sample] = [s for s in record.samples if s.metric == metric]
    assert len(found) <= 1, found
    return found[0].value if found else None


@pytest.fixture
def read() -> Callable[[ProcessRecord, str], float | None]:
    """Returns the function that looks up the one sample of a metric in a record."""
    return value
