"""What is described of a program comes out as bytes of slots over time, and what no program can do is refused."""

from __future__ import annotations

import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine import growth as at
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.growth import growth_of
from whence.explain.simulator.engine.workload import LiveStep, ObjectKind, Workload, few_numbers
from whence.explain.simulator.versions.table import model

MODEL = model("1.27")


def _at(workload: Workload, seconds: float, column: int) -> float:
    curves = growth_of(workload, MODEL, workload.duration_seconds).curves
    return float(np.interp(seconds, curves[at.SECONDS], curves[column]))


def test_live_objects_follow_littles_law_for_both_kinds_of_lifetimes() -> None:
    kind = ObjectKind(size_bytes=64, rate=1000.0, live=2000, pointers=False)
    fixed = ObjectKind(size_bytes=64, rate=1000.0, live=2000, pointers=False, lifetimes="fixed")
    for replaced, half in ((kind, 2000 * (1 - np.exp(-0.5))), (fixed, 1000)):
        workload = Workload(name="w", kinds=(replaced,), start_seconds=0.0, duration_seconds=30.0)
        assert _at(workload, 1.0, at.OBJECTS) == pytest.approx(half, rel=0.02)
        assert _at(workload, 30.0, at.OBJECTS) == pytest.approx(2000, rel=0.01)
        assert _at(workload, 30.0, at.ALLOCATED) == pytest.approx(30 * 1000 * 64)


def test_objects_with_a_header_take_the_next_slot_since_1_22() -> None:
    workload = Workload(name="w", kinds=(ObjectKind(size_bytes=1024, live=100),), start_seconds=0.1)
    for go, slot in (("1.21", 1024), ("1.22", 1152)):
        curves = growth_of(workload, model(go), 10).curves
        assert curves[at.ALIVE, -1] == 100 * slot


def test_the_start_up_peak_is_alive_during_the_start_only() -> None:
    workload = Workload(name="w", start_peak_bytes=64 << 20, start_seconds=0.1, duration_seconds=1.0)
    assert _at(workload, 0.09, at.ALIVE) > 50 << 20
    assert _at(workload, 0.1, at.ALIVE) == 0
    assert _at(workload, 1.0, at.ALLOCATED) == 64 << 20


def test_steps_change_what_is_kept_and_only_growth_allocates() -> None:
    steps = (LiveStep(at_seconds=2, bytes=8 << 20), LiveStep(at_seconds=4, bytes=2 << 20))
    workload = Workload(name="w", live_over_time=steps, start_seconds=0.0, duration_seconds=5.0)
    assert _at(workload, 3, at.KEPT) == 8 << 20
    assert _at(workload, 5, at.KEPT) == 2 << 20
    assert _at(workload, 5, at.ALLOCATED) == 8 << 20


def test_few_numbers_keep_rate_and_live_bytes() -> None:
    workload = few_numbers(alloc_rate=5e7, live_bytes=40 << 20, object_bytes=(32, 512), pointer_share=0.25)
    assert workload.alloc_rate == pytest.approx(5e7)
    assert workload.live_bytes == pytest.approx(40 << 20, rel=0.001)
    assert few_numbers(alloc_rate=0, live_bytes=1 << 20).alloc_rate == 0


@pytest.mark.parametrize(
    "wrong",
    [
        Workload(name="nothing"),
        Workload(name="w", kinds=(ObjectKind(size_bytes=0, rate=1),)),
        Workload(name="w", kinds=(ObjectKind(size_bytes=8, rate=-1),)),
        Workload(name="w", kinds=(ObjectKind(size_bytes=8, rate=1),), duration_seconds=0),
        Workload(name="w", kinds=(ObjectKind(size_bytes=8, rate=1),), start_seconds=20),
        Config(processors=0),
        Config(gogc=0),
        Config(memory_limit=0),
        Config(cpus=0.0),
        Config(container_memory=-1),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wrong: Workload | Config) -> None:
    with pytest.raises(BadInput) as refusal:
        wrong.checked()
    assert "\n" not in str(refusal.value)
