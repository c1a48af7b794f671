"""The CPU limiter passes the runtime's own test, TestGCCPULimiter of src/runtime/mgclimit_test.go (1.19-1.27).

The test is a table here: each step moves a clock, does one thing, and says what the bucket must hold then.
"""

from __future__ import annotations

from whence.explain.simulator.pacer.kernels_limiter import (
    finish_transition,
    limiter_needs_update,
    reset_capacity,
    start_transition,
    update_limiter,
)
from whence.explain.simulator.pacer.new_state import new_limiter

PROCESSORS = 14
SECOND = 10**9
MILLISECOND = 10**6
HOUR = 3600 * SECOND
PAUSE = 2 * MILLISECOND + 1000
FULL = PROCESSORS * SECOND

# (what is done, ns that pass before it, assist time as a share of all processors over those ns,
#  fill after it, limiting after it, overflow after it beyond that of earlier rounds)
STEPS = (
    ("update", 10 * MILLISECOND, 0.0, 0, False, 0),
    ("update", SECOND, 0.0, 0, False, 0),
    ("update", HOUR, 0.0, 0, False, 0),
    ("fresh", 5 * MILLISECOND, 0.0, 0, False, 0),
    ("stale", 10 * MILLISECOND, 0.0, 0, False, 0),
    ("update", 0, 0.0, 0, False, 0),
    ("fresh", 0, 0.0, 0, False, 0),
    ("begin", 109 * MILLISECOND, 0.0, 0, False, 0),
    ("begun", PAUSE, 0.0, PAUSE * PROCESSORS, False, 0),
    ("update", 2 * (PAUSE - 1), 0.0, PROCESSORS, False, 0),
    ("update", 2 * FULL, 0.0, 0, False, 0),
    ("update", 10 * MILLISECOND, 0.25, 0, False, 0),
    ("update", MILLISECOND, 0.75, PROCESSORS * MILLISECOND, False, 0),
    ("update", SECOND - MILLISECOND, 0.75, FULL, True, 0),
    ("update", SECOND, 0.25, FULL, True, 0),
    ("update", SECOND, 0.0, FULL // 2, False, 0),
    ("update", SECOND, 0.75, FULL, True, FULL // 2),
    ("end", MILLISECOND, 0.75, FULL, True, (SECOND // 2 + MILLISECOND) * PROCESSORS),
    ("ended", 5 * MILLISECOND, 0.0, FULL, True, (SECOND // 2 + 6 * MILLISECOND) * PROCESSORS),
    ("resize 24", 0, 0.0, FULL, False, (SECOND // 2 + 6 * MILLISECOND) * PROCESSORS),
    ("resize 4", 0, 0.0, 4 * SECOND, True, (SECOND // 2 + 6 * MILLISECOND) * PROCESSORS),
    ("resize 14", FULL, 0.0, 0, False, (SECOND // 2 + 6 * MILLISECOND) * PROCESSORS),
)


def test_the_runtimes_own_table() -> None:
    limiter = new_limiter(0, PROCESSORS)[0]
    now = earlier_overflow = 0
    for _ in range(2):  # twice, so that nothing is left over from the first round
        assert limiter["capacity"] == FULL
        for number, (word, passed, assisting, fill, limiting, overflow) in enumerate(STEPS):
            now += passed
            limiter["assist_time"] += int(assisting * float(passed) * PROCESSORS)
            name, _, size = word.partition(" ")
            if name == "update":
                update_limiter(limiter, now)
            elif name in ("fresh", "stale"):
                assert limiter_needs_update(limiter, now) == (name == "stale")
            elif name in ("begin", "end"):
                start_transition(limiter, name == "begin", now)
            elif name in ("begun", "ended"):
                finish_transition(limiter, now)
            else:
                reset_capacity(limiter, now, int(size))
            reached = (limiter["fill"], bool(limiter["limiting"]), limiter["overflow"] - earlier_overflow)
            assert reached == (fill, limiting, overflow), f"step {number}: {word}"
        earlier_overflow = int(limiter["overflow"])


def test_idle_time_is_nobodys() -> None:
    limiter = new_limiter(0, 4)[0]
    start_transition(limiter, True, 0)
    finish_transition(limiter, 0)
    limiter["assist_time"] = SECOND
    limiter["idle_time"] = 2 * SECOND
    update_limiter(limiter, SECOND)
    # 4 CPU-s passed: 2 idle, 1 of assists and a quarter of all for background workers, nothing for the program.
    assert limiter["fill"] == 2 * SECOND
    assert limiter["assist_time"] == limiter["idle_time"] == 0
