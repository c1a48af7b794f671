"""Pairs of CPU profiles of real programs, the same on both sides or with one function that grew.

The profiles stay in a folder that git ignores; what is judged of them is recorded as a few shares.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from whence.golang import toolchains

PROGRAM = Path(__file__).with_name("program") / "main.go"
FOLDER = Path("whence-runs/profile-diff")
GO = "1.24.13"
MODES = ("documents", "trees", "requests")
GROWTHS = (150, 200)
SECONDS, HERTZ = 4.0, 500
PLANTED = "main.planted"


class Pair(NamedTuple):
    """Two runs of one program; `growth` is the planted function's work on the candidate side in percent."""

    number: int
    mode: str
    growth: int
    base: Path
    candidate: Path


def pairs(kind: str, count: int, folder: Path = FOLDER) -> list[Pair]:
    """Returns the pairs of a kind, `same` or `planted`, recorded or not."""
    found: list[Pair] = []
    for number in range(count):
        growth = 100 if kind == "same" else GROWTHS[number // len(MODES) % len(GROWTHS)]
        names = [folder / f"{kind}-{number:02}-{side}.pb.gz" for side in ("base", "candidate")]
        found.append(Pair(number, MODES[number % len(MODES)], growth, *names))
    return found


def build(folder: Path = FOLDER) -> Path:
    """Returns the program, built once a folder."""
    binary = (folder / "program").absolute()
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        toolchain = toolchains.ensure(GO)
        environment = {**os.environ, "GO111MODULE": "off", "GOROOT": str(toolchain.goroot), "GOTOOLCHAIN": "local"}
        subprocess.run([str(toolchain.go), "build", "-o", str(binary), str(PROGRAM)], check=True, env=environment)
    return binary


def record(pair: Pair, binary: Path) -> None:
    """Runs what is missing of a pair, its sides in random order."""
    sides = [(pair.base, 100), (pair.candidate, pair.growth)]
    random.Random(f"{pair.base}").shuffle(sides)
    for path, knob in sides:
        if path.exists():
            continue
        part = path.with_suffix(".part")
        words = [str(binary), pair.mode, str(SECONDS), str(HERTZ), str(knob), str(part)]
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL, env={**os.environ, "GOMAXPROCS": "2"})
        part.rename(path)


def record_all(wanted: list[Pair]) -> None:
    """Records every pair that is not there yet; an interrupted recording goes on where it stopped."""
    binary = build()
    for index, pair in enumerate(wanted):
        if not (pair.base.exists() and pair.candidate.exists()):
            record(pair, binary)
            print(f"{index + 1}/{len(wanted)} {pair.mode} {pair.growth}", file=sys.stderr, flush=True)
