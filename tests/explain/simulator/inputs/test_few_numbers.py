"""A program from a few numbers has exactly the rate and the live bytes that were written."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.inputs.choosing import Hints, open_input
from whence.explain.simulator.inputs.few_numbers import FewNumbers, parse_objects, parse_rate


@pytest.mark.parametrize("objects", ["64B", "64B:pointers,1KiB:nopointers*3", "8B:0.25,32KiB*2,100B"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
def test_rate_and_live_bytes_are_those_that_were_written(objects: str, kept: float) -> None:
    program = FewNumbers(alloc_rate="200MB/s", live="80MB", objects=objects, kept=kept).workload()
    assert program.alloc_rate == pytest.approx(200e6, rel=1e-9)
    assert program.live_bytes == pytest.approx(80e6, rel=2e-3)
    held = sum(kind.live * kind.size_bytes for kind in program.kinds if not kind.rate)
    assert held == pytest.approx(80e6 * kept, rel=2e-3, abs=1)
    assert program.source == "few-numbers"


def test_weights_and_pointers_are_read() -> None:
    first, second = parse_objects("64B:pointers,1KiB:0.25*3")
    assert (first.size_bytes, first.pointer_share, first.weight) == (64, 1.0, 1.0)
    assert (second.size_bytes, second.pointer_share, second.weight) == (1024, 0.25, 3.0)


def test_without_a_rate_all_live_objects_are_kept() -> None:
    program = FewNumbers(alloc_rate="0", live="8MB", objects="64B:pointers").workload()
    assert [(kind.rate, kind.live) for kind in program.kinds] == [(0.0, 125_000)]


@pytest.mark.parametrize("text", ["", "fast", "-3MB/s", "3 parsecs/s"])
def test_a_malformed_rate_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadInput, match=r"no rate of allocation.*200MB/s"):
        parse_rate(text)


@pytest.mark.parametrize("objects", ["", "64B:many", "64B*0", "0B", "64B:1.5", "9TiB"])
def test_malformed_objects_are_refused(objects: str) -> None:
    with pytest.raises(BadInput):
        parse_objects(objects)


def test_a_variant_changes_one_number_and_no_other() -> None:
    found = open_input(None, Hints(alloc_rate="20MB/s", live="8MB"))
    base, more = found.programs.workload({}), found.programs.workload({"live": "16MB"})
    assert more.live_bytes == pytest.approx(2 * base.live_bytes, rel=1e-3)
    assert more.alloc_rate == base.alloc_rate
    with pytest.raises(BadInput, match=r"arg\.colour"):
        found.programs.workload({"colour": "red"})
