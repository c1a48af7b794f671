"""A lineage of two releases in a few seconds: `python -m tests.explain.lineage.small_session DIRECTORY BLOCKS`."""

from __future__ import annotations

import sys
from pathlib import Path

from whence.evidence.lineage import Lineage
from whence.explain.lineage.asking import LineageRequest
from whence.explain.lineage.measuring import measure_lineage

RELEASES = ("1.5", "1.27")


def measure(directory: Path, blocks: int) -> Lineage:
    """Returns the answer on small heaps, with 20 MB dropped and a wait of 3 s."""
    request = LineageRequest(releases=RELEASES, blocks=blocks, quick=True)
    lineage, _ = measure_lineage(
        request,
        out=directory,
        arguments={
            "cost": ("-live=1", "-small=200000", "-large=100000"),
            "load": ("-live=1", "-requests=2000", "-off=200"),
        },
        dropped_mb=20,
        wait_s=3.0,
    )
    return lineage


if __name__ == "__main__":
    measure(Path(sys.argv[1]), int(sys.argv[2]))
