"""Where each number of a page heap stands in its arrays.

Pages are 8 KiB; a chunk is 512 of them (4 MiB), an arena 64 MiB. Page and chunk numbers count from the base of the
first arena, so that a heap is the same wherever the system put it. The constants are those of runtime/mpagealloc.go
and runtime/malloc.go of Go 1.14 to 1.27 on 64-bit Linux.
"""

from __future__ import annotations

PAGE_BYTES = 8192
PHYSICAL_PAGE_BYTES = 4096
CHUNK_PAGES = 512
CHUNK_BYTES = CHUNK_PAGES * PAGE_BYTES
ARENA_PAGES = 8192
WORDS_PER_CHUNK = 8
"""64-bit words of one bitmap of a chunk."""
STRIDE = 2 * WORDS_PER_CHUNK
"""Words of a chunk: first those of the allocated pages, then those of the scavenged ones."""
CACHE_PAGES = 64
"""Pages that a processor's page cache covers (runtime/mpagecache.go, pageCachePages)."""
CACHED_BELOW_PAGES = CACHE_PAGES // 4
"""Requests of fewer pages than this try the processor's cache first (runtime/mheap.go, allocSpan)."""
HUGE_PAGE_PAGES = 256
"""Pages of a transparent huge page of 2 MiB."""

LEVELS = 5
LEVEL_SHIFT = 3
"""Logarithm of the summaries that one summary of the level above covers."""
TOP_COVERS_CHUNKS = 4096
SUM_BITS = 21
"""Bits of each of the three numbers of a packed summary (logMaxPackedValue)."""

NOWHERE = 1 << 60
"""A page number beyond every heap: the search address when nothing is free."""

# Fields of a chunk (array `chunks`, CHUNK_FIELDS numbers a chunk).
IN_USE = 0
LAST_IN_USE = 1
GENERATION = 2
FLAGS = 3
CHUNK_FIELDS = 4

HAS_FREE = 1
NO_HUGE_PAGE = 2
MAPPED = 4

DENSE_PAGES = 496
"""A chunk with this many pages in use is spared: 96.875 % (mgcscavenge.go, scavChunkHiOccPages)."""

# Slots of `state`.
SEARCH = 0
START = 1
END = 2
"""Chunks of the heap: from START up to, not including, END. START is -1 while there are none."""
RANGES = 3
TOTAL_CHUNKS = 4
LEVEL_BASE = 5
"""Five slots: where each level of summaries begins."""
CAPACITY_CHUNKS = 10
CURSOR_BACKGROUND = 11
CURSOR_FORCED = 12
"""Cursors of the scavenge index as the runtime packs them: 0 nothing, page + 1, or -(page + 1) when marked."""
FREE_HIGH = 13
SCAVENGED_LOW = 14
CURRENT_GENERATION = 15
RESERVED = 16
"""Ranges still to be looked through by the reservation scavenger of 1.15 to 1.18."""
RESERVATION_BYTES = 17
SCAVENGE_ADDRESS = 18
"""Byte at which the 1.14 scavenger goes on, downwards."""
HUGE_PAGE = 19
"""Pages of a huge page, 0 where the system has none."""
TOUCHED_PAGES = 20
"""Pages that hold memory of the system."""
LAZY = 21
"""1 where released pages stay until the system needs them (MADV_FREE)."""
HUGE_RULE = 22
SYSTEM_HUGE_PAGES = 23
COLLAPSES = 24
"""Chunks that the runtime has asked to be made of huge pages at once (MADV_COLLAPSE)."""
STATE_SLOTS = 28

# What a release tells the system about huge pages (HUGE_RULE).
HUGE_NOTHING = 0
"""1.21.4 and later."""
HUGE_SPLIT = 1
"""1.6 to 1.20: none at the two ends of what is released, some again within what is reused."""
HUGE_CHUNKS = 2
"""1.21.0: wanted in new chunks and in those that become dense, unwanted in a chunk that is scavenged."""
HUGE_COLLAPSE = 3
"""1.21.1 to 1.21.3: a chunk that becomes dense is made of huge pages at once."""

# How the system is set (SYSTEM_HUGE_PAGES; /sys/kernel/mm/transparent_hugepage/enabled).
HUGE_NEVER = 0
HUGE_WHERE_ADVISED = 1
HUGE_ALWAYS = 2

# Advice in force for 2 MiB (array `advice`).
NO_ADVICE = 0
WANTED = 1
UNWANTED = 2

# Slots of `heap`, the accounts of the whole heap; sizes in bytes, places in pages.
CURRENT_BASE = 0
CURRENT_END = 1
"""What is reserved and not yet part of the heap (mheap.curArena)."""
NEXT_ARENA = 2
IN_USE_BYTES = 3
"""Spans of objects (gcController.heapInUse)."""
MANUAL_BYTES = 4
"""Spans of stacks and of the collector's work."""
FREE_BYTES = 5
"""Free pages that are not scavenged (gcController.heapFree)."""
RELEASED_BYTES = 6
OTHER_READY_BYTES = 7
"""Memory of the runtime outside the heap, set by the caller; counts against the memory limit."""
PERCENT_GOAL = 8
LIMIT_GOAL = 9
"""Bytes to retain and to keep mapped at most (scavenge.gcPercentGoal, memoryLimitGoal); NO_GOAL for none."""
MEMORY_LIMIT = 10
LIMITING = 11
"""1 while the limiter of the collector's processor time is on: nobody scavenges for a limit then."""
RELEASED_BACKGROUND = 12
RELEASED_EAGERLY = 13
SCAVENGE_BY = 14
GROWTH_RULE = 15
FIRST_CHUNK = 16
PADDING_PAGES = 17
"""Where a randomised heap of 1.26 and later begins in its first arena; 0 where it is not."""
HEAP_SLOTS = 20
NO_GOAL = (1 << 63) - 1

# When growth makes the allocating goroutine scavenge (GROWTH_RULE).
GROWTH_BEFORE = 0
"""1.14 to 1.17: while the heap grows, before anything is allocated of the new memory."""
GROWTH_AFTER = 1
"""1.18: after the pages are allocated."""
GROWTH_AND_LIMIT = 2
"""1.19 to 1.27: as 1.18, and also where the allocation would cross the memory limit."""

# How pages are chosen to go back (SCAVENGE_BY; `kernels_scavenge`).
BY_ADDRESS = 0
BY_RESERVATION = 1
BY_BITS_WHOLE = 2
BY_BITS = 3
BY_DENSITY = 4

# How an older heap places spans (`kernels_older`).
LISTS = 0
"""1.0 to 1.8: lists by size, then the best fit of the large ones."""
LISTS_AND_TREAP = 1
"""1.9 to 1.11: the same, large spans in a tree that may overlook the best one."""
TWO_TREAPS = 2
"""1.12: the best fit, scavenged and unscavenged spans apart."""
ADDRESS_TREAP = 3
"""1.13: the first fit by address."""
