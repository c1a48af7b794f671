"""The page heap of a release, empty and ready for the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.explain.simulator.pages import layout as at
from whence.explain.simulator.pages.kernels_older import OlderHeap, new_older_heap
from whence.explain.simulator.pages.state import Heap, new_heap
from whence.explain.simulator.versions.page_heaps import page_heap_row
from whence.explain.simulator.versions.scavengers import scavenger_row

if TYPE_CHECKING:
    from whence.golang.versions import Version

DEFAULT_CAPACITY_BYTES = 64 << 30


def heap_of_release(
    version: Version,
    *,
    processors: int = 1,
    memory_limit: int = at.NO_GOAL,
    capacity_bytes: int = DEFAULT_CAPACITY_BYTES,
    system_huge_pages: int = at.HUGE_WHERE_ADVISED,
) -> Heap:
    """Returns the page heap of a release from 1.14 on. `memory_limit` is GOMEMLIMIT in bytes.

    Memory for it is taken as it grows: about 240 bytes for each 4 MiB. Raises BadInput for other releases.
    """
    row = page_heap_row(version)
    if not row.bitmap:
        raise ValueError(f"Go {version.text} has no bitmap page heap; use older_heap_of_release.")
    return new_heap(
        scavenge_by=row.scavenge_by,
        growth_rule=row.growth_rule,
        huge_rule=row.huge_rule,
        lazy=row.lazy,
        processors=processors,
        capacity_bytes=capacity_bytes,
        memory_limit=memory_limit,
        system_huge_pages=system_huge_pages,
    )


def older_heap_of_release(version: Version, *, capacity_bytes: int = DEFAULT_CAPACITY_BYTES) -> OlderHeap:
    """Returns the page heap of a release up to 1.13. Its pages are those of the release, 4 KiB up to 1.2.

    Memory for it is taken as it grows: about 35 bytes a page. Raises BadInput for other releases.
    """
    row = page_heap_row(version)
    if row.bitmap:
        raise ValueError(f"Go {version.text} has a bitmap page heap; use heap_of_release.")
    return new_older_heap(
        placement=row.placement,
        list_count=row.list_count,
        page_bytes=row.page_bytes,
        grows_by_bytes=row.grows_by_bytes,
        from_arena=row.from_arena,
        fresh_is_scavenged=row.fresh_is_scavenged,
        growth_gives_back=scavenger_row(version).on_growth,
        capacity_bytes=capacity_bytes,
    )
