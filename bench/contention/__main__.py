"""Measures the locks of the allocator, release by release, and writes what the contention model is calibrated with.

python -m bench.contention measure [FOLDER] [ROUNDS]   builds in FOLDER (default /tmp/whence-contention); goes on
                                                       where it stopped; results in bench/contention/runs.jsonl
python -m bench.contention fit                         writes the calibration that the package holds
python -m bench.contention check                       the held-out mix: predicted beside measured
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.contention import checking, fitting, measuring


def main(words: list[str]) -> None:
    match words:
        case ["measure", *rest]:
            folder = Path(rest[0]) if rest else Path("/tmp/whence-contention")
            measuring.measure(folder, rounds=int(rest[1]) if len(rest) > 1 else 2)
        case ["fit"]:
            fitting.write()
        case ["check"]:
            checking.show()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
