"""What recording for a simulation costs a real program: python -m bench.recording_cost [ROUNDS].

The program of bench/simulator_profile builds trees as fast as it can (one processor), in four ways, interleaved: as it
is; with GODEBUG=traceallocfree=1 and no window open; with its heap profile and counters read once a second; with a
window open all the time. Printed is the median over rounds of CPU time divided by that of the plain run of that round.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

SOURCE = Path(__file__).parent / "simulator_profile" / "service"
PORT = 16161
WAYS = ("plain", "setting only", "profile and counters", "window open")


def build(folder: Path, toolchain: str) -> Path:
    environment = os.environ | {"GOTOOLCHAIN": toolchain, "GOFLAGS": "-mod=mod"}
    subprocess.run(["go", "build", "-o", str(folder / "service"), "."], cwd=SOURCE, env=environment, check=True)
    return folder / "service"


def _get(path: str, stop: threading.Event) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=60) as answer:
            while not stop.is_set() and answer.read(1 << 20):
                pass
        return True
    except (OSError, urllib.error.URLError, http.client.HTTPException):
        return False


def _watch(way: str, stop: threading.Event) -> None:
    while not stop.is_set():
        if way == "window open":
            if not _get("/debug/pprof/trace?seconds=120", stop):
                time.sleep(0.01)
        else:
            _get("/debug/pprof/allocs", stop)
            _get("/counters", stop)
            stop.wait(1.0)


def one(binary: Path, way: str) -> float:
    """Returns the CPU seconds of one run."""
    environment = os.environ | {"GOMAXPROCS": "1"}
    if way in ("setting only", "window open"):
        environment["GODEBUG"] = "traceallocfree=1"
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(way, stop))
    command = [str(binary), "-program", "trees", "-rounds", "300", "-listen", f"127.0.0.1:{PORT}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    if way in ("profile and counters", "window open"):
        watcher.start()
    text, _ = process.communicate(timeout=300)
    stop.set()
    if watcher.is_alive():
        watcher.join()
    return float(json.loads(text)["cpu"])


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        binary = build(Path(folder), "go1.25.5")
        ratios: dict[str, list[float]] = {way: [] for way in WAYS[1:]}
        for number in range(rounds):
            order = WAYS if number % 2 == 0 else WAYS[::-1]
            found = {way: one(binary, way) for way in order}
            for way in WAYS[1:]:
                ratios[way].append(found[way] / found["plain"])
        for way, values in ratios.items():
            middle = statistics.median(values)
            print(
                f"{way:22}  CPU ×{middle:.2f} of the plain run  [{min(values):.2f}, {max(values):.2f}], {rounds} rounds"
            )


if __name__ == "__main__":
    main()
