"""How much of the runtime's self time has a role, for every pair of Go releases.

    python -m bench.roles             the table of what is recorded, and of the compiler's own profiles
    python -m bench.roles --record    records six programs under eight releases first (about four minutes)

The programs are heavy in one part of the runtime each (bench/roles_program). No rule was written for `default.pgo`, the
CPU profile of the compiler that every toolchain ships: it shows what the rules do to a program that they have not seen.
Recorded: bench/recorded/roles.jsonl, one line a release and program with the share of each role.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np

from whence.golang import toolchains
from whence.measure.profiles.diff.roles import UNMAPPED, role_names, sample_roles
from whence.measure.profiles.readers import read

RECORD = Path(__file__).parent / "recorded" / "roles.jsonl"
PROGRAM = Path(__file__).parent / "roles_program" / "main.go"
FOLDER = Path("whence-runs/roles")
RELEASES = ("1.19.13", "1.21.13", "1.22.12", "1.23.12", "1.24.13", "1.25.5", "1.26.11", "1.27.4")
MODES = ("alloc", "maps", "channels", "collector", "defers", "network")
SECONDS = 4
LEAST = 0.95


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.roles", description=__doc__)
    parser.add_argument("--record", action="store_true")
    if parser.parse_args().record:
        RECORD.write_text("".join(json.dumps(row) + "\n" for row in recorded()))
    rows = [json.loads(line) for line in RECORD.read_text().splitlines()]
    print(table(rows))
    unseen = [row_of(release, "default.pgo", compiler_profile(release)) for release in RELEASES if release >= "1.21"]
    mapped = [1 - row["roles"].get(UNMAPPED, 0) / row["events"] for row in unseen]
    print(f"compiler's own profiles of {len(unseen)} releases: {min(mapped):.2%} to {max(mapped):.2%} mapped")
    return 0


def compiler_profile(release: str) -> Path:
    return toolchains.ensure(release).goroot / "src/cmd/compile/default.pgo"


def recorded() -> list[dict]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows: list[dict] = []
    for release in RELEASES:
        binary = (FOLDER / f"program-{release}").absolute()
        toolchain = toolchains.ensure(release)
        environment = {**os.environ, "GO111MODULE": "off", "GOROOT": str(toolchain.goroot), "GOTOOLCHAIN": "local"}
        subprocess.run([str(toolchain.go), "build", "-o", str(binary), str(PROGRAM)], check=True, env=environment)
        for mode in MODES:
            path = FOLDER / f"{release}-{mode}.pb.gz"
            subprocess.run(
                [str(binary), mode, str(SECONDS), str(path)], check=True, env={**os.environ, "GOMAXPROCS": "2"}
            )
            rows.append(row_of(release, mode, path))
            print(f"{release} {mode}", file=sys.stderr, flush=True)
    return rows


def row_of(release: str, program: str, path: Path) -> dict:
    """Returns the samples of each role, of the runtime's own alone."""
    profile = read(str(path))
    role, samples = sample_roles(profile).role, profile.values[:, 0]
    own = role >= 0
    counts = np.bincount(role[own], samples[own], minlength=len(role_names()))
    roles = {name: int(count) for name, count in zip(role_names(), counts, strict=True) if count}
    return {"release": release, "program": program, "events": int(samples[own].sum()), "roles": roles}


def table(rows: list[dict]) -> str:
    """Returns the roles' shares by release, and for the worst pair of releases how much is mapped."""
    total = {release: sum(r["events"] for r in rows if r["release"] == release) for release in RELEASES}
    lines = [f"{'% of runtime self time':<24}" + "".join(f"{release:>9}" for release in RELEASES)]
    for role in role_names():
        counts = [sum(r["roles"].get(role, 0) for r in rows if r["release"] == release) for release in RELEASES]
        cells = [f"{100 * c / total[release]:9.2f}" for c, release in zip(counts, RELEASES, strict=True)]
        lines.append(f"{role:<24}" + "".join(cells))
    lines.append(f"{'samples':<24}" + "".join(f"{total[release]:9}" for release in RELEASES))
    mapped = {
        release: 1 - sum(r["roles"].get(UNMAPPED, 0) for r in rows if r["release"] == release) / total[release]
        for release in RELEASES
    }
    pairs = {pair: min(mapped[pair[0]], mapped[pair[1]]) for pair in combinations(RELEASES, 2)}
    worst = min(pairs, key=lambda pair: pairs[pair])
    verdict = "ok" if pairs[worst] >= LEAST else "FAILED"
    lines.append(
        f"worst of {len(pairs)} pairs: {worst[0]} with {worst[1]}, {pairs[worst]:.2%} mapped (>= 95 %)  {verdict}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
