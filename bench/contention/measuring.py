"""Runs the counting programs, releases and processors interleaved; every run is kept at once, so it can go on later."""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
from pathlib import Path

from bench.contention import counting_runtime

RUNS = Path(__file__).parent / "runs.jsonl"
RELEASES = ("1.10.8", "1.13.15", "1.14.15", "1.15.15", "1.21.13", "1.22.12", "1.24.13", "1.27.4")
OBJECTS = {
    "64:1": 1_500_000,
    "256:1": 500_000,
    "1024:1": 200_000,
    "4096:1": 60_000,
    "8192:1": 40_000,
    "64:0.7,1024:0.2,8192:0.1": 150_000,
}
"""What each processor allocates of each mix. The last one is held out of the calibration."""
HELD_OUT = "64:0.7,1024:0.2,8192:0.1"
LIVE_BYTES = 4_000_000


def processors() -> tuple[int, ...]:
    """Returns the processor counts to measure: 1, 2, 4 … up to what the host has."""
    most = len(os.sched_getaffinity(0))
    return tuple(count for count in (1, 2, 4, 8, 16, 32, 64) if count <= most)


def measure(folder: Path, rounds: int = 2) -> None:
    """Adds the runs that `RUNS` lacks. Raises UnusableEnvironment for a release that is not installed."""
    folder.mkdir(parents=True, exist_ok=True)
    programs = {release: counting_runtime.build(release, folder) for release in RELEASES}
    done = {(run["go"], run["processors"], run["mix"], run["round"]) for run in recorded()}
    for turn in range(rounds):
        cells = [(go, count, mix) for go in RELEASES for count in processors() for mix in OBJECTS]
        random.Random(turn).shuffle(cells)
        for go, count, mix in cells:
            if (go, count, mix, turn) not in done:
                _keep(_run(programs[go], go, count, mix) | {"round": turn})


def recorded(path: Path = RUNS) -> list[dict]:
    """Returns all runs so far; a line that was cut short is left out."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def _run(program: Path, go: str, count: int, mix: str) -> dict:
    words = [str(program), str(count), mix, str(OBJECTS[mix]), str(LIVE_BYTES)]
    text = subprocess.run(words, env={"GOGC": "100"}, capture_output=True, text=True, check=True, timeout=120).stdout
    return {"go": go, **json.loads(text), "host": _host()}


def _host() -> str:
    return f"{os.cpu_count()} CPUs, {platform.machine()}, Linux {platform.release()}"


def _keep(run: dict) -> None:
    with RUNS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")
