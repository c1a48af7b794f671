"""The event mode tells the same story as the fluid one. Its kernels take a minute to compile when they are not kept."""

from __future__ import annotations

import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.simulating import simulate
from whence.explain.simulator.engine.workload import MIB, few_numbers

SERVICE = few_numbers(alloc_rate=40e6, live_bytes=16 * MIB, object_bytes=(64, 512), duration_seconds=3.0)


def test_releases_before_the_bitmap_page_heap_have_no_event_mode() -> None:
    with pytest.raises(BadInput, match=r"1\.12\.\d+|1\.12 has no event mode"):
        simulate(SERVICE, Config(go="1.12"), draws=0, mode="events")


@pytest.mark.real
@pytest.mark.parametrize("go", ["1.19", "1.27"])
def test_both_modes_agree_on_a_steady_program(go: str) -> None:
    fluid = simulate(SERVICE, Config(go=go), draws=0).totals
    events = simulate(SERVICE, Config(go=go), draws=0, mode="events").totals
    assert abs(events["gc-cycles"].value - fluid["gc-cycles"].value) <= 1
    for metric, tolerance in (("allocated", 0.01), ("rss-peak", 0.06), ("heap-goal", 0.05), ("wall", 0.02)):
        assert events[metric].value == pytest.approx(fluid[metric].value, rel=tolerance), metric


@pytest.mark.real
def test_an_event_run_is_the_same_every_time() -> None:
    first, again = (simulate(SERVICE, Config(), seed=4, draws=0, mode="events") for _ in range(2))
    assert first.totals == again.totals
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.series, again.series, strict=True))
