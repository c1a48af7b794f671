#!/usr/bin/env python3
"""The main job, measured here and now: a known memory regression of Go, seen, bounded and shown to be gone.

Runs `whence compare` on the heap shape that Go 1.24.0 to 1.24.5 keep resident although the program never wrote to it,
and then on its two twins that no release should treat differently. Every number is measured in this very run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHENCE = str(ROOT / ".venv" / "bin" / "whence")
RELEASES = ("1.23.9", "1.24.3", "1.24.11", "1.25.5")
BASE, BROKEN, *BACK = (f"go{r}:go={r}" for r in RELEASES)
METRICS = ("rss", "runtime-total", "rss-anon", "cpu")


def main() -> int:
    began = time.monotonic()
    folder = Path("whence-runs") / f"demo-{time.strftime('%Y%m%d-%H%M%S')}"
    report = folder / "report.html"
    examples = workload_examples()
    words = [BASE, BROKEN, *BACK, "--subject", examples["go124-memory"], "--aa", "--out", str(folder)]
    for metric in METRICS:
        words += ["--metric", metric]
    code = subprocess.run([WHENCE, "compare", *words], cwd=ROOT).returncode
    if code != 0:
        return code
    print("\nThe twins: the same memory, shaped so that no release should differ", flush=True)
    for name, label in (("pointer-free-twin", "pointer-free objects"), ("recycled-twin", "recycled heap")):
        twin = compare_quietly([BASE, BROKEN, "--subject", examples[name], "--metric", "rss"])
        print(f"  {label:<22} {twin}", flush=True)
    print(f"\nMeasured anew in {time.monotonic() - began:.0f} s. The report opens without a network:")
    print(f"  {report}")
    return 0


def workload_examples() -> dict[str, str]:
    """Returns the named specs of heapshape, from the catalogue itself."""
    done = subprocess.run([WHENCE, "workload", "show", "heapshape", "--json", "-"], capture_output=True, text=True)
    return {example["name"]: example["spec"] for example in json.loads(done.stdout)["examples"]}


def compare_quietly(words: list[str]) -> str:
    words = [WHENCE, "compare", *words, "--json", "-", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        return done.stderr.strip()
    effect = json.loads(done.stdout)["effects"][0]
    return f"×{effect['ratio']:.4f} [{effect['low']:.4f}, {effect['high']:.4f}]  {effect['verdict']}"


if __name__ == "__main__":
    sys.exit(main())
