"""Go's text profiles are read as pprof reads them, with the names that stand behind the stacks."""

from __future__ import annotations

import pytest

from whence.measure.profiles.readers import DamagedInput, read_profile
from whence.measure.profiles.readers.legacy_text import unsampled
from whence.measure.profiles.views.top import top

HEAP = b"""heap profile: 3: 3072 [5: 5120] @ heap/8192
2: 2048 [4: 4096] @ 0x10 0x2f
#\t0xf\tmain.make+0x8e\t\t/src/main.go:4
#\t0x2e\tmain.main+0x45\t\t/src/main.go:9

1: 1024 [1: 1024] @ 0x20

# runtime.MemStats
# Alloc = 4510000
# Mallocs = 1567
"""
MUTEX = b"""--- mutex:
cycles/second=2000000000
sampling period=5
4000 2 @ 0x10 0x20
"""


def test_heap_values_are_unsampled_and_named() -> None:
    profile = read_profile(HEAP)
    assert [kind.type for kind in profile.sample_types] == [
        "alloc_objects", "alloc_space", "inuse_objects", "inuse_space",
    ]  # fmt: skip
    assert profile.period == 4096
    # 1 - exp(-1024 / 4096) = 0.2212: one sampled object of 1 KiB stands for 4.52
    assert profile.values.tolist() == [[18, 18517, 9, 9258], [4, 4629, 4, 4629]]
    assert profile.locations.address.tolist() == [0xF, 0x2E, 0x1F]
    rows = {row.name: (row.flat, row.cum) for row in top(profile, sample_type="alloc_objects").functions}
    assert rows == {"main.make": (18, 18), "main.main": (0, 18), "<unknown>": (4, 4)}
    assert "MemStats.Mallocs = 1567" in profile.comments


def test_delays_come_from_cycles() -> None:
    profile = read_profile(MUTEX)
    assert profile.values.tolist() == [[10, 10000]]  # 2 × 5 events; 4000 × 5 cycles at 2 GHz


def test_counts_of_goroutines() -> None:
    profile = read_profile(b"goroutine profile: total 3\n2 @ 0x10 0x20\n#\t0xf\tmain.wait+0x1\t/m.go:3\n\n1 @ 0x30\n")
    assert profile.sample_types == (("goroutine", "count"),)
    assert {row.name: row.flat for row in top(profile).functions} == {"main.wait": 2, "<unknown>": 1}


def test_a_line_that_is_no_sample_is_told_with_its_place() -> None:
    with pytest.raises(DamagedInput) as error:
        read_profile(HEAP.replace(b"1: 1024 [1: 1024] @ 0x20", b"1: 1024 [1: 1024"))
    assert error.value.offset == HEAP.index(b"1: 1024 [1: 1024]")
    assert "1 samples" in error.value.readable


def test_a_rate_of_one_counts_everything() -> None:
    assert unsampled(7, 112, 1) == (7, 112)
    assert unsampled(0, 0, 4096) == (0, 0)
