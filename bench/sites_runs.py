"""Builds and runs the programs of `bench.sites`: each writes a profile, a trace where asked, and what it counted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

from whence.evidence.variant import Variant, parse_variant
from whence.golang import toolchains
from whence.golang.build.builder import Builder
from whence.golang.build.nouns import Source
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.reading import read
from whence.measure.profiles.sites import RuntimeTotals

PROGRAMS = Path(__file__).parent / "sites_programs"
STREAMS = Path(__file__).parents[1] / "src/whence/measure/workloads/streamtiny"


class Truth(NamedTuple):
    """What one place counted; `requested_bytes` 0 where it was not."""

    type: str
    objects: int
    requested_bytes: int


class Run(NamedTuple):
    """One run's files and what it counted, by function."""

    profile: Profile
    trace: Path | None
    truth: dict[str, Truth]
    totals: RuntimeTotals
    go: str
    output: str


@cache
def builder() -> Builder:
    return Builder()


def build(program: str, go: str, *, race: bool = False) -> Path:
    """Returns the built program. `race`: with the race detector, under which no object is tiny."""
    toolchain = toolchains.ensure(toolchains.resolve(go))
    if race:
        out = builder().cache_root / f"bench-sites-{program}-race"
        subprocess.run(
            [toolchain.go, "build", "-race", "-o", out, f"./{program}"],
            cwd=PROGRAMS,
            check=True,
            env={**os.environ, "GOTOOLCHAIN": "local", "GOROOT": str(toolchain.goroot)},
        )
        return out
    source = Source(kind="main", directory=PROGRAMS / program)
    return builder().build(Variant(name=program, spec=""), source, toolchain).path


def run(path: Path, go: str, folder: Path, *, rate: int, trace: bool = False, arguments: tuple[str, ...] = ()) -> Run:
    """Runs a program once at a MemProfileRate, with the objects in its trace where `trace` says so."""
    folder.mkdir(parents=True, exist_ok=True)
    profile, events = folder / "allocs.pb.gz", folder / "events.trace"
    words = [path, "-memprofile", profile, *(["-trace", events] if trace else []), *arguments]
    debug = f"memprofilerate={rate}" + (",traceallocfree=1" if trace else "")
    text = subprocess.run(
        words, check=True, capture_output=True, text=True, env={**os.environ, "GODEBUG": debug}
    ).stdout
    told = json.loads(text)
    truth = {site["function"]: Truth(site["type"], site["objects"], site["requested_bytes"]) for site in told["sites"]}
    totals = RuntimeTotals(tiny_allocs=told["tiny_allocs"], mallocs=told["mallocs"])
    return Run(read(profile), events if trace else None, truth, totals, told["go"].removeprefix("go"), text)


def build_streams(grpc: str, go: str, folder: Path) -> Path:
    """Returns the workload streamtiny on a grpc release, with a profile written after its timed part."""
    copy = folder / f"streams-{grpc}"
    shutil.copytree(STREAMS, copy, dirs_exist_ok=True)
    shutil.copy(PROGRAMS / "streams.go.txt", copy / "profiles.go")
    main = (copy / "main.go").read_text()
    (copy / "main.go").write_text(main.replace("\treport(elapsed,", "\twriteProfiles()\n\treport(elapsed,"))
    source = Source(kind="main", directory=copy, without_cgo=True)
    variant = parse_variant(f"streams:mod.google.golang.org/grpc={grpc}")
    return builder().build(variant, source, toolchains.ensure(toolchains.resolve(go))).path


def run_streams(path: Path, folder: Path, *, trace: bool = False, arguments: tuple[str, ...] = ()) -> Run:
    """Runs the streams once at rate 1."""
    folder.mkdir(parents=True, exist_ok=True)
    profile, events = folder / "allocs.pb.gz", folder / "events.trace"
    asked = {"SITES_PROFILE": str(profile), **({"SITES_TRACE": str(events)} if trace else {})}
    debug = "memprofilerate=1" + (",traceallocfree=1" if trace else "")
    environment = {**os.environ, **asked, "GODEBUG": debug, "GOMAXPROCS": "1"}
    text = subprocess.run([path, *arguments], check=True, capture_output=True, text=True, env=environment).stdout
    tiny = re.search(r"tiny: (\d+)", text)
    totals = RuntimeTotals(tiny_allocs=int(tiny[1]) if tiny else None)
    return Run(read(profile), events if trace else None, {}, totals, "", text)
