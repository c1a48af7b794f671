"""Slots are those of the runtime: the tables printed in its own source, and its rules for tiny, headers and large."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whence.golang.size_classes import class_of, class_of_slot, requests_for, small_limit_bytes, table_of

MODULES = Path("~/go/pkg/mod/golang.org").expanduser()


@pytest.mark.parametrize(
    ("size", "version", "noscan", "slot", "header", "tiny"),
    [
        (15, "1.19", True, 16, 0, True),
        (16, "1.19", True, 16, 0, False),
        (15, "1.19", False, 16, 0, False),
        (8, "1.26.11", False, 8, 0, False),
        (600, "1.21.13", False, 640, 0, False),
        (600, "1.22", False, 640, 8, False),
        (640, "1.22", False, 704, 8, False),
        (640, "1.22", True, 640, 0, False),
        (512, "1.27", False, 512, 0, False),
        (32768, "1.21", True, 32768, 0, False),
        (32761, "1.22", True, 32768, 0, False),
        (100000, "1.26", True, 106496, 0, False),
        (20, "1.15", True, 32, 0, False),
        (20, "1.16", True, 24, 0, False),
    ],
)
def test_an_object_gets_the_slot_of_its_release(
    size: int, version: str, noscan: bool, slot: int, header: int, tiny: bool
) -> None:
    found = class_of(size, version, noscan)
    assert (found.slot_bytes, found.header_bytes, found.tiny) == (slot, header, tiny)


def test_what_is_above_the_small_limit_is_large() -> None:
    assert class_of(32760, "1.26").number == 67
    assert class_of(32761, "1.26").large
    assert class_of(32768, "1.19").number == 67
    assert small_limit_bytes("1.22rc1") == 32760


@pytest.mark.parametrize("version", ["1.2", "1.7", "1.19", "1.21.13", "1.22.0", "1.26.11", "1.28.1"])
@pytest.mark.parametrize("noscan", [True, False])
def test_requests_for_is_the_inverse_of_class_of(version: str, noscan: bool) -> None:
    reached: dict[int, tuple[int, int]] = {}
    for size in range(1, 40961):
        slot = class_of(size, version, noscan).slot_bytes
        first, last = reached.get(slot, (size, size))
        reached[slot] = (min(first, size), max(last, size))
    if noscan and version != "1.2":
        # A block of 16 bytes may also hold one object of 16.
        assert reached[16] == (1, 16)
    assert {slot: requests_for(slot, version, noscan) for slot in reached} == reached


def test_an_unknown_slot_is_a_large_object() -> None:
    assert class_of_slot(106496, "1.26") == 0
    assert requests_for(106496, "1.26") == (98305, 106496)


@pytest.mark.parametrize("version", ["1.16.15", "1.19.13", "1.23.12", "1.27.4"])
def test_the_table_is_the_one_in_the_source(version: str) -> None:
    root = MODULES / f"toolchain@v0.0.1-go{version}.linux-amd64/src"
    files = [root / "runtime/sizeclasses.go", root / "internal/runtime/gc/sizeclasses.go"]
    source = next((file.read_text() for file in files if file.exists()), None)
    if source is None:
        pytest.skip(f"SKIPPED go{version} is not installed")
    rows = re.findall(r"^//\s+(\d+)\s+(\d+)\s+(\d+)\s+\d+\s+\d+\s+[\d.]+%", source, re.MULTILINE)
    table = table_of(version)
    assert [(int(n), int(slot), int(span)) for n, slot, span in rows] == [
        (i, table.slots[i], table.span_bytes[i]) for i in range(1, len(table.slots))
    ]
