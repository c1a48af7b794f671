"""Writes the tables of the runtime's own tests as data, with the values that the test program itself computes.

    python -m bench.page_oracle.tables 1.27.4 tests/explain/simulator/pages/tables.json

The test files of that release are built with a line put in wherever a test begins to go through its table, and into
the helpers of the tests that have none.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.page_oracle.building import HERE, compile_tests
from whence.golang import toolchains

FILES = ("mpagealloc_test.go", "mpagecache_test.go", "mpallocbits_test.go", "mgcscavenge_test.go")
SKIPPED = "TestScavenger$"
"""Sleeps for real; what it checks is checked in the tests of the scavenger."""
CALLS = (
    ("\t\t\tsi.AllocRange(base, limit)\n", '\t\t\tplayCall(t, "mark", uint64(base), uint64(limit))\n'),
    ("\t\t\tgot, gotOffset := si.Find(force)\n", '\t\t\tplayCall(t, "find", uint64(want), uint64(wantOffset))\n'),
    ("\t\tnextGen = func() {\n", '\t\t\tplayCall(t, "generation")\n'),
    (
        "\tcheck := func(t *testing.T, i uint64, n, want uint) {\n",
        '\t\tplayCall(t, "find", i, uint64(n), uint64(want))\n',
    ),
    ("\tcheck := func(x uint64, n uint, result uint) {\n", '\t\tplayCall(t, "find", x, uint64(n), uint64(result))\n'),
)


def instrumented(text: str) -> str:
    """Returns the text of a test file with the recording lines put in."""
    text = re.sub(r"^\tfor (name|_), \w+ := range tests \{$", r"\tplayTable(t, tests)\n\g<0>", text, flags=re.MULTILINE)
    for line, more in CALLS:
        text = text.replace(line, line + more if line.endswith("{\n") else more + line)
    return text


def main(version: str, out: Path) -> None:
    toolchain = toolchains.ensure(version)
    sources = toolchain.goroot / "src/runtime"
    files = {name: instrumented((sources / name).read_text()) for name in FILES}
    files["play_tables_test.go"] = (HERE / "tables_test.go.txt").read_text()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "tables.test"
        compile_tests(toolchain.goroot, toolchain.parsed.minor, Path(folder), program, files)
        recorded = Path(folder) / "tables.json"
        environment = {**os.environ, "PLAY_OUT": str(recorded)}
        command = [str(program), "-test.skip", SKIPPED]
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=300)
        tables = json.loads(recorded.read_text())
    head = {"source": f"go{toolchain.version} src/runtime: " + ", ".join(FILES)}
    lines = [json.dumps(head)[1:-1]] + [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in tables.items()]
    out.write_text("{" + ",\n".join(lines) + "}\n")
    print(f"{len(tables)} tables, {sum(len(value) for value in tables.values())} cases and calls: {out}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
