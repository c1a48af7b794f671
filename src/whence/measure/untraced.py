"""Times from runs that were not held at their exit, when holding them shows in the times.

Memory is read while a process is stopped at its exit. Where that costs CPU beyond doubt (measured in the pilot), every
block runs each variant twice: held, for memory, and left alone, for times. The second run goes by a name of its own in
plan and journal and is put together with the first before anything is judged. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from whence.evidence.metric import BUILT_IN, Metric, layout_sensitive
from whence.evidence.run import Run, Sample

SUFFIX = " · times"


def twin_name(variant: str) -> str:
    """Returns the name under which a variant's runs without the exit stop are planned and stored."""
    return variant + SUFFIX


def is_twin(variant: str) -> bool:
    return variant.endswith(SUFFIX)


def is_time(sample: Sample) -> bool:
    unit = sample.metric
    return layout_sensitive(BUILT_IN.get(unit) or Metric(name=unit, unit=unit))


def merged(runs: Sequence[Run]) -> list[Run]:
    """Returns one run a variant and block: memory of the held one, times of its twin; the worse outcome of the two."""
    twins = {(r.variant.removesuffix(SUFFIX), r.block, r.attempt): r for r in runs if is_twin(r.variant)}
    if not twins:
        return list(runs)
    return [_merge(r, twins.get((r.variant, r.block, r.attempt))) for r in runs if not is_twin(r.variant)]


def _merge(held: Run, alone: Run | None) -> Run:
    memory = tuple(s for s in held.samples if not is_time(s))
    if alone is None or not alone.ok:
        failed = alone if alone is not None else held
        return msgspec.structs.replace(
            held,
            samples=memory,
            outcome=failed.outcome,
            exit_code=failed.exit_code,
            signal=failed.signal,
            message=failed.message,
        )
    return msgspec.structs.replace(held, samples=memory + tuple(s for s in alone.samples if is_time(s)))
