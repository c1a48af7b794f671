"""Recorded comparisons of a program with itself, from any of three kinds of file.

JSON: a list (or one object a line) of
    {"base": [...], "candidate": [...], "label": "trees cpu", "order": "abbaab…"}
`base[i]` and `candidate[i]` come from block i; `order` (may be left out) says of which side each run
in order of time was.

JSON lines as `bench.aa_real` records them: every metric of every comparison becomes one entry.

Parquet: columns comparison, side ("base" or "candidate"), position (order of time), value, and label if there are
several. Runs of one side are taken in order of position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput


class Recorded(msgspec.Struct, frozen=True):
    """One comparison of a program with itself. `order`: `a` for the base, `b` for the candidate, in order of time."""

    base: tuple[float, ...]
    candidate: tuple[float, ...]
    label: str = ""
    order: str = ""

    def one_side_then_the_other(self) -> Recorded | None:
        """Returns the same runs as a person without Whence would take them: the first half against the second half.

        Both halves are of one program, so any difference that is called is a false alarm here too. None where the
        order is not known.
        """
        if self.order.count("a") != len(self.base) or self.order.count("b") != len(self.candidate):
            return None
        sides = {"a": iter(self.base), "b": iter(self.candidate)}
        values = tuple(next(sides[letter]) for letter in self.order)
        half = len(values) // 2
        return Recorded(values[:half], values[half : 2 * half], self.label, "a" * half + "b" * half)


class _Run(msgspec.Struct):
    variant: str
    block: int
    values: dict[str, float]


class _Row(msgspec.Struct):
    workload: str
    runs: list[_Run]


def load(path: Path) -> list[Recorded]:
    """Returns the comparisons in `path`. Raises BadInput with one line."""
    if not path.exists():
        raise BadInput(f"there is no file {path}. Record one with: python -m bench.aa_real")
    try:
        found = _parquet(path) if path.suffix == ".parquet" else _json(path.read_bytes())
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        raise BadInput(f"{path} holds no recorded comparisons ({error}). See bench/rivals/recorded.py.") from error
    if not found:
        raise BadInput(f"{path} holds no comparisons. Record some with: python -m bench.aa_real")
    return found


def _json(data: bytes) -> list[Recorded]:
    if data.lstrip().startswith(b"["):
        return msgspec.json.decode(data, type=list[Recorded])
    lines = [line for line in data.splitlines() if line.strip()]
    if lines and b'"runs"' in lines[0]:
        return [entry for line in lines for entry in _of_row(msgspec.json.decode(line, type=_Row))]
    return [msgspec.json.decode(line, type=Recorded) for line in lines]


def _of_row(row: _Row) -> Iterable[Recorded]:
    names = list(dict.fromkeys(run.variant for run in row.runs))
    if len(names) != 2:
        raise ValueError(f"{len(names)} variants where two were expected")
    base, candidate = sorted(names)
    for metric in dict.fromkeys(name for run in row.runs for name in run.values):
        runs = [run for run in row.runs if metric in run.values]
        sides = {name: {run.block: run.values[metric] for run in runs if run.variant == name} for name in names}
        blocks = sorted(sides[base].keys() & sides[candidate].keys())
        order = "".join("a" if run.variant == base else "b" for run in runs if run.block in blocks)
        yield Recorded(
            tuple(sides[base][block] for block in blocks),
            tuple(sides[candidate][block] for block in blocks),
            f"{row.workload} {metric}",
            order if _in_block_order(runs, blocks) else "",
        )


def _in_block_order(runs: Sequence[_Run], blocks: Sequence[int]) -> bool:
    """True when each side's values in order of block are also in order of time, as `order` assumes."""
    kept = [run.block for run in runs if run.block in blocks]
    return kept == sorted(kept)


def _parquet(path: Path) -> list[Recorded]:
    import duckdb

    source = duckdb.read_parquet(str(path))
    label = "label" if "label" in source.columns else "''"
    rows = source.project(f"comparison, {label} AS label, side, position, value").order("comparison, label, position")
    gathered: dict[tuple[object, str], list[tuple[str, float]]] = {}
    for comparison, name, side, _, value in rows.fetchall():
        gathered.setdefault((comparison, name), []).append((side, value))
    return [
        Recorded(
            tuple(value for side, value in runs if side == "base"),
            tuple(value for side, value in runs if side == "candidate"),
            name,
            "".join("a" if side == "base" else "b" for side, _ in runs),
        )
        for (_, name), runs in gathered.items()
    ]
