"""A competing CPU hog that starts midway changes no verdict, or the result is flagged.

    python -m bench.hog

Compares a program with itself twice: once left alone and once with a hog on every CPU for the second half. Prints both
verdicts and what the second result says about the host; the figure is the share of metrics whose verdict stayed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.compared import compared

SUBJECT = "workload:alloc?n=4000000"
METRICS = ("cpu", "wall", "ns/op", "rss-peak")


@contextmanager
def hog_after(seconds: float) -> Iterator[None]:
    hogs: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        for _ in range(os.cpu_count() or 1):
            hogs.append(subprocess.Popen([sys.executable, "-c", "while True: pass"]))

    timer = threading.Timer(seconds, start)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        for hog in hogs:
            hog.kill()
            hog.wait()


def told(effect: dict) -> str:
    return f"×{effect['ratio']:.3f} {effect['verdict']:<13}"


def main() -> int:
    words = ["a:go=local", "b:go=local", "--subject", SUBJECT, "--pairs", "12", "--seed", "5"]
    words += [w for m in METRICS for w in ("--metric", m)]
    began = time.monotonic()
    alone = compared(*words)
    half = (time.monotonic() - began) / 2
    with hog_after(half):
        hogged = compared(*words)
    stayed = 0
    for quiet, loud in zip(alone["effects"], hogged["effects"], strict=True):
        same = loud["verdict"] not in {"worse", "better"}
        stayed += same
        print(f"{quiet['metric']:<10} alone {told(quiet)}   with a hog {told(loud)}")
    flags = hogged["host"]["warnings"]
    print("flagged: " + (" ".join(flags) or "no"))
    print(f"false verdicts under a hog: {len(METRICS) - stayed} of {len(METRICS)} (limit 0, or flagged)")
    return 0 if stayed == len(METRICS) or flags else 1


if __name__ == "__main__":
    sys.exit(main())
