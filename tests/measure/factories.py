"""Runs, plans and journals made by hand, for tests of what is concluded from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whence.evidence.comparison import Plan, VariantResult
from whence.evidence.metric import BUILT_IN
from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, JournalLine, Run, Sample, Session
from whence.measure.lab.plan import make_plan

Values = Mapping[str, float]
"""`rss` or `BENCHMARK:UNIT` to a value."""


def samples(values: Values) -> tuple[Sample, ...]:
    found: list[Sample] = []
    for name, value in values.items():
        benchmark, colon, unit = name.rpartition(":")
        if colon:
            found.append(Sample(unit, value, unit, benchmark))
        else:
            found.append(Sample(name, value, BUILT_IN[name].unit))
    return tuple(found)


def run(variant: str, block: int = 0, values: Values | None = None, **changes: object) -> Run:
    """A counted run that ended well, with these values."""
    fields: dict[str, object] = {
        "id": f"{variant}-{block}", "kind": "counted", "variant": variant, "block": block, "started_at": 1e9 + block,
        "seconds": 0.4, "outcome": "ok", "samples": samples(values or {}),
    }  # fmt: skip
    return Run(**{**fields, **changes})  # type: ignore[arg-type]


def runs(columns: Mapping[str, Sequence[Values]]) -> list[Run]:
    """One run a variant and block."""
    return [run(name, block, values) for name, column in columns.items() for block, values in enumerate(column)]


def journal(of: Sequence[Run], **end: object) -> list[JournalLine]:
    """The lines of one session in which every block of these runs was completed."""
    lines: list[JournalLine] = [Session(started_at=1e9, host_name="host")]
    for block in sorted({r.block for r in of}):
        lines += [r for r in of if r.block == block]
        lines.append(BlockEnd(**{"block": block, "attempt": 0, "status": "complete", **end}))  # type: ignore[arg-type]
    return lines


def variant(name: str, **changes: object) -> VariantResult:
    fields: dict[str, object] = {"name": name, "spec": name, "go": "1.26.0", "binary_sha256": "aa", "outcomes": {}}
    return VariantResult(**{**fields, **changes})  # type: ignore[arg-type]


def plan(*names: str, pairs: int = 8, metrics: Sequence[str] = ("rss",), **changes: object) -> Plan:
    import msgspec

    made = make_plan(variants=names, pairs=pairs, seed=1, metrics=metrics)
    built = tuple(variant(name) for name in names)
    return msgspec.structs.replace(made, **{"built": built, **changes})


def request(*variants: str, **changes: object) -> Request:
    fields: dict[str, object] = {"variants": variants or ("base:", "new:GOGC=50"), "subject": "./hold"}
    return Request(**{**fields, **changes})  # type: ignore[arg-type]
