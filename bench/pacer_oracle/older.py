"""What the pacers of Go 1.5 to 1.17 decide in real runs, recorded from GODEBUG=gcpacertrace=1.

python -m bench.pacer_oracle.older FOLDER

Each release builds and runs the program in churn/ at GOGC 60, 100 and 300, and one golden file a release is written:
`oracle.pacer-trace/1` with one list of rows a setting, columns as the runtime calls them (h_t: trigger ratio the cycle
ran under, H_T: trigger, H_m_prev: marked before, H_a: heap at the end, h_g: growth aimed for, u_a: CPU share).
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


def record(release: str, folder: Path) -> dict[str, list[list[float]]]:
    toolchain = ensure(release)
    program = folder / f"churn-{release}"
    source = Path(__file__).with_name("churn") / "main.go"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GO")}
    environment = {
        **clean,
        "GOROOT": str(toolchain.goroot),
        "GOTOOLCHAIN": "local",
        "GO111MODULE": "off",
        "GOENV": "off",
    }
    subprocess.run([str(toolchain.go), "build", "-o", str(program), str(source)], env=environment, check=True)
    found = {}
    for percent in PERCENTS:
        settings = {"GODEBUG": "gcpacertrace=1", "GOGC": str(percent), "GOMAXPROCS": "2"}
        done = subprocess.run([str(program)], env={**clean, **settings}, capture_output=True, text=True, check=True)
        found[f"GOGC={percent}"] = rows_of(done.stderr)
    return found


def main() -> int:
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        for release in RELEASES:
            runs = record(release, Path(name))
            document = {
                "schema": "oracle.pacer-trace/1",
                "columns": COLUMNS,
                "source": f"gcpacertrace of go{release} running bench/pacer_oracle/churn, GOMAXPROCS=2",
                f"go{release}": runs,
            }
            (target / f"go{release}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
            print(f"go{release}: {', '.join(f'{len(rows)} cycles at {key}' for key, rows in runs.items())}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
