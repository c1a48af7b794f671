"""What a second worker brings to a sweep, beside what a second process brings to two spins that share nothing.

`python -m bench.cluster.gain [ALLOCATIONS [CONFIGURATIONS]]`: a program of so many allocations (default 100 million)
is simulated allocation by allocation under so many configurations (default 10), by one worker and by two; before,
between and after, the same arithmetic is done by one process and by two at once. Two processors of a virtual machine
rarely give twice of one; the spins say what they give here and now. The aim is a share of at least 90 %.
"""

from __future__ import annotations

import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from whence.explain.simulator.inputs.choosing import Hints, open_input
from whence.explain.simulator.sweeping.computing import How
from whence.explain.simulator.sweeping.grid import parse_axis
from whence.explain.simulator.sweeping.sweeping import Where, sweep
from whence.explain.simulator.whatif.asking import Opened, Surroundings

OBJECT_BYTES = 64
RATE_BYTES = 2_000_000_000
SPIN_ROUNDS = 5_000_000
AIM = 0.90


def spin_seconds(processes: int) -> float:
    """Returns the wall seconds in which so many processes at once do one spin each."""
    begun = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-m", "bench.cluster.gain", "--spin", str(SPIN_ROUNDS)])
        for _ in range(processes)
    ]
    for process in running:
        process.wait()
    return time.perf_counter() - begun


def sweep_seconds(workers: int, seconds: float, configurations: int) -> tuple[float, str]:
    """Returns (wall seconds, hash) of the sweep, all of it: workers started, results stored."""
    hints = Hints(alloc_rate=f"{RATE_BYTES}B/s", live="4MiB", objects=f"{OBJECT_BYTES}B", duration=f"{seconds:.3f}s")
    found = open_input(None, hints)
    opened = Opened(programs=found.programs, subject=found.subject, around=Surroundings(go="1.27", processors=1))
    gogc = ",".join(str(100 + 10 * number) for number in range(configurations // 2))
    with tempfile.TemporaryDirectory() as out:
        begun = time.perf_counter()
        result = sweep(
            opened,
            [parse_axis("go=1.24,1.27"), parse_axis(f"GOGC={gogc}")],
            out=Path(out) / "sweep",
            how=How(mode="events", replicas=0),
            where=Where(workers=workers),
        )
        return time.perf_counter() - begun, result.hash


def main(allocations: int, configurations: int) -> None:
    seconds = allocations * OBJECT_BYTES / RATE_BYTES
    sweep_seconds(1, 0.2, 2)  # compiles what is not compiled yet
    spins: dict[int, list[float]] = {1: [], 2: []}

    def spin() -> None:
        for processes in (1, 2, 2, 1, 1, 2, 2, 1):
            spins[processes].append(spin_seconds(processes))

    spin()
    one, hash_of_one = sweep_seconds(1, seconds, configurations)
    spin()
    two, hash_of_two = sweep_seconds(2, seconds, configurations)
    spin()
    limit = 2 * statistics.median(spins[1]) / statistics.median(spins[2])
    gain = one / two
    print(
        f"spins        one {statistics.median(spins[1]):.2f} s, two at once {statistics.median(spins[2]):.2f} s: "
        f"two processors do {limit:.3f} times the work of one"
    )
    print(
        f"sweep        {configurations} × {allocations / 1e6:g} M allocations: "
        f"one {one:.1f} s, two {two:.1f} s, "
        f"{gain:.3f} times as fast"
    )
    print(f"hash         {hash_of_one} and {hash_of_two}: {'equal' if hash_of_one == hash_of_two else 'DIFFERENT'}")
    print(f"share        {gain / limit:.3f} of what two spins gain (aim {AIM})")
    sys.exit(0 if gain / limit >= AIM and hash_of_one == hash_of_two else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--spin"]:
        hashlib.pbkdf2_hmac("sha256", b"whence", b"gain", int(sys.argv[2]))
    else:
        main(
            int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 10
        )
