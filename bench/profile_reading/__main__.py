"""Reading a profile: CPU seconds and memory beside google/pprof on the same files, every function compared.

    python -m bench.profile_reading            115 MB, 3 MB, and 100 profiles of 3 MB added up
    python -m bench.profile_reading --pprof PATH   a google/pprof built by hand; otherwise it is built from its module

CPU seconds are user and system of the whole process, so that start-up counts. Ratios are to google/pprof in the same
run, and to the limits of the claim.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.profile_reading.synthetic import write

CACHE = Path(os.environ.get("WHENCE_CACHE", Path.home() / ".cache" / "whence")) / "bench" / "profiles"
WHENCE = [str(Path(sys.executable).parent / "whence"), "profile"]
TYPE = "alloc_space"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pprof", type=Path, default=None)
    parser.add_argument("--samples", type=int, default=1_330_000)
    options = parser.parse_args()
    pprof = options.pprof or build_pprof()
    CACHE.mkdir(parents=True, exist_ok=True)
    large = CACHE / f"large-{options.samples}.pb"
    small = CACHE / "small.pb"
    if not large.exists():
        print(f"writing {large}", file=sys.stderr)
        write(large, samples=options.samples)
    if not small.exists():
        write(small, samples=18_000, locations=20_000, functions=8_000, seed=2)
    good = [large_profile(pprof, large), small_profile(pprof, small), many(small)]
    return 0 if all(good) else 1


def build_pprof() -> Path:
    """Builds google/pprof from its newest module (network) once."""
    target = CACHE / "bin"
    if not (target / "pprof").exists():
        print("building github.com/google/pprof@latest (network)", file=sys.stderr)
        target.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GOBIN": str(target)}
        subprocess.run(["go", "install", "github.com/google/pprof@latest"], check=True, env=environment)
    return target / "pprof"


def measured(command: list[str]) -> tuple[str, float, float]:
    """Returns standard output, CPU seconds and peak resident megabytes of one process."""
    with tempfile.TemporaryFile() as out:
        before = os.times()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        peak = 0.0
        # VmHWM only grows, so the last reading before the end is the peak; ru_maxrss would inherit ours
        while True:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
                found = re.search(r"VmHWM:\s+(\d+) kB", status)
                peak = max(peak, int(found[1]) / 1024 if found else 0.0)
            except OSError:
                pass
            try:
                process.wait(timeout=0.005)
                break
            except subprocess.TimeoutExpired:
                continue
        after = os.times()
        out.seek(0)
        text = out.read().decode()
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return text, spent, peak


def pprof_top(pprof: Path, path: Path) -> tuple[dict[str, tuple[int, int]], float, float]:
    words = ["-top", "-symbolize=none", "-trim=false", "-nodecount=0", "-nodefraction=0", "-unit=B"]
    text, cpu, peak = measured([str(pprof), *words, f"-sample_index={TYPE}", str(path)])
    row = re.compile(r"\s*(-?\d+)B?\s+\S+%\s+\S+%\s+(-?\d+)B?\s+\S+%\s+(.*?)(?: \((?:partial-)?inline\))?$")
    found = {m[3]: (int(m[1]), int(m[2])) for m in map(row.match, text.splitlines()) if m}
    return found, cpu, peak


def our_top(path: Path) -> tuple[dict[str, tuple[int, int]], float, float]:
    text, cpu, peak = measured([*WHENCE, "top", str(path), "--sample-type", TYPE, "--json", "-"])
    return {f["name"]: (f["flat"], f["cum"]) for f in json.loads(text)["functions"]}, cpu, peak


def differing(ours: dict[str, tuple[int, int]], theirs: dict[str, tuple[int, int]]) -> int:
    return sum(ours.get(name) != theirs.get(name) for name in ours.keys() | theirs.keys())


def large_profile(pprof: Path, path: Path) -> bool:
    theirs, their_cpu, their_peak = pprof_top(pprof, path)
    ours, our_cpu, our_peak = our_top(path)
    print(f"{path.stat().st_size / 1e6:.0f} MB, {len(theirs)} functions, {differing(ours, theirs)} differ")
    print(f"  google/pprof   {their_cpu:7.2f} CPU-s   {their_peak:6.0f} MB")
    print(f"  whence         {our_cpu:7.2f} CPU-s   {our_peak:6.0f} MB")
    cpu, memory = their_cpu / our_cpu, their_peak / our_peak
    print(f"  {cpu:.1f} times fewer CPU-s (claim 20), {memory:.1f} times less memory (claim 4)")
    print(f"  of the limits: {our_cpu / 4:.2f} of 4 CPU-s, {our_peak / 450:.2f} of 450 MB")
    return ours == theirs and our_cpu <= 4 and our_peak <= 450 and cpu >= 20 and memory >= 4


def small_profile(pprof: Path, path: Path) -> bool:
    theirs, their_cpu, _ = pprof_top(pprof, path)
    runs = [our_top(path) for _ in range(5)]
    ours, our_cpu = runs[0][0], min(run[1] for run in runs)
    bare = min(measured([sys.executable, "-c", "import numpy"])[1] for _ in range(5))
    print(f"{path.stat().st_size / 1e6:.1f} MB, {len(theirs)} functions, {differing(ours, theirs)} differ")
    print(f"  google/pprof {their_cpu:.2f} CPU-s, whence {our_cpu:.2f} CPU-s, a bare import of NumPy {bare:.2f} CPU-s")
    print(f"  of the limit: {our_cpu / 0.3:.2f} of 0.3 s")
    return ours == theirs and our_cpu <= 0.3


def many(path: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        merged = str(Path(folder) / "merged.pb.gz")
        _, cpu, peak = measured([*WHENCE, "merge", *([str(path)] * 100), "-o", merged, "--quiet"])
    print(f"100 profiles of {path.stat().st_size / 1e6:.1f} MB added up: {cpu:.1f} CPU-s, {peak:.0f} MB")
    print(f"  of the limit: {cpu / 15:.2f} of 15 s")
    return cpu <= 15


if __name__ == "__main__":
    sys.exit(main())
