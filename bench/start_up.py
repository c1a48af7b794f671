"""`whence --help` costs at most 0.3 CPU-seconds; the limit of a bare interpreter stands beside it.

python -m bench.start_up
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

WHENCE = str(Path(sys.executable).parent / "whence")


def cpu_seconds(words: list[str]) -> float:
    before = os.times()
    subprocess.run(words, capture_output=True, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    pairs = [(cpu_seconds([WHENCE, "--help"]), cpu_seconds([sys.executable, "-c", "pass"])) for _ in range(7)]
    ours, bare = min(p[0] for p in pairs), min(p[1] for p in pairs)
    print(f"whence --help {ours:.2f} CPU-s, bare interpreter {bare:.3f} CPU-s: {ours / 0.3:.2f} of the limit of 0.3 s")
    return 0 if ours <= 0.3 else 1


if __name__ == "__main__":
    sys.exit(main())
