"""Programs of real compilers: what moved is the same, what computes otherwise is not, byte by byte."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from whence.golang.code import CodeDifference, compare_code, read_program

from .conftest import PROGRAM, Build

pytestmark = [pytest.mark.real, pytest.mark.network]


@pytest.mark.parametrize("release", ["1.23.9", "1.24.3", "1.27.3"])
def test_functions_in_another_order_are_the_same_instructions_at_other_addresses(build: Build, release: str) -> None:
    found = compare_code(*(build(f"go={release},ldflags=-randlayout={n}") for n in (1, 2)))
    assert (found.same, found.moved) == (True, True), found
    assert found.words() == "identical instructions, other addresses"


def test_a_stripped_program_is_compared_too(build: Build) -> None:
    found = compare_code(*(build(f"go=1.24.3,ldflags=-s -randlayout={n}") for n in (1, 2)))
    assert (found.same, found.moved) == (True, True), found


def test_a_switch_of_the_type_checker_changes_no_instruction(build: Build) -> None:
    found = compare_code(build("go=1.24.3"), build("go=1.24.3,experiment=noaliastypeparams"))
    assert found.same, found


def test_another_map_changes_the_functions_that_use_maps_and_only_them(build: Build) -> None:
    found = compare_code(build("go=1.24.3"), build("go=1.24.3,experiment=noswissmap"))
    assert found.same is False
    assert "main.work" in found.changed
    assert any(name.startswith("internal/runtime/maps.") for name in found.only_first)
    assert not [n for n in found.changed if n.startswith(("strconv.", "unicode/", "io."))], "they use no maps"


def test_one_constant_that_changed_is_found_where_it_stands(build: Build) -> None:
    found = compare_code(build("go=1.24.3"), build("go=1.24.3,experiment=heapminimum512kib"))
    assert found.changed == ("runtime.(*gcControllerState).init", "runtime.(*gcControllerState).trigger")
    assert not (found.only_first or found.only_second or found.variables)


def test_a_patch_release_is_told_by_the_functions_that_it_changed(build: Build) -> None:
    found = compare_code(build("go=1.24.3"), build("go=1.24.11"))
    assert found.same is False
    assert not [n for n in found.changed if n.startswith(("main.", "fmt.", "strconv."))], "only the runtime was patched"
    assert "runtime.mallocgcLarge" in found.changed


@pytest.mark.parametrize(
    ("old", "new"),
    [("i < n", "i <= n"), ("+= i", "+= i + 1"), ("entry{name, count}", "entry{name, 2 * count}")],
)
def test_a_change_of_source_is_found_in_its_function(build: Build, old: str, new: str) -> None:
    found = compare_code(build("go=1.24.3"), build("go=1.24.3", PROGRAM.replace(old, new)))
    assert found.changed == ("main.work",), found


def test_a_flipped_bit_of_a_moved_program_is_found_in_its_function(build: Build, tmp_path: Path) -> None:
    first, second = (build(f"go=1.24.3,ldflags=-randlayout={n}") for n in (1, 2))
    program = read_program(second)
    assert program is not None
    content = bytearray(second.read_bytes())
    text = next(s for s in program.sections if s.name == ".text" and s.offset is not None)
    functions = [f for f in program.functions.values() if program.section_at(f.address) == text]
    chance = random.Random(7)
    patched = tmp_path / "patched"
    for _ in range(12):
        function = chance.choice(functions)
        at = (text.offset or 0) + function.address - text.address + chance.randrange(function.size)
        bit = 1 << chance.randrange(8)
        content[at] ^= bit
        patched.write_bytes(content)
        assert compare_code(first, patched).changed == (function.name,), (function.name, hex(at), bit)
        content[at] ^= bit


def test_what_is_no_program_of_this_kind_is_told_apart_from_a_difference(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    found = compare_code(script, script)
    assert found == CodeDifference(same=None)
    assert "cannot be read" in found.words()


@pytest.mark.parametrize("release", ["1.18.10", "1.24.3", "1.27.3"])
def test_the_runtimes_own_table_names_the_functions_of_a_stripped_program(build: Build, release: str) -> None:
    whole, stripped = read_program(build(f"go={release}")), read_program(build(f"go={release},ldflags=-s"))
    assert whole is not None and stripped is not None
    both = whole.functions.keys() & stripped.functions.keys()
    assert "main.work" in both and len(both) > 0.9 * len(whole.functions)
    own = [whole.functions[n] for n in both if n.startswith("main.")]
    assert [(f.address, f.size) for f in own] == [
        (stripped.functions[f.name].address, stripped.functions[f.name].size) for f in own
    ]
