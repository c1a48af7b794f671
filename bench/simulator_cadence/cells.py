"""The cells of the comparison: programs × releases × GOGC × memory limit × GOMAXPROCS."""

from __future__ import annotations

from bench.simulator_cadence.playing import RELEASES
from bench.simulator_cadence.programs import BY_NAME, as_played
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.growth import ALIVE, growth_of
from whence.explain.simulator.versions.table import model

GOGC = (50, 100, 200)
LIMIT_FACTOR = 1.3
RUNTIME_BYTES = 6 << 20
"""Memory of the runtime beside the heap that GOMEMLIMIT counts, taken as part of what is alive."""
LIMITED = ("mixed-paced", "large-paced", "cache-paced")


def live_bytes(name: str) -> int:
    """Returns the bytes of slots that a program keeps alive in 1.24."""
    program = as_played(BY_NAME[name], "1.24")
    return int(growth_of(program, model("1.24"), program.duration_seconds).curves[ALIVE, -1])


def cells(releases: tuple[str, ...] = RELEASES, processors: tuple[int, ...] = (1,)) -> list[tuple[str, Config]]:
    """Returns (program, settings) of every cell; memory limits only where the program is larger than the runtime."""
    result = []
    for count in processors:
        for gogc in GOGC:
            for name in BY_NAME:
                limits: list[int | None] = [None]
                if name in LIMITED:
                    limits.append(int(LIMIT_FACTOR * (live_bytes(name) + RUNTIME_BYTES)))
                for limit in limits:
                    result += [
                        (name, Config(go=go, gogc=gogc, memory_limit=limit, processors=count)) for go in releases
                    ]
    return result
