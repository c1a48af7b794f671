"""What the collectors of Go 1.2 to 1.17 decide in real runs.

python -m bench.pacer_oracle.older FOLDER

1.5 to 1.17 build and run the program in churn/ at GOGC 60, 100 and 300 with GODEBUG=gcpacertrace=1, and one golden file
a release is written: `oracle.pacer-trace/1` with one list of rows a setting, columns as the runtime calls them (h_t:
trigger ratio the cycle ran under, H_T: trigger, H_m_prev: marked before, H_a: heap at the end, h_g: growth aimed for,
u_a: CPU share). 1.2 to 1.4 run the program in garbage/ at GOGC 37 and 100: `oracle.stop-world/1`, rows of HeapAlloc and
NextGC after a collection.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from whence.golang.toolchains import ensure

RELEASES = (
    "1.5.4",
    "1.6.4",
    "1.7.6",
    "1.8.7",
    "1.9.7",
    "1.10.8",
    "1.12.17",
    "1.13.15",
    "1.14.15",
    "1.16.15",
    "1.17.13",
)
STOPPING = ("1.2.2", "1.3.3", "1.4.3")
PERCENTS = (60, 100, 300)
INTEGERS = ("H_m_prev", "H_T", "H_a")
COLUMNS = ("H_m_prev", "h_t", "H_T", "H_a", "h_g", "u_a")
_FIELD = re.compile(r"(\w+)=([+-]?[\d.e+-]+)")


def rows_of(trace: str) -> list[list[float]]:
    """Returns one row a cycle that ended by itself, in the columns of COLUMNS."""
    rows = []
    for line in trace.splitlines():
        if "H_m_prev=" not in line:
            continue
        fields = dict(_FIELD.findall(line))
        rows.append([int(fields[name]) if name in INTEGERS else float(fields[name]) for name in COLUMNS])
    return rows


def build(release: str, name: str, folder: Path) -> Path:
    """Returns the program of one folder beside this file, built by that release."""
    toolchain = ensure(release)
    program = folder / f"{name}-{release}"
    source = Path(__file__).parent / name / "main.go"
    words = [str(toolchain.go), "build", "-o", str(program), str(source)]
    settings = {"GOROOT": str(toolchain.goroot), "GOTOOLCHAIN": "local", "GO111MODULE": "off", "GOENV": "off"}
    subprocess.run(words, env={**clean_environment(), **settings}, check=True)
    return program


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GO")}


def run(program: Path, **settings: str) -> str:
    done = subprocess.run(
        [str(program)], env={**clean_environment(), **settings}, capture_output=True, text=True, check=True
    )
    return done.stderr


def record_paced(release: str, folder: Path) -> dict[str, list[list[float]]]:
    program = build(release, "churn", folder)
    return {
        f"GOGC={percent}": rows_of(run(program, GODEBUG="gcpacertrace=1", GOGC=str(percent), GOMAXPROCS="2"))
        for percent in PERCENTS
    }


def record_stopped(release: str, folder: Path) -> dict[str, list[list[float]]]:
    program = build(release, "garbage", folder)
    found = {}
    for percent in ("37", "100"):
        lines = run(program, GOGC=percent).splitlines()
        found[f"GOGC={percent}"] = [[int(word) for word in line.split()[:2]] for line in lines]
    return found


def write(folder: Path, kind: str, release: str, document: dict[str, object]) -> None:
    (folder / kind.replace("-", "_")).mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schema": f"oracle.{kind}/1", **document}, separators=(",", ":"))
    (folder / kind.replace("-", "_") / f"go{release}.json").write_text(text + "\n")


def main() -> int:
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        for release in STOPPING:
            runs = record_stopped(release, Path(name))
            source = f"runtime.MemStats of go{release} running bench/pacer_oracle/garbage"
            document = {"columns": ["HeapAlloc", "NextGC"], "source": source, f"go{release}": runs}
            write(target, "stop-world", release, document)
        for release in RELEASES:
            runs = record_paced(release, Path(name))
            source = f"gcpacertrace of go{release} running bench/pacer_oracle/churn, GOMAXPROCS=2"
            write(target, "pacer-trace", release, {"columns": COLUMNS, "source": source, f"go{release}": runs})
            print(f"go{release}: {', '.join(f'{len(rows)} cycles at {key}' for key, rows in runs.items())}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
