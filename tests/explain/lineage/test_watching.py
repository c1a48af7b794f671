"""When memory counts as given back, and when a process may end."""

from __future__ import annotations

import pytest

from whence.evidence.errors import UnusableEnvironment
from whence.explain.lineage.giving_back import at_a_time
from whence.explain.lineage.watching import SETTLE_S, Memory
from whence.measure.lab.probes.memory import Resident

MB = 1_000_000


def resident(rss: int, lazy_free: int | None = None) -> Resident:
    lazy_bytes = None if lazy_free is None else lazy_free * MB
    return Resident(rss=rss * MB, peak=220 * MB, anon=rss * MB, file=0, lazy_free=lazy_bytes)


def dropped() -> Memory:
    memory = Memory(dropped_bytes=200 * MB)
    memory.see(0.1, resident(150))
    memory.see(0.4, resident(215))
    memory.dropped_at = 0.5
    return memory


def test_it_is_back_when_nine_tenths_are_no_longer_resident() -> None:
    memory = dropped()
    memory.see(1.0, resident(120, 0))
    assert (memory.ending, memory.settled_at) == ("never", None)
    memory.see(3.0, resident(30, 0))
    assert (memory.ending, memory.back_at) == ("back", 3.0)
    assert memory.settled_at == 3.0 + SETTLE_S


def test_lazily_free_memory_that_is_used_again_was_lazily_free_all_the_same() -> None:
    memory = dropped()
    memory.see(2.0, resident(215, 200))
    memory.see(9.0, resident(215, 184))
    assert (memory.ending, memory.lazy_at, memory.most_lazy) == ("lazy", 2.0, 200 * MB)


def test_what_was_resident_before_is_the_most_before_the_drop() -> None:
    memory = dropped()
    memory.see(1.0, resident(30, 0))
    assert memory.before == 215 * MB


def test_as_many_processes_wait_together_as_half_of_the_memory_holds() -> None:
    assert at_a_time(23e9, 200e6) == 50
    with pytest.raises(UnusableEnvironment, match="200 MB"):
        at_a_time(300e6, 200e6)
