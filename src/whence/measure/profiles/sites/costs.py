"""What a place costs the collector, how long its objects live, and what would vanish: models, said as such."""

from __future__ import annotations

from whence.evidence.profile_sites import GcCost, Lifetime, Range, Saving
from whence.measure.profiles.sites.growth import Chain

GC_MODEL = (
    "A cycle begins when the heap has grown by a set amount, so a place brings it nearer by its share of all bytes "
    "allocated; the collector looks into what is in use and may hold pointers, so a place adds at most its share of "
    "the bytes in use, and nothing where its types have no pointers."
)


def gc_cost(bytes_share: Range, live_share: Range | None, pointer_part: float | None) -> GcCost:
    """Returns the cost of a place. `pointer_part`: of its slots what may hold pointers, None where no type is known."""
    if live_share is None:
        return GcCost(cycles_share=bytes_share)
    if pointer_part is None:
        scan = Range(value=live_share.value / 2, low=0.0, high=live_share.high)
    else:
        # Others may hold fewer pointers or more; a share of pointerful bytes is not known better than this.
        scan = Range(
            value=live_share.value * pointer_part, low=0.0 if pointer_part < 1 else live_share.low, high=live_share.high
        )
        scan = Range(value=0.0, low=0.0, high=0.0) if pointer_part == 0 else scan
    return GcCost(cycles_share=bytes_share, scan_share=scan)


def lifetime_in_use(objects: Range, live: Range, duration_ns: int) -> Lifetime | None:
    """Returns the mean lifetime by Little's law: in use = made in a second × seconds that each lives."""
    if objects.value <= 0:
        return None
    part = min(live.value / objects.value, 1.0)
    return Lifetime(source="in use", mean_of_run=part, mean_ns=part * duration_ns if duration_ns > 0 else None)


def saving(objects: Range, live: Range, processors: int, chains: list[Chain], recorded: float, seen: bool) -> Saving:
    """Returns what pooling and preallocating would spare, as fractions of the place's objects.

    `chains`: growing slices among its stacks; `seen`: their `growslice` frame is in the profile, so they are no guess.
    """
    most = max(objects.value, 1.0)
    high = max(1 - processors / most, 0.0)
    low = max(1 - max(live.high, processors) / max(objects.low, 1.0), 0.0)
    value = max(1 - max(live.value, processors) / most, 0.0)
    pooled = Range(value=min(max(value, low), high), low=min(low, high), high=high)
    if not chains or recorded <= 0:
        return Saving(pooled=pooled)
    spared = sum(chain.objects - chain.remaining for chain in chains) / recorded
    spared = min(max(spared, 0.0), 1.0)
    return Saving(pooled=pooled, preallocated=Range(value=spared, low=spared if seen else 0.0, high=spared))
