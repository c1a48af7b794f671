"""Where each number of a simulated process stands: the settings of a run, its state, and the columns it records."""

from __future__ import annotations

# Settings of a run (array `settings`, float64). Bytes, nanoseconds, cores.
PROCESSORS = 0
CPUS = 1
RUN_DELAY_NS = 2
"""Mean wait of a woken thread for a CPU."""
OWN_SHARE = 3
"""Cores that the program takes beside allocating, for one second of its own time."""
GOROUTINES = 4
END_NS = 5
PROGRAM_NS = 6
"""The program's own time at which it is done."""
SEED = 7
ALLOCATE_NS = 8
ALLOCATE_BYTE_NS = 9
MARK_OBJECT_NS = 10
MARK_BYTE_NS = 11
SWEEP_PAGE_NS = 12
RELEASE_PAGE_NS = 13
FAULT_PAGE_NS = 14
PAUSE_NS = 15
CYCLE_NS = 16
BASE_RESIDENT = 17
"""Resident beside the heap."""
BASE_READY = 18
"""Counted by the memory limit beside heap and stacks."""
SPAN_METADATA = 19
BITMAP_SHARE = 20
BASE_LIVE = 21
GLOBALS = 22
STACKS = 23
STACKS_IN_USE = 24
SCAN_SHARE = 25
CACHED_BYTES = 26
MIXING = 27
"""Factor of the slots that share the fate of a span, 1 where nothing better is known."""
MEMORY_LIMIT = 28
CONTAINER = 29
"""memory.max; 0 for none."""
LAZY = 30
SPARES_DENSE = 31
SCAVENGE_GOAL = 32
"""scavenger.rules: NOTHING, IDLE_SPANS, NEXT_COLLECTION, IN_USE."""
LIMIT_RULE = 33
TICK_NS = 34
IDLE_NS = 35
EAGER = 36
GROWTH_GIVES_BACK = 37
SAMPLE_NS = 38
LIVE_BY_SPAN = 39
CONCURRENT = 40
"""1.5 and later: marking runs beside the program."""
FORCED_NS = 41
"""Time without a collection after which one is forced; 0: never."""
FOUR_KIB_RESTS = 42
"""1.13 to 1.17: bytes a nanosecond that the background scavenger gives back; 0: it has the controller of 1.18."""
SLICE_NS = 43
"""How long a goroutine runs before it is made to let a mark worker run (forcePreemptNS)."""
LATENCY_NS = 44
"""Least time of a marking phase: its workers are woken, every processor agrees that it is over."""
UNIT_BYTES = 45
"""What is allocated between two tests of the trigger: a span that a cache is refilled with, or a large object."""
CLOSED = 46
"""1: the program runs as fast as it can, 0: it is paced by its own time."""
PAGE_FACTOR = 47
"""Bytes of spans for each byte of slots: ends of spans that no slot fits in, bitmaps in spans."""
BASE_SPANS = 48
MIXES = 49
"""Kinds of spans that replaced objects lie in, by their number of slots. From MIX on three numbers each: slots of a
span, share of the allocated bytes, share of the live bytes."""
MIX = 52
MOST_MIXES = 32
SETTINGS = MIX + 3 * MOST_MIXES

# State (array `x`, float64).
NOW = 0
OWN = 1
"""The program's own time."""
KEPT_BYTES = 2
"""Spans of objects that lie by themselves."""
MIXED_BYTES = 3
"""Spans of objects that are replaced all the time, holes included."""
HOLES = 4
FREE_FRESH = 5
"""Free pages still held, freed by the last collection."""
FREE_OLD = 6
LAZILY_HELD = 7
"""Given back, but resident until the system is short of memory."""
RELEASED = 8
"""Pages of the heap that were used and are given back now."""
MOST_HEAP = 9
SCAVENGED = 10
PERCENT_GOAL = 11
LIMIT_GOAL = 12
SCAVENGE_AT = 13
SWEPT_AT = 14
COLLECTED_AT = 15
PROGRAM_CPU = 16
COLLECTOR_CPU = 17
ASSIST_CPU = 18
SCAVENGE_CPU = 19
PAUSES = 20
LONGEST_PAUSE = 21
PEAK_RESIDENT = 22
OOM_AT = 23
OVERSHOT = 24
PEAK_SUM = 25
"""Sum over cycles of the heap at the end of marking."""
FORCED = 26
LEAST_FREE = 27
"""Least free bytes since LEAST_SINCE, for scavengers that wait until a span has been idle."""
LEAST_SINCE = 28
ALLOCATED_TOTAL = 29
KEPT_SEEN = 30
BLACK = 31
NEXT_TEST = 32
"""Live heap at which the trigger is tested again after a cycle."""
GARBAGE = 33
"""Dead bytes that the last cycle found and that are not swept yet; they still count as objects for the limit."""
FREED_NOW = 34
SPANS_OF_MIX = 40
"""From here on the bytes of spans of each mix, then those of their holes."""
HOLES_OF_MIX = SPANS_OF_MIX + MOST_MIXES
STATE = HOLES_OF_MIX + MOST_MIXES

# Columns of the recorded series.
SERIES_SECONDS, SERIES_LIVE, SERIES_GOAL, SERIES_IN_USE, SERIES_RESIDENT, SERIES_RELEASED = range(6)
SERIES_CYCLES, SERIES_SCAVENGED = 6, 7
SERIES_COLUMNS = 8
