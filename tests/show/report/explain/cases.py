"""Explanations to draw: one JSON file a shape, and what is made of them by hand."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from whence.evidence.attribution import Attribution, Cause, RejectedRemedy, Remedy
from whence.evidence.run import JournalLine, Run, Sample

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in (FOLDER / "fixtures").glob("*.json")))
NASTY = """</script><script>alert(1)</script><img src=x onerror=alert(2)> " ' ` <!-- href=//evil.example @import"""


def load(name: str) -> Attribution:
    return msgspec.json.decode((FOLDER / "fixtures" / f"{name}.json").read_bytes(), type=Attribution)


def every() -> list[Attribution]:
    return [load(name) for name in NAMES]


def changed(attribution: Attribution, **fields: object) -> Attribution:
    return msgspec.structs.replace(attribution, **fields)


def cause(name: str, share: float | None, half: float | None = 0.002, **fields: object) -> Cause:
    ends = (None, None) if share is None or half is None else (share - half, share + half)
    return Cause(**{"kind": "toggle", "name": name, "share": share, "low": ends[0], "high": ends[1], **fields})  # type: ignore[arg-type]


def nasty(text: str = NASTY) -> Attribution:
    """Every free text of an explanation is `text`."""
    heap = load("switches")
    return changed(
        heap,
        subject=text, metric=text, unit=text, base=text, candidate=text, command=text, commands=(text,), story=text,
        takes=text, notes=(text,), introduced_in=text, fixed_in=text, whence_version=text,
        causes=(
            *heap.causes, cause(text, 0.0, setting=text, evidence=(text,), entangled_with=(text,)),
            cause(f"{text}:f:1", 0.0, kind="source", part_of=text),
        ),
        depends_on=tuple(
            msgspec.structs.replace(
                d, parameter=text, points=tuple(msgspec.structs.replace(p, value=text) for p in d.points)
            )
            for d in heap.depends_on
        ),
        remedies=(Remedy(change=text, measured=True, ratio=1.0, low=0.9, high=1.1, why=text, price={text: 2.0}),),
        rejected_remedies=(RejectedRemedy(change=text, why=text),),
    )  # fmt: skip


def journals(attribution: Attribution, stages: int = 3, runs: int = 20) -> dict[str, tuple[JournalLine, ...]]:
    """Runs of a few stages, base and candidate by turns; one run in seven failed."""
    chance = random.Random(1)
    found: dict[str, tuple[JournalLine, ...]] = {}
    for number in range(stages):
        found[f"stage-{number}"] = tuple(
            Run(
                id=f"s{number}r{i}", kind="counted", variant=("base", "candidate#3")[i % 2], block=i // 2,
                started_at=1e9 + i, seconds=0.5, outcome="exit" if i % 7 == 6 else "ok",
                samples=(Sample(attribution.metric, 1e8 * (1 + i % 2) * chance.uniform(0.98, 1.02), attribution.unit),),
            )
            for i in range(runs)
        )  # fmt: skip
    return found
