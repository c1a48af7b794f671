"""Where each number of the allocator of small and large objects stands in its arrays.

Spans are numbered as they are made, and numbers of freed ones are used again; pages count from the base of the first
arena, addresses are in words of 8 bytes from there. A bit index names a slot: 64 × (place of its word) + its bit.
"""

from __future__ import annotations

WORD_BYTES = 8
PAGE_WORDS = 1024
SPAN_CLASSES = 136
"""Size classes × 2, room for the largest table; odd ones hold objects without pointers."""
RECLAIM_PAGES = 512
"""Pages that an allocator in search of free ones looks through at once (runtime/mheap.go, pagesPerReclaimerChunk)."""
SWEEP_BATCH = 10
"""Spans that the background sweeper sweeps before it lets others run (runtime/mgcsweep.go, sweepBatchSize)."""
SPAN_BUDGET = 100
"""Spans that a refill tries before it takes fresh pages (runtime/mcentral.go, spanBudget)."""

# Fields of a span (array `spans`, one row a span).
PAGE = 0
PAGES = 1
SPAN_CLASS = 2
SLOT_BYTES = 3
SLOTS = 4
BITS = 5
"""Place of its first bitmap word: words of allocated slots lie at even places, those of dead ones behind each."""
BITS_END = 6
USED = 7
"""Slots allocated, true while the span is not cached (mspan.allocCount)."""
SWEEP_GENERATION = 8
"""As in the runtime: heap's less 2 unswept, less 1 being swept, equal swept, plus 1 cached before the sweep began,
plus 3 cached."""
STATE = 9
NEXT = 10
NEEDS_ZERO = 11
PREVIOUS = 12
QUEUE = 13
"""The list it is in, -1 for none."""
PAGE_MARKED = 14
"""Sweep generation in which its page counts as marked because something was allocated in it while marking went on."""
SPAN_FIELDS = 16
SEEN_UNMARKED = -1
"""PAGE_MARKED of a span that a recording shows to have been swept by a search for pages."""

FREE = 0
IN_USE = 1

# Fields of a processor's cache, one row for each span class (array `caches`).
FREE_BITS = 0
"""Slots of the current word that can still be handed out."""
CACHED_SPAN = 1
"""-1: none."""
PLACE = 2
PLACE_END = 3
BASE = 4
"""Address of the slot of bit 0 of the current word, in words."""
SLOT_WORDS = 5
USED_BEFORE = 6
"""Slots of the span that were allocated when it was cached."""
USED_AT_MARKING = 7
"""The same when marking began, or the span was cached while it went on."""
CACHE_FIELDS = 8

# Lists of the spans of a class (array `queues`: head and tail each), two of either kind that take turns.
PARTIAL = 0
FULL = 2
LISTS = 4

# Slots of `state`.
GENERATION = 0
SWEEP_CLASS = 1
"""2 × span class + (0 full, 1 partial) at which the sweeper goes on; SWEEP_DONE behind the last."""
DRAINED = 2
RECLAIM_INDEX = 3
RECLAIM_CREDIT = 4
RECLAIM_END = 5
HEAP_LIVE = 6
PAGES_IN_USE = 7
PAGES_SWEPT = 8
FREE_SPANS = 9
"""First of the span numbers that can be used again, linked through NEXT; -1 for none."""
MARKING = 10
"""1 from the beginning of a collection to its `start_sweep`."""
NEXT_SPAN = 11
NEXT_BITS = 12
ALLOCATED_BYTES = 13
"""Bytes of slots handed out, without those of spans that are cached now."""
DEAD_BYTES = 14
MARKED_BYTES = 15
"""Bytes that the last collection found alive."""
SPANS_IN_USE = 16
LAST_SWEPT = 17
SWEEP_LIVE_BASIS = 18
SWEEP_PAGES_BASIS = 19
PROCESSORS = 20
COLLECTIONS = 21
REFILLS = 22
FREED_OBJECTS = 23
LARGE_OBJECTS = 24
MANUAL_PAGES = 25
MARKED_TWICE_BYTES = 26
"""Bytes of objects with pointers and a finalizer: marking counts what it scans for the finalizer, and the object once
more (runtime/mgcmark.go, markrootSpans and scanobject)."""
FREE_BLOCKS = 32
"""16 slots: first free block of bitmaps of 1 to 16 words of slots; 0 for none (place 0 is never given out)."""
STATE_SLOTS = 64

SWEEP_DONE = 2 * SPAN_CLASSES

# Slots of `numbers` (float64).
SWEEP_PAGES_PER_BYTE = 0
RECORDED_PACE = 1
"""The same while a recording says when spans are swept."""
NUMBER_SLOTS = 4

# Columns of `classes`, one row a span class.
CLASS_SLOT_BYTES = 0
CLASS_PAGES = 1
CLASS_SLOTS = 2
CLASS_WORDS = 3
CLASS_UNMARKED_UP_TO = 4
"""Live objects up to which marking leaves the mark of a span's page alone, so that a search for free pages sweeps the
span: with Green Tea any number where slots have inline mark bits and no pointers, one where they have pointers; with
pointers more of them do so, too, if each was found when no other of the span waited to be scanned
(runtime/mgcmark_greenteagc.go, tryDeferToSpanScan and scanSpan)."""
CLASS_FIELDS = 5

# What an allocation reports beside its slot.
REFILLED = 1
"""The processor's cache got another span; only then is a collection's trigger tested (1.5 and later)."""
GREW = 2
"""That span was made of fresh pages."""
LARGE = 4
