"""How many sampled events stand behind each record of a profile, and the variance that sampling gives its value.

The kinds of a Go runtime's profiles are sampled in three ways:

- CPU: a record of n samples has the value n × period; n is Poisson, so the variance is value² / n.
- heap and allocs: an object of S bytes is sampled with chance q = 1 − exp(−S / rate), and the record was divided by q
  when it was written. Of C objects written, n = C·q were sampled; the variance of C is n (1 − q) / q², that of the
  bytes S² times as much. At rate 1 everything is counted and the variance is 0.
- mutex and block: a record of n events sums their delays, which differ; delays spread as an exponential distribution
  does have the variance 2 value² / n.

Objects of up to 16 bytes without pointers share blocks of 16 bytes, and only the one that opens a block is recorded:
which site that is changes from run to run (`mallocgcTiny` in runtime/malloc.go). Records of 16 bytes are `restless`.

Other sample types are Poisson counts of themselves, or of the profile's first count where there is one.
Source for heap: `scaleHeapSample` in runtime/pprof/protomem.go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.readers.profile import Profile

Floats = NDArray[np.float64]

_TINY_BLOCK, _TINY_SPREAD = 16.0, 0.5


@dataclass(frozen=True, slots=True)
class RecordWeights:
    """Value and sampling variance (value²) of each record; `kind` says how it was sampled.

    `restless`: how much a record's value differs from run to run besides, relative to it; None where none does.
    """

    value: Floats
    variance: Floats
    kind: str
    restless: Floats | None = None


def weigh(profile: Profile, column: int) -> RecordWeights:
    """Returns the weights of every record of one sample type."""
    types = [kind.type for kind in profile.sample_types]
    value = profile.values[:, column].astype(np.float64)
    name = types[column]
    prefix, _, quantity = name.rpartition("_")
    if quantity in {"objects", "space"} and {f"{prefix}_objects", f"{prefix}_space"} <= set(types):
        return _heap(profile, value, types.index(f"{prefix}_objects"), types.index(f"{prefix}_space"))
    if name in {"delay", "contentions"} and "contentions" in types:
        count = profile.values[:, types.index("contentions")].astype(np.float64)
        spread = 2.0 if name == "delay" else 1.0
        return RecordWeights(value, spread * _squared_over(value, count), "events")
    counts = [i for i, kind in enumerate(profile.sample_types) if kind.unit == "count"]
    if counts:
        count = profile.values[:, counts[0]].astype(np.float64)
    elif profile.period > 0 and profile.period_type == profile.sample_types[column]:
        count = value / profile.period
    else:
        count = (value != 0).astype(np.float64)
    return RecordWeights(value, _squared_over(value, count), "samples")


def _heap(profile: Profile, value: Floats, objects_column: int, space_column: int) -> RecordWeights:
    objects = profile.values[:, objects_column].astype(np.float64)
    space = profile.values[:, space_column].astype(np.float64)
    size = np.divide(space, objects, out=np.zeros_like(space), where=objects > 0)
    rate = float(profile.period) if profile.period > 0 else 512.0 * 1024.0
    chance = np.ones_like(size) if rate <= 1 else -np.expm1(-size / rate)
    chance = np.clip(chance, 1e-9, 1.0)
    each = np.divide(value, objects, out=np.zeros_like(value), where=objects > 0)
    tiny = np.where(size == _TINY_BLOCK, _TINY_SPREAD, 0.0)
    return RecordWeights(value, each**2 * objects * (1.0 - chance) / chance, "heap", tiny)


def _squared_over(value: Floats, count: Floats) -> Floats:
    return np.divide(value**2, count, out=np.zeros_like(value), where=count > 0)
