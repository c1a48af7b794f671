"""Records the five workloads with a release of Go, one processor, every allocation and every swept slot told."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from whence.golang import toolchains

PROGRAM = Path(__file__).parent / "program"
ROUNDS = {"mixed": 600_000, "json": 10_000, "trees": 60_000, "strings": 40_000, "slices": 20_000}
RELEASES = ("1.23.12", "1.25.5", "1.27.4")


def build(folder: Path, release: str) -> Path:
    """Returns the program, built with a release."""
    source = folder / f"source-{release}"
    shutil.copytree(PROGRAM, source)
    program = folder / f"slots-{release}"
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    go = toolchains.ensure(release).go
    subprocess.run([str(go), "build", "-o", str(program), "."], cwd=source, env=environment, check=True)
    return program


def record(program: Path, workload: str, rounds: int, trace: Path) -> None:
    """Runs a workload with GOGC as it is by default and writes its trace."""
    # Stacks that shrink would grow again, which is not recorded while the tracer itself needs them to.
    settings = {"GOMAXPROCS": "1", "GODEBUG": "traceallocfree=1,gcshrinkstackoff=1"}
    environment = {name: value for name, value in os.environ.items() if name not in ("GOGC", "GOMEMLIMIT")}
    subprocess.run([str(program), str(trace), workload, str(rounds)], env=environment | settings, check=True)
