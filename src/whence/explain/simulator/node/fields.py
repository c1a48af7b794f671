"""Names of the rows and entries of the arrays that the kernels work on. All int64; times in ns, memory in bytes."""

from __future__ import annotations

NEVER = (1 << 62) - 1
"""A time that does not come, and a limit that is not set."""

REPLACED_NS = 1_000_000_000
"""A pod that was killed or evicted is followed by another after this at the earliest."""

# Rows of `slots`, shape (SLOT_ROWS, slots): one place for a pod, filled again and again or once.
(
    PHASE,
    CLASS,
    GENERATION,
    CURVE,
    STEP,
    BORN,
    DIES,
    SHIFT,
    HELD,
    LIVE,
    SAMPLED,
    SAMPLE_AT,
    SAMPLES,
    STALLED,
    MOST_HELD,
    MOST_SAMPLED,
    DUE,
    REPEATS,
    KEY,
) = range(19)
SLOT_ROWS = 19

# Phases of a slot.
WAITING, CREATING, RUNNING, TERMINATING = range(4)

# Rows of `classes`, shape (CLASS_ROWS, classes): what all pods of one kind share.
(
    REQUEST,
    MAX,
    HIGH,
    PRIORITY,
    CRITICAL,
    TOLERATES,
    BEST_EFFORT,
    FIRST_CURVE,
    CURVES,
    CREATING_NS,
    EXIT_NS,
    OOM_ADJUST,
    LIFE_KIND,
    GAP_NS,
) = range(14)
CLASS_ROWS = 14

# Kinds of distributions; parameters stand in `draws`, shape (2, classes).
CONSTANT, UNIFORM, LOGNORMAL, EXPONENTIAL = range(4)

# Entries of `node`.
(
    CAPACITY,
    SYSTEM,
    PODS_LIMIT,
    END_NS,
    WARMUP_NS,
    PASS_EVERY_NS,
    FIRST_PASS_NS,
    POLL_NS,
    CLEANUP_TIMEOUT_NS,
    CLEANUP_NS,
    PRESSURE_NS,
    SOFT_GRACE_SECONDS_NS,
    HOUSEKEEPING_NS,
    SCAN_EVERY_NS,
    FIRST_SCAN_NS,
    BUCKETS,
    SEED,
    EVICTS,
    BATCH_BYTES,
    TICKS_PER_SECOND,
) = range(20)
NODE_ENTRIES = 20

# Rows of `thresholds`, shape (4, thresholds).
ON_PODS, VALUE, GRACE, MIN_RECLAIM = range(4)

# Entries of `counts`.
(
    EVENTS,
    STARTED,
    ENDED,
    REFUSED,
    EVICTED_HARD,
    EVICTED_SOFT,
    EVICTED_WITHOUT_STATS,
    KILLED_BY_NODE,
    KILLED_BY_LIMIT,
    NEVER_SCANNED,
    THROTTLED_PODS,
    PEAK,
    PEAK_AT,
    PEAK_SCANNED,
    MOST_ALIVE,
    MOST_ALIVE_SCANNED,
    PASSES,
    LOGGED,
    FIRST_THROTTLE,
    NEVER_SAMPLED,
    FIRST_EVICTION,
    SCANS,
) = range(22)
COUNT_ENTRIES = 22

# Entries of `sums` (float64): time integrals over the measured time, in ns times the quantity.
(
    RESIDENT_TIME,
    LIVE_TIME,
    ALIVE_TIME,
    SOME_STALLED,
    ALL_STALLED,
    STALL_TIME,
    PRESSURE_TIME,
    SCANNED_SUM,
    TRUE_PEAKS,
    SAMPLED_PEAKS,
) = range(10)
SUM_ENTRIES = 10

# Rows of `buckets` (float64), shape (BUCKET_ROWS, buckets): the picture over time.
IN_RESIDENT, IN_LIVE, IN_STALLED, IN_MOST, IN_SCANNED, IN_EVICTED, IN_REFUSED, IN_KILLED, IN_PRESSURE, IN_AVG10 = range(
    10
)
BUCKET_ROWS = 10

# Columns of `log`, shape (entries, LOG_COLUMNS): ends that were not the pod's own.
LOG_AT, LOG_SLOT, LOG_GENERATION, LOG_REASON, LOG_HELD, LOG_SAMPLED, LOG_AVAILABLE, LOG_AGE, LOG_CLASS = range(9)
LOG_COLUMNS = 9
BY_HARD, BY_SOFT, BY_NODE, BY_LIMIT, BY_REFUSAL = range(5)

# Columns of `passes`, shape (entries, 4): what the kubelet saw and did.
PASS_AT, PASS_AVAILABLE, PASS_VICTIM, PASS_PRESSURE = range(4)
