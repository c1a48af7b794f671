"""Runs `whence compare` for benchmarks and returns its JSON; the temporary run directory is thrown away."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

WHENCE = str(Path(sys.executable).parent / "whence")


def compared(*words: str, keep: Path | None = None) -> dict:
    """Returns the comparison of `whence compare WORDS`. Ends the benchmark with the error line when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        out = keep or Path(folder) / "run"
        line = [WHENCE, "compare", *words, "--out", str(out), "--json", "-", "--quiet"]
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode not in {0, 1, 3}:
            sys.exit(f"{' '.join(line)}\n{done.stderr.strip()}")
        return json.loads(done.stdout)


def effect(document: dict, metric: str) -> dict:
    return next(e for e in document["effects"] if e["metric"] == metric)
