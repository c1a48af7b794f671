"""The described programs that the player plays and the simulator simulates."""

from __future__ import annotations

import msgspec

from whence.explain.simulator.engine.workload import MIB, ObjectKind, Workload
from whence.golang.versions import parse_version


def _kinds(rate: float, kept_mib: float, replaced_mib: float, sizes: tuple[int, ...]) -> tuple[ObjectKind, ...]:
    """Objects of several sizes that share a rate (bytes/s) and live bytes evenly; half of them hold pointers."""
    kinds: list[ObjectKind] = []
    each = len(sizes) * 2
    for size in sizes:
        for pointers in (True, False):
            kept, replaced = round(kept_mib * MIB / each / size), round(replaced_mib * MIB / each / size)
            if kept:
                kinds.append(ObjectKind(size_bytes=size, live=kept, pointers=pointers))
            kinds.append(ObjectKind(size_bytes=size, rate=rate / each / size, live=replaced, pointers=pointers))
    return tuple(kinds)


GLOBALS = {"1.19": 210_920, "1.20": 210_920, "1.21": 210_920, "1.22": 416_480, "1.23": 157_730, "1.24": 157_730}
GLOBALS |= {"1.25": 157_730, "1.26": 160_842, "1.27": 165_194}
"""/gc/scan/globals:bytes of the player by release (1.19 and 1.20 as 1.21; 1.23 and 1.25 as 1.24)."""
SMALL = (16, 32, 64, 96, 128, 256)
MIXED = (32, 64, 208, 512, 1024, 4096)
LARGE = (256, 2048, 16384, 65536)

PROGRAMS = (
    Workload(
        name="tiny-loop", kinds=_kinds(400e6, 1, 1, SMALL), duration_seconds=1.0, start_seconds=0.0, closed_loop=True
    ),
    Workload(
        name="small-loop", kinds=_kinds(400e6, 8, 8, SMALL), duration_seconds=1.5, start_seconds=0.0, closed_loop=True
    ),
    Workload(name="mixed-paced", kinds=_kinds(60e6, 12, 8, MIXED), duration_seconds=2.5),
    Workload(name="large-paced", kinds=_kinds(120e6, 16, 16, LARGE), duration_seconds=2.5),
    Workload(name="cache-paced", kinds=_kinds(60e6, 30, 20, (64, 512)), duration_seconds=2.5, start_seconds=0.2),
)


def as_played(program: Workload, go: str) -> Workload:
    """Returns the program with the tables in which the player keeps its objects."""
    tables = tuple(ObjectKind(size_bytes=8 * kind.live, live=1) for kind in program.kinds if kind.live)
    return msgspec.structs.replace(
        program, kinds=(*program.kinds, *tables), globals_bytes=GLOBALS[parse_version(go).line]
    )


BY_NAME = {program.name: program for program in PROGRAMS}
SHORT_POD = Workload(
    name="short-pod",
    kinds=(ObjectKind(size_bytes=64 << 10, live=64, pointers=False),),
    start_peak_bytes=64_000_000,
    start_seconds=0.1,
    duration_seconds=7.0,
)
