"""Runs as a table: the journal compacted to Parquet by DuckDB, which reads the JSON lines itself.

Long format: one row a sample with the columns of its run beside it; a run without samples (it crashed) has one row
whose `metric` is null, so that failures are in the table too. `used` is true for the rows that estimates are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from whence.store.files import fill_atomically

_LINE_COLUMNS = {
    "type": "VARCHAR",
    "id": "VARCHAR",
    "kind": "VARCHAR",
    "variant": "VARCHAR",
    "block": "INTEGER",
    "attempt": "INTEGER",
    "position": "INTEGER",
    "started_at": "DOUBLE",
    "seconds": "DOUBLE",
    "outcome": "VARCHAR",
    "exit_code": "INTEGER",
    "signal": "VARCHAR",
    "message": "VARCHAR",
    "layout_seed": "BIGINT",
    "binary_sha256": "VARCHAR",
    "host_name": "VARCHAR",
    "calibration_before_s": "DOUBLE",
    "calibration_after_s": "DOUBLE",
    "host": "JSON",
    "samples": "STRUCT(metric VARCHAR, benchmark VARCHAR, value DOUBLE, unit VARCHAR)[]",
    "status": "VARCHAR",
}
_RUN_COLUMNS = [name for name in _LINE_COLUMNS if name not in {"type", "samples", "status"}]

_ROWS = """
    WITH line AS (FROM read_json({journal}, format='newline_delimited', ignore_errors=true, columns={columns},
                                 maximum_object_size=16777216)),
    complete AS (SELECT DISTINCT block, attempt FROM line WHERE type = 'block' AND status = 'complete')
    SELECT {runs},
           kind = 'counted' AND EXISTS (FROM complete c WHERE c.block = r.block AND c.attempt = r.attempt) AS used,
           sample.metric AS metric, sample.benchmark AS benchmark, sample.value AS value, sample.unit AS unit
    FROM (SELECT *, unnest(CASE WHEN len(samples) > 0 THEN samples ELSE [NULL] END) AS sample
          FROM line WHERE type = 'run') r
"""
_COPY = "COPY ({rows}) TO {target} (FORMAT parquet, COMPRESSION zstd)"


def compact(journal: Path, target: Path, *, memory_limit: str = "128MB") -> None:
    """Writes the runs of `journal` to the Parquet file `target`, atomically. Unreadable lines are left out."""
    _write(_COPY.format(rows=_rows(journal), target="{target}"), target, memory_limit)


def compact_stages(journals: Mapping[str, Path], target: Path, *, memory_limit: str = "128MB") -> Path:
    """As `compact` for several journals, whose names are the column `stage`; returns `target`."""
    parts = [f"(SELECT {_quoted(name)} AS stage, * FROM ({_rows(path)}))" for name, path in journals.items()]
    _write(_COPY.format(rows=" UNION ALL ".join(parts), target="{target}"), target, memory_limit)
    return target


def _rows(journal: Path) -> str:
    return _ROWS.format(
        journal=_quoted(str(journal)),
        columns="{" + ", ".join(f"'{name}': '{kind}'" for name, kind in _LINE_COLUMNS.items()) + "}",
        runs=", ".join(f"r.{name}" for name in _RUN_COLUMNS),
    )


def _write(statement: str, target: Path, memory_limit: str) -> None:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET memory_limit = '{memory_limit}'")
        connection.execute("SET threads = 1")
        connection.execute(f"SET temp_directory = {_quoted(str(target.parent / '.spill'))}")

        def fill(path: Path) -> None:
            connection.execute(statement.replace("{target}", _quoted(str(path))))

        fill_atomically(target, fill)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
