"""The real benchstat, built from its module by the go command and kept in Whence's cache; and its CSV read back.

Nothing of benchstat is part of this project: it is fetched from golang.org/x/perf (BSD licence) when somebody compares
with it.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from whence.golang.cache import cache_root

MODULE = "golang.org/x/perf"
_PAIR = re.compile(r"p=([0-9.]+) n=([0-9]+)(?:\+([0-9]+))?")


class Unavailable(Exception):
    """Why there is no benchstat here."""


class Cell(msgspec.Struct, frozen=True):
    """What benchstat says of one benchmark in one file, in its own units."""

    config: dict[str, str]
    unit: str
    benchmark: str
    column: str
    center: float | None
    """Its median, or for `assume=exact` the commonest value."""
    delta: str = ""
    """`~`, a percentage or `?`; empty in the first column."""
    p: float | None = None
    counts: tuple[int, int] | None = None
    """How many values of the first column and of this one it compared."""


def find() -> Path:
    """Returns the binary, building it first when needed (the only step that uses the network). Raises Unavailable."""
    binary = cache_root() / "tools" / "benchstat"
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        raise Unavailable("no go command on PATH")
    environment = {**os.environ, "GOBIN": str(binary.parent), "GOFLAGS": "-mod=mod"}
    command = [go, "install", f"{MODULE}/cmd/benchstat@latest"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    return binary


def module_directory() -> Path:
    """Returns the module cache's copy of the sources `find()` was built from, with their test data.

    Raises Unavailable.
    """
    told = subprocess.run(["go", "version", "-m", str(find())], capture_output=True, text=True).stdout
    match = re.search(rf"\tmod\t{re.escape(MODULE)}\t(\S+)", told)
    if match is None:
        raise Unavailable("the binary does not say which module version it was built from")
    query = ["go", "mod", "download", "-json", f"{MODULE}@{match[1]}"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=300)
    directory = msgspec.json.decode(done.stdout or "{}", type=dict[str, object]).get("Dir")
    if not isinstance(directory, str):
        raise Unavailable(f"{' '.join(query)}: {done.stderr.strip()[-200:]}")
    return Path(directory)


def compare(files: Sequence[Path | str], *, alpha: float = 0.05, directory: Path | None = None) -> list[Cell]:
    """Returns what benchstat prints about these files (`label=path` allowed). Raises Unavailable."""
    command = [str(find()), "-format", "csv", "-alpha", str(alpha), *(str(file) for file in files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=directory, timeout=300)
    if done.returncode != 0:
        raise Unavailable(f"benchstat: {done.stderr.strip()[-300:]}")
    return list(_cells(done.stdout))


def _cells(text: str) -> Iterator[Cell]:
    """One table a configuration and unit: two header rows, one row a benchmark; only what changed is said again."""
    config: dict[str, str] = {}
    columns: list[str] = []
    units: list[str] = []
    for row in csv.reader(text.splitlines()):
        if not row:
            columns, units = [], []
        elif len(row) == 1 and not columns:
            key, _, value = row[0].partition(":")
            config = {**config, key: value.strip()}
        elif row[0] == "" and not columns:
            columns = row
        elif row[0] == "" and not units:
            units = row
        elif row[0] != "geomean":
            yield from _row(config, columns, units, row)


def _row(config: dict[str, str], columns: list[str], units: list[str], row: list[str]) -> Iterator[Cell]:
    for index, column in enumerate(columns):
        if index == 0 or not column or index >= len(row) or row[index] == "":
            continue
        delta, pair = ("", None)
        if units[index + 2 : index + 3] == ["vs base"] and index + 3 < len(row):
            delta, pair = row[index + 2], _PAIR.search(row[index + 3])
        counts = None if pair is None else (int(pair[2]), int(pair[3] or pair[2]))
        yield Cell(
            config=config,
            unit=units[index],
            benchmark=row[0],
            column=column,
            center=float(row[index]),
            delta=delta,
            p=None if pair is None else float(pair[1]),
            counts=counts,
        )
