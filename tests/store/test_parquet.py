"""The Parquet file holds every sample of every readable run, and says which rows count."""

from __future__ import annotations

from pathlib import Path

import duckdb

from whence.evidence.run import BlockEnd, Run, Sample
from whence.store.journal import Journal
from whence.store.parquet import compact


def run(id: str, attempt: int, samples: tuple[Sample, ...], **fields: object) -> Run:
    given = {"kind": "counted", "variant": "a", "outcome": "ok"} | fields
    return Run(id=id, block=3, attempt=attempt, started_at=1.0, seconds=0.5, samples=samples, **given)  # type: ignore[arg-type]


def table(tmp_path: Path, lines: list[Run | BlockEnd], extra: bytes = b"") -> duckdb.DuckDBPyRelation:
    journal = Journal(tmp_path / "it's a journal.jsonl")
    for line in lines:
        journal.append(line)
    journal.close()
    with journal.path.open("ab") as file:
        file.write(extra)
    compact(journal.path, tmp_path / "runs.parquet")
    return duckdb.sql(f"SELECT * FROM '{tmp_path}/runs.parquet'")


def test_one_row_a_sample_with_the_columns_of_its_run(tmp_path: Path) -> None:
    samples = (Sample("rss", 4096.0, "B"), Sample("ns/op", 2.5, "ns/op", "Decode"))
    lines = [run("x", 0, samples, exit_code=0), BlockEnd(block=3, attempt=0, status="complete")]
    rows = table(tmp_path, lines).project("id, block, metric, benchmark, value, unit, used, exit_code").fetchall()
    assert rows == [
        ("x", 3, "rss", None, 4096.0, "B", True, 0),
        ("x", 3, "ns/op", "Decode", 2.5, "ns/op", True, 0),
    ]


def test_only_complete_attempts_of_counted_runs_are_used(tmp_path: Path) -> None:
    one = (Sample("rss", 1.0, "B"),)
    lines = [
        run("warm", 1, one, kind="warmup"),
        run("repeated", 0, one),
        BlockEnd(block=3, attempt=0, status="repeat"),
        run("counts", 1, one),
        BlockEnd(block=3, attempt=1, status="complete"),
        run("in flight", 2, one),
    ]
    assert table(tmp_path, lines).filter("used").project("id").fetchall() == [("counts",)]


def test_a_run_without_samples_has_a_row_so_that_failures_are_seen(tmp_path: Path) -> None:
    lines: list[Run | BlockEnd] = [run("dead", 0, (), outcome="signal", signal="SIGSEGV", message="panic: x")]
    rows = table(tmp_path, lines).project("id, outcome, signal, message, metric").fetchall()
    assert rows == [("dead", "signal", "SIGSEGV", "panic: x", None)]


def test_a_torn_last_line_and_an_empty_journal_are_no_obstacle(tmp_path: Path) -> None:
    assert table(tmp_path, [], b"").fetchall() == []
    rows = table(tmp_path, [run("x", 0, (Sample("rss", 1.0, "B"),))], b'{"type":"run","id":"y","samp').fetchall()
    assert len(rows) == 1
