"""The collector's CPU is what its own trace says between the marks of the load."""

from __future__ import annotations

import pytest

from whence.explain.lineage.running import collector_ns

CYCLE = "gc {n} @0.{n}00s 2%: 0.01+20+0.02 ms clock, 0.02+1.0/10/30+0.04 ms cpu, 64->70->64 MB, 128 MB goal, 2 P\n"
OLD = "gc7(2): 1+0+4192+0 us, 7 -> 7 MB, 60146 (1-2) objects\n"
NOTHING = ("", CYCLE.format(n=1), f"load begins\n{OLD}load ends\n", "load begins\nload ends\n")


def test_only_collections_under_the_load_count_and_all_parts_of_them() -> None:
    before, first, second, after = (CYCLE.format(n=number) for number in range(1, 5))
    assert collector_ns(f"{before}load begins\n{first}{second}load ends\n{after}") == pytest.approx(2 * 41.06e6)


@pytest.mark.parametrize("trace", NOTHING)
def test_without_marks_or_cpu_times_nothing_is_told(trace: str) -> None:
    assert collector_ns(trace) is None
