"""How many page operations a second the simulated heap does on one core, against five million.

    python -m bench.page_oracle.speed

Spans of a size mix are allocated and freed at random through the page cache of one processor or past it. Time is
processor time of this process; nothing else is counted out.
"""

from __future__ import annotations

import time

import numpy as np

from whence.explain.simulator.pages import kernels_heap as heap_of
from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.compiling import kernel
from whence.explain.simulator.pages.for_release import heap_of_release
from whence.explain.simulator.pages.state import Heap
from whence.golang.versions import parse_version

WANTED = 5e6
OPERATIONS = 2_000_000
SMALL = (1, 1, 1, 1, 2, 3, 4, 5)
CASES = (
    ("small spans, cached, 18 MB", SMALL, 2_000, 0),
    ("small spans, uncached, 18 MB", SMALL, 2_000, -1),
    ("small spans, cached, 1.8 GB", SMALL, 200_000, 0),
    ("1 to 200 pages, 290 MB", (1, 1, 2, 4, 8, 16, 32, 64, 200), 2_000, 0),
    ("1 to 700 pages, 30 GB", (1, 16, 64, 512, 700), 30_000, 0),
)


@kernel
def churn(heap: Heap, operations: int, sizes: np.ndarray, slots: np.ndarray, seed: int, processor: int) -> None:
    """Frees the span of a random slot, or allocates one of a random size there."""
    dice = np.uint64(seed)
    for _ in range(operations):
        dice ^= dice << np.uint64(13)
        dice ^= dice >> np.uint64(7)
        dice ^= dice << np.uint64(17)
        slot = np.int64(dice % np.uint64(len(slots)))
        if slots[slot, 0] >= 0:
            heap_of.free_span(heap, slots[slot, 0], slots[slot, 1], False)
            slots[slot, 0] = -1
        else:
            count = sizes[np.int64((dice >> np.uint64(32)) % np.uint64(len(sizes)))]
            slots[slot, 0] = heap_of.allocate_span(heap, processor, count, False)[0]
            slots[slot, 1] = count


def main() -> None:
    for name, sizes, count, processor in CASES:
        heap = heap_of_release(parse_version("1.27.4"))
        slots, mix = np.full((count, 2), -1, np.int64), np.array(sizes)
        churn(heap, 3 * count, mix, slots, 7, processor)
        begun = time.process_time()
        churn(heap, OPERATIONS, mix, slots, 99, processor)
        speed = OPERATIONS / (time.process_time() - begun)
        held = heap.heap[at.IN_USE_BYTES] >> 20
        print(f"{name}: {speed / 1e6:.1f} M operations a second, {speed / WANTED:.2f} of 5 M; {held} MiB in use")


if __name__ == "__main__":
    main()
