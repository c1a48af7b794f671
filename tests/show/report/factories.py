"""Comparisons and runs made by hand: the demo's shape, and small ones that hold one thing each."""

from __future__ import annotations

import random

from whence.evidence.comparison import Comparison, Effect, GateResult, GeometricMean, HostReport, Plan, VariantResult
from whence.evidence.run import BlockEnd, JournalLine, Run, Sample, Session

BASE, BAD, FIXED, NEWER = "go=1.23.9", "go=1.24.3", "go=1.24.11", "go=1.25.5"
COMMAND = (
    "whence compare go=1.23.9 go=1.24.3 go=1.24.11 go=1.25.5 "
    "--subject 'workload:heapshape?shape=channel&size=32768' --seed 1"
)


def effect(**changes: object) -> Effect:
    """An effect on rss that is worse by 17.3 %, with `changes`."""
    fields: dict[str, object] = {
        "metric": "rss", "unit": "B", "base": "base", "candidate": "new", "base_value": 1e8, "candidate_value": 1.173e8,
        "ratio": 1.173, "low": 1.172, "high": 1.174, "verdict": "worse", "differs": True, "exact": False, "pairs": 10,
        "detectable": 0.002, "p": 0.002, "p_adjusted": 0.008, "margin": 0.01, "level": 0.951, "where": "kernel",
        "corrected_low": 1.1715, "corrected_high": 1.1745,
    }  # fmt: skip
    return Effect(**{**fields, **changes})  # type: ignore[arg-type]


def variant(name: str, **changes: object) -> VariantResult:
    fields: dict[str, object] = {
        "name": name, "spec": name, "go": name.removeprefix("go=") if name.startswith("go=") else "1.24.3",
        "binary_sha256": "5f" * 32, "outcomes": {"ok": 10, "exit": 0, "signal": 0, "oom": 0, "timeout": 0},
        "build_seconds": 8.25, "layouts": 10, "command": ("/cache/heapshape", "-size=32768"),
    }  # fmt: skip
    return VariantResult(**{**fields, **changes})  # type: ignore[arg-type]


def comparison(*effects: Effect, **changes: object) -> Comparison:
    """A comparison of `base` and `new` with the effects given."""
    fields: dict[str, object] = {
        "subject": "./cmd/server", "seed": 1, "effects": effects or (effect(),),
        "variants": (variant("base"), variant("new")),
        "host": HostReport(cpus=2, calibration={"memory": 0.002, "cpu": 0.04}),
        "command": "whence compare base:go=1.23.9 new:go=1.24.3 --subject ./cmd/server --seed 1",
        "counted_runs": 20, "whence_version": "0.1.0", "started_at": 1.79e9, "finished_at": 1.79e9 + 52,
    }  # fmt: skip
    return Comparison(**{**fields, **changes})  # type: ignore[arg-type]


def _three(
    metric: str, unit: str, base_value: float, rows: tuple[tuple[str, float, float, float, str], ...], **more: object
) -> list[Effect]:
    return [
        effect(
            metric=metric, unit=unit, base=BASE, candidate=candidate, base_value=base_value,
            candidate_value=base_value * ratio, ratio=ratio, low=low, high=high, verdict=verdict,
            differs=verdict in {"worse", "better"}, corrected_low=low - 0.002, corrected_high=high + 0.002, **more,
        )
        for candidate, ratio, low, high, verdict in rows
    ]  # fmt: skip


def demo(**changes: object) -> Comparison:
    """The first thing a newcomer sees: 3.47 × the memory under go1.24.3, back to normal later, unseen by Go itself."""
    aa = "go=1.23.9 again"
    rss = _three("rss", "B", 84.1e6, (
        (BAD, 3.467, 3.463, 3.471, "worse"), (FIXED, 1.001, 0.997, 1.004, "equivalent"),
        (NEWER, 1.002, 0.995, 1.008, "equivalent"), (aa, 1.0001, 0.9991, 1.0010, "equivalent"),
    ))  # fmt: skip
    peak = _three("rss-peak", "B", 86.9e6, (
        (BAD, 3.391, 3.385, 3.396, "worse"), (FIXED, 1.001, 0.997, 1.005, "equivalent"),
        (NEWER, 1.001, 0.995, 1.007, "equivalent"), (aa, 0.9998, 0.9990, 1.0007, "equivalent"),
    ))  # fmt: skip
    cpu = _three("cpu", "s", 0.212, (
        (BAD, 1.29, 1.25, 1.33, "worse"), (FIXED, 1.01, 0.97, 1.05, "undetermined"),
        (NEWER, 0.99, 0.95, 1.03, "undetermined"), (aa, 1.00, 0.985, 1.015, "equivalent"),
    ), margin=0.03, pairs_needed=34)  # fmt: skip
    wall = _three("wall", "s", 0.405, (
        (BAD, 1.21, 1.18, 1.25, "worse"), (FIXED, 1.00, 0.98, 1.02, "equivalent"),
        (NEWER, 0.94, 0.92, 0.955, "better"), (aa, 1.00, 0.99, 1.01, "equivalent"),
    ), margin=0.03)  # fmt: skip
    own = _three("runtime-total", "B", 297.2e6, (
        (BAD, 1.0001, 0.9992, 1.0009, "equivalent"), (FIXED, 1.0, 0.999, 1.001, "equivalent"),
        (NEWER, 1.001, 0.999, 1.002, "equivalent"),
    ), where="runtime")  # fmt: skip
    anon = _three("rss-anon", "B", 81.0e6, (
        (BAD, 3.561, 3.556, 3.566, "worse"), (FIXED, 1.001, 0.997, 1.004, "equivalent"),
        (NEWER, 1.002, 0.995, 1.008, "equivalent"),
    ), family="listed")  # fmt: skip
    names = (BASE, BAD, FIXED, NEWER, aa)
    fields: dict[str, object] = {
        "subject": "workload:heapshape?shape=channel&size=32768",
        "effects": tuple(rss + peak + cpu + wall), "listed": tuple(anon + own),
        "variants": tuple(variant(name) for name in names),
        "host": HostReport(
            cpus=2, calibration={"median_spin_s": 0.0203, "memory_sees": 0.002, "cpu_sees": 0.04},
            warnings=("the host's other work took up to 18 % of a CPU during 3 runs",), name="build-7",
            kernel="Linux 6.18.0", cpu_model="Intel Xeon Platinum 8481C",
        ),
        "notes": ("cpu: calibration ran 1.3 × its median beside block 4, which was run again",),
        "plan": Plan(
            seed=1, variants=names, pairs=10, metrics=("rss", "rss-peak", "cpu", "wall"), layouts=10,
            order=tuple(tuple(random.Random(block).sample(range(5), 5)) for block in range(10)),
            price_builds=4, price_links=36, price_runs=55, price_seconds=61.0,
        ),
        "aa_variant": aa, "command": COMMAND, "counted_runs": 50, "repeated_blocks": 1,
    }  # fmt: skip
    return comparison(**{**fields, **changes})


def benchmarks(count: int = 6, **changes: object) -> Comparison:
    """Several benchmarks with two units each, as `bench:` subjects have."""
    effects: list[Effect] = []
    for index in range(count):
        scale = 10.0 ** (index % 7)
        name = f"Decode/size={10**index if index < 7 else index}"
        ratio = 1.0 + 0.04 * (index % 4 - 1)
        verdict = ("better", "equivalent", "worse", "worse")[index % 4]
        effects.append(effect(
            metric="ns/op", unit="ns/op", benchmark=name, base_value=120.0 * scale,
            candidate_value=120.0 * scale * ratio, ratio=ratio, low=ratio - 0.01, high=ratio + 0.01,
            verdict=verdict, margin=0.03, where="program",
        ))  # fmt: skip
        effects.append(effect(
            metric="allocs/op", unit="allocs/op", benchmark=name, base_value=index,
            candidate_value=index, ratio=1.0 if index else None, low=1.0 if index else None,
            high=1.0 if index else None, verdict="equivalent", exact=True, p=None, p_adjusted=None, margin=0.0,
            differs=False, where="program",
        ))  # fmt: skip
    means = (GeometricMean(unit="ns/op", candidate="new", ratio=1.0196, benchmarks=count),)
    return comparison(*effects, **{"geometric_means": means, "subject": "bench:./codec", **changes})


def gate(outcome: str = "broken", **changes: object) -> GateResult:
    fields: dict[str, object] = {
        "rule": "rss<=+5%", "metric": "rss", "candidate": "new", "bound": 1.172, "outcome": outcome, "limit": 1.05,
    }  # fmt: skip
    return GateResult(**{**fields, **changes})  # type: ignore[arg-type]


def journal(of: Comparison, *, blocks: int = 10, seed: int = 1, repeated: int = 1) -> list[JournalLine]:
    """The lines of a run directory that could have led to `of`: warm-ups, counted blocks, one repeated block."""
    draw = random.Random(seed)
    names = [v.name for v in of.variants]
    found: list[JournalLine] = [Session(started_at=1.79e9, host_name="build-7")]
    clock = 1.79e9
    values = _values(of)

    def one(kind: str, name: str, block: int, attempt: int, position: int, slow: float = 1.0) -> Run:
        nonlocal clock
        seconds = 0.4 * slow * draw.uniform(0.97, 1.05)
        clock += seconds + 0.06
        rss = values.get(("rss", name), 1e8) * draw.gauss(1, 0.001)
        samples = [
            Sample("rss", rss, "B"), Sample("rss-peak", rss * 1.02, "B"), Sample("rss-anon", rss * 0.965, "B"),
            Sample("rss-file", rss * 0.035, "B"), Sample("rss-lazyfree", rss * 0.01, "B"),
            Sample("cpu", values.get(("cpu", name), 0.2) * slow * draw.gauss(1, 0.02), "s"),
            Sample("wall", seconds, "s"), Sample("runtime-total", 297.2e6 * draw.gauss(1, 0.0005), "B"),
        ]  # fmt: skip
        steps = 9
        timeline = tuple((seconds * i / (steps - 1), rss * min(1.0, 0.15 + i / 6)) for i in range(steps))
        return Run(
            id=f"b{block:04d}a{attempt}p{position}" if kind == "counted" else f"{kind}-{position}", kind=kind,  # type: ignore[arg-type]
            variant=name, block=block, attempt=attempt, position=position, started_at=clock, seconds=seconds,
            outcome="ok", layout_seed=1000 + block, binary_sha256="5f" * 32, host_name="build-7",
            calibration_before_s=0.0203 * slow * draw.uniform(0.99, 1.03),
            calibration_after_s=0.0203 * slow * draw.uniform(0.99, 1.03),
            host={"psi_cpu_some_s": draw.uniform(0, 0.02), "run_delay_s": draw.uniform(0, 0.01), "major_faults": 0.0},
            samples=tuple(samples), timeline=timeline, command=(f"/cache/{name}/heapshape", "-size=32768"),
            environment={"GOGC": "100"},
        )  # fmt: skip

    for position, name in enumerate(names):
        found.append(one("warmup", name, -1, 0, position))
    for block in range(blocks):
        order = draw.sample(names, len(names))
        again = block == 4 and repeated
        for attempt in range(2 if again else 1):
            slow = 1.4 if again and attempt == 0 else 1.0
            found += [one("counted", name, block, attempt, p, slow) for p, name in enumerate(order)]
            status = "repeat" if again and attempt == 0 else "complete"
            found.append(BlockEnd(block=block, attempt=attempt, status=status, reason="spin 1.4 × the median"))  # type: ignore[arg-type]
    return found


def _values(of: Comparison) -> dict[tuple[str, str], float]:
    values: dict[tuple[str, str], float] = {}
    for found in of.effects:
        values[(found.metric, found.candidate)] = found.candidate_value or 0.0
        values[(found.metric, found.base)] = found.base_value or 0.0
    return values
