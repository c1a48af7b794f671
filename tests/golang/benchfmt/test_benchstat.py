"""The real benchstat as judge: on its own test data we read the same numbers, and it reads what we write."""

import math
import random
from collections import Counter
from pathlib import Path
from statistics import median

import pytest
from bench.rivals import benchstat
from bench.rivals.benchstat import Cell

from whence.golang.benchfmt import BenchFile, Result, parse, tidy, write

pytestmark = [pytest.mark.network, pytest.mark.real]
Key = tuple[frozenset[tuple[str, str]], str, str]


@pytest.fixture(scope="module")
def test_data() -> list[Path]:
    """Every benchmark file in the module's own test data, read where the go command keeps it."""
    try:
        root = benchstat.module_directory()
    except (benchstat.Unavailable, OSError) as reason:
        pytest.skip(f"SKIPPED no benchstat: {reason}")
    others = {".stdout", ".stderr", ".json", ".go", ".csv"}
    found = [p for p in sorted(root.rglob("*")) if "testdata" in p.parts and p.is_file() and p.suffix not in others]
    files = [p for p in found if b"Benchmark" in p.read_bytes()]
    assert len(files) > 20
    return files


def of_benchstat(cells: list[Cell], column: str) -> dict[Key, Cell]:
    """Cells by configuration, full name and unit; configuration that benchstat shows as empty is not set."""
    return {
        (frozenset((k, v) for k, v in cell.config.items() if v), cell.benchmark, cell.unit): cell
        for cell in cells
        if cell.column == column
    }


def of_ours(file: BenchFile) -> dict[Key, list[float]]:
    found: dict[Key, list[float]] = {}
    for result in file.results:
        config = frozenset(result.config.items())
        for value, unit in result.values:
            base_value, base = tidy(value, unit)
            # benchstat leaves the unit alone where scaling does not change the value, as with 0 ns/op.
            key = config, result.full_name, unit if base_value == value else base
            found.setdefault(key, []).append(base_value)
    return found


def center(values: list[float], *, exact: bool) -> float:
    """benchstat shows the median, or for assume=exact the commonest value (the smallest of several)."""
    counts = Counter(sorted(values))
    return counts.most_common(1)[0][0] if exact else median(values)


def assert_same(file: BenchFile, cells: list[Cell], column: str) -> None:
    ours, theirs = of_ours(file), of_benchstat(cells, column)
    assert ours and ours.keys() == theirs.keys()
    for key, values in ours.items():
        exact = file.declared(key[2]).get("assume") == "exact"
        theirs_center = theirs[key].center
        assert theirs_center is not None
        assert math.isclose(center(values, exact=exact), theirs_center, rel_tol=1e-12), key
        counts = theirs[key].counts
        assert counts is None or counts == (len(values), len(values)), key


@pytest.mark.slow
def test_every_file_of_its_test_data_gives_the_same_benchmarks_medians_and_counts(test_data: list[Path]):
    for path in test_data:
        file = parse(path.read_text(), source=path.name)
        assert file.warnings == (), path
        assert_same(file, benchstat.compare([f"first={path}", f"again={path}"]), "again")


def test_benchstat_reads_what_we_write_and_gives_identical_numbers(test_data: list[Path], tmp_path: Path):
    for path in [p for p in test_data if p.stat().st_size < 100_000]:
        file = parse(path.read_text())
        (tmp_path / "ours.txt").write_text(write(file.results, units=file.units))
        before = of_benchstat(benchstat.compare([f"a={path}", f"b={path}"]), "b")
        after = of_benchstat(benchstat.compare(["a=ours.txt", "b=ours.txt"], directory=tmp_path), "b")
        assert before == after, path


def test_benchstat_reads_awkward_results_of_ours(test_data: list[Path], tmp_path: Path):
    draw = random.Random(5)
    numbers = [0.1, 1e-300, 1e30, 123456789.125, 7.0, 5e-324]
    results = [
        Result(
            name,
            procs,
            draw.randrange(1, 10**9),
            ((draw.choice(numbers) * draw.random(), "ns/op"), (3.0, "µ-widgets")),
            config,
        )
        for name in ("Ä/x=1/y", "", "With-dash/2")
        for procs in (None, 3)
        for config in ({}, {"pkg": "a/b", "note": "two words"}, {"note": "x"})
        for _ in range(7)
    ]
    text = write(results, units={"ns/op": {"better": "higher"}, "µ-widgets": {"assume": "exact"}})
    (tmp_path / "ours.txt").write_text(text)
    assert_same(parse(text), benchstat.compare(["a=ours.txt", "b=ours.txt"], directory=tmp_path), "b")
