"""Journal lines of a lineage that was never measured."""

from __future__ import annotations

from whence.evidence.run import BlockEnd, JournalLine, Run, Sample, Session


def run(variant: str, block: int, samples: dict[str, float], *, spin: float = 0.02, outcome: str = "ok") -> Run:
    return Run(
        id=f"{variant}-{block}",
        kind="counted",
        variant=variant,
        block=block,
        started_at=0.0,
        seconds=1.0,
        outcome=outcome,  # type: ignore[arg-type]
        samples=tuple(Sample(name, value, name) for name, value in samples.items()),
        calibration_before_s=0.02,
        calibration_after_s=spin,
        binary_sha256="ab" * 32,
    )


def blocks(version: str, costs: list[float], pauses: list[float]) -> list[JournalLine]:
    """Returns complete blocks in which an allocation of 64 bytes cost so many ns and the largest pause was so long."""
    lines: list[JournalLine] = [Session(started_at=0.0, host_name="h", calibration={"spread": 0.1, "median_s": 0.02})]
    for block, (cost, pause) in enumerate(zip(costs, pauses, strict=True)):
        lines.append(run(f"{version} cost", block, {"alloc-64-ns": cost}))
        lines.append(run(f"{version} load", block, {"pause-max-ns": pause, "gc-cpu-ns": 3e8, "load-ns": 3e9}))
        lines.append(BlockEnd(block=block, attempt=0, status="complete"))
    return lines


def waited(version: str, **samples: float) -> Run:
    told = {"rss-before": 212e6, "rss-after": 12e6, "rss-peak": 213e6, "lazy-free-most": 0.0, "waited": 20.0}
    return run(version, 0, told | {name.replace("_", "-"): value for name, value in samples.items()})
