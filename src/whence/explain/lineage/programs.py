"""The one program built with every release, and what the lab starts of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from whence.evidence.variant import parse_variant
from whence.explain.lineage.metrics import PARTS, Part
from whence.golang.build import Builder, Built, Source
from whence.golang.toolchains import Toolchain
from whence.measure.lab.launch import Arm, Launch

SOURCE = Path(__file__).parent.resolve() / "program"
PROCESSORS = {"cost": 1, "load": 2, "drop": 2}
"""GOMAXPROCS from the first moment; `cost` raises it for its last part."""
TIMEOUT_S = 120.0


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """One release with the executable that it made."""

    toolchain: Toolchain
    built: Built

    @property
    def version(self) -> str:
        return self.toolchain.version

    def launch(self, what: str, arguments: tuple[str, ...] = ()) -> Launch:
        """Returns how a part of it is started: GOGC and GODEBUG of the user play no part."""
        trace = "gctrace=1" if what == "load" else ""  # a line a collection
        environment = {"GOMAXPROCS": str(PROCESSORS[what]), "GOGC": "100", "GODEBUG": trace, "GOMEMLIMIT": "off"}
        return Launch(
            argv=(str(self.built.path), f"-do={what}", *arguments),
            environment=environment,
            binary_sha256=self.built.sha256,
            exit_stop=what == "drop",
        )


def source_digest() -> str:
    """Returns the SHA-256 of the program's source: what it measures, in one word."""
    return hashlib.sha256((SOURCE / "main.go").read_bytes()).hexdigest()


def build(toolchain: Toolchain, builder: Builder) -> Program:
    """Returns the program of one release, from the cache when it was built before. Raises BuildError."""
    variant = parse_variant(f"go{toolchain.version}:go={toolchain.version}")
    source = Source(kind="main", directory=SOURCE, legacy_ok=True)
    return Program(toolchain=toolchain, built=builder.build(variant, source, toolchain))


def arms(programs: tuple[Program, ...], arguments: dict[Part, tuple[str, ...]]) -> tuple[Arm, ...]:
    """Returns what runs in every block: each part of each release, as variants called `1.18.10 load`."""
    return tuple(
        Arm(variant=arm_name(program.version, part), launches=(program.launch(part, arguments.get(part, ())),))
        for program in programs
        for part in PARTS
    )


def arm_name(version: str, part: Part) -> str:
    return f"{version} {part}"
