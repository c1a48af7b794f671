"""Who allocates in a round trip of 16 bytes over a real gRPC stream, and what a static flow-control window spares.

    python -m bench.sites_streams [GRPC…]      default v1.65.0 v1.66.0 v1.83.0

The workload streamtiny with a full allocs profile and the runtime's count of tiny objects, written after its timed
part. Prints shares of objects as the profile shows them and, beside, of all objects with the tiny ones.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from bench.sites_runs import Run, build_streams, run_streams
from whence.evidence.profile_sites import ProfileSites
from whence.measure.profiles.sites import program_of, sites

RELEASES = ("v1.65.0", "v1.66.0", "v1.83.0")
GO = "1.26.11"
SHOWN = {
    "list node": r"\(\*itemList\)\.enqueue$",
    "codec, marshal": r"encoding/proto\.(codec|\(\*codecV2\))\.Marshal$",
    "PING": r"\.parsePingFrame$",
    "WINDOW_UPDATE": r"\.parseWindowUpdateFrame$",
}
"""Rows of the printed table; the analysis itself knows no library."""


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        for grpc in words or RELEASES:
            path = build_streams(grpc, GO, Path(folder))
            dynamic = run_streams(path, Path(folder) / grpc)
            static = run_streams(path, Path(folder) / grpc, arguments=("-window=65535",))
            _print(grpc, path, dynamic, static)
    return 0


def _print(grpc: str, path: Path, dynamic: Run, static: Run) -> None:
    program = program_of(path, [dynamic.profile])
    result = sites([dynamic.profile], go_version=GO, runtime_totals=dynamic.totals, program=program)
    before, after = _allocs(dynamic), _allocs(static)
    change = f"{100 * (after / before - 1):+.1f} %"
    print(f"grpc {grpc}: {before:.2f} objects a round trip; static window {after:.2f} ({change})")
    for name, pattern in SHOWN.items():
        print(f"  {name:15} {_row(result, pattern)}")


def _row(result: ProfileSites, pattern: str) -> str:
    found = [row for row in result.through if re.search(pattern, row.function)]
    if not found:
        return "profile  0.0 %"
    row, part = found[0], found[0].objects_share
    corrected = f"{100 * part.value:4.1f} % [{100 * part.low:.1f}, {100 * part.high:.1f}]"
    return f"profile {100 * row.profile_share:4.1f} %   of all objects {corrected}"


def _allocs(one: Run) -> float:
    match = re.search(r"([\d.]+) allocs/rt", one.output)
    assert match is not None
    return float(match[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
