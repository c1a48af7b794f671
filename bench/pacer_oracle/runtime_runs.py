"""The runtime package's own tests of one release, built with an injected test file and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from bench.pacer_oracle.injected import go_files
from bench.pacer_oracle.script import Answer
from whence.explain.simulator.pacer.state import UNLIMITED
from whence.golang.toolchains import ensure

_CYCLE = re.compile(r"GC (\d+) ([\d.]+)% (\d+)->(\d+)->(\d+) \(goal: (\d+)\)")
_SCENARIO = re.compile(r"^\s*(?:=== (?:RUN|CONT|NAME)|--- PASS:) +TestGcPacer/(\w+)")


def build(release: str, folder: Path) -> tuple[Path, str]:
    """Returns the test binary of the release's runtime with the injected test, and the release's full name."""
    toolchain = ensure(release)
    goroot = toolchain.goroot
    replaced = {}
    for name, text in go_files(toolchain.parsed.minor).items():
        (folder / name).write_text(text)
        replaced[str(goroot / "src/runtime" / name)] = str(folder / name)
    overlay = folder / "overlay.json"
    overlay.write_text(json.dumps({"Replace": replaced}))
    binary = folder / f"runtime-{toolchain.version}.test"
    # Toolchains that the go command fetched lie in its module cache, where 1.27 refuses overlays: show it another one.
    settings = {"GOTOOLCHAIN": "local", "GOROOT": str(goroot), "GOFLAGS": "", "GOMODCACHE": str(folder / "modules")}
    environment = {**os.environ, **settings}
    words = [str(goroot / "bin/go"), "test", "-c", "-overlay", str(overlay), "-vet=off", "-o", str(binary), "runtime"]
    subprocess.run(words, cwd=goroot / "src", env=environment, check=True)
    return binary, toolchain.version


def _run(binary: Path, pattern: str, **environment: str) -> str:
    words = [str(binary), "-test.run", pattern, "-test.v"]
    done = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True)
    return done.stdout + done.stderr


def scenarios(binary: Path) -> dict[str, list[list[float]]]:
    """Returns the cycles that TestGcPacer prints, by scenario: rows in the columns of `oracle.pacer/1`."""
    found: dict[str, list[list[float]]] = {}
    current = ""
    for line in _run(binary, "^TestGcPacer$").splitlines():
        heading = _SCENARIO.match(line)
        if heading:
            current = heading[1]
        cycle = _CYCLE.search(line)
        if cycle:
            numbers = [int(cycle[1]), float(cycle[2]), *(int(cycle[n]) for n in range(3, 7))]
            found.setdefault(current, []).append(numbers)
    return found


def drive(binary: Path, script: Path) -> list[Answer]:
    """Returns what the release's pacer answers to each line of a script."""
    text = _run(binary, "^TestWhenceDrive$", WHENCE_SCRIPT=str(script))
    answers = [line.split()[1:] for line in text.splitlines() if line.startswith("drive ")]
    # Goal, trigger and runway beyond the largest int64 are all one to the simulator: none of them is ever reached.
    return [(*(min(int(n), UNLIMITED) for n in answer[:3]), *map(int, answer[3:])) for answer in answers]


def pace(binary: Path, cycles: int) -> tuple[int, int]:
    """Returns the CPU-ns that the real pacer takes for as many cycles of a steady program, and its goal at the end."""
    for line in _run(binary, "^TestWhencePace$", WHENCE_PACE=str(cycles)).splitlines():
        if line.startswith("pace "):
            _, ns, goal = line.split()
            return int(ns), int(goal)
    raise RuntimeError("the injected test printed no pace")
