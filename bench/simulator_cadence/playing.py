"""Builds the player with a release and plays a program under settings."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import msgspec

from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.workload import Workload

HERE = Path(__file__).parent / "player"
RELEASES = ("1.19.13", "1.21.13", "1.22.12", "1.23.12", "1.24.13", "1.25.5", "1.26.11", "1.27.4")


def player(go: str, folder: Path) -> Path:
    """Returns the player built with a release, built now where it is not there yet."""
    path = folder / f"player-{go}"
    if not path.exists():
        environment = os.environ | {"GOTOOLCHAIN": f"go{go}", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
        command = ["/usr/local/go/bin/go", "build", "-o", str(path), "."]
        subprocess.run(command, cwd=HERE, env=environment, check=True)
    return path


def play(program: Workload, config: Config, seed: int, folder: Path) -> dict[str, float]:
    """Returns what one real run came to, by the simulator's names."""
    environment = {
        "GOGC": str(config.gogc) if config.gogc >= 0 else "off",
        "GOMAXPROCS": str(config.processors),
        "PATH": os.environ["PATH"],
    }
    if config.memory_limit is not None:
        environment["GOMEMLIMIT"] = str(config.memory_limit)
    told = msgspec.structs.asdict(program)
    told["kinds"] = [msgspec.structs.asdict(kind) for kind in program.kinds]
    told |= {"seed": seed, "recording": None}
    told["live_over_time"] = []
    command = [str(player(config.go, folder))]
    if config.cpus is not None and config.cpus < config.processors:
        command = ["taskset", "-c", "0", *command]
    done = subprocess.run(
        command, input=json.dumps(told) + "\n", env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)
