"""Packed columns come back as they were, and the values of functions are those of the stacks."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from bench.flame import make_graph, make_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.evidence.flame import FlameGraph
from whence.evidence.flame_packing import flame_graph, pack, sides, unpack

INT64 = st.integers(-(2**63), 2**63 - 1)


def graph(**columns: list[int]) -> FlameGraph:
    return flame_graph(title="", sample_type="cpu", unit="nanoseconds", names=["a", "b", "c"], **columns)  # type: ignore[arg-type]


@given(st.lists(INT64))
def test_signed_numbers_of_64_bits_come_back(values: list[int]) -> None:
    assert unpack(pack(values, signed=True), len(values), signed=True) == values


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_unsigned_numbers_come_back(values: list[int]) -> None:
    assert unpack(pack(values), len(values)) == values


def test_numpy_columns_are_as_good_as_lists() -> None:
    np = pytest.importorskip("numpy")
    columns = {"parent": [-1, 0, 0], "function": [0, 1, 2], "values": [0, 30, 20]}
    arrays = {name: np.array(values, np.int32) for name, values in columns.items()}
    assert graph(**arrays) == graph(**columns)


def test_the_largest_common_step_is_taken_out_and_totals_are_whole() -> None:
    found = graph(parent=[-1, 0, -1], function=[0, 1, 1], values=[0, 30_000_000, 20_000_000])
    assert found.nodes.step == 10_000_000 and found.total == 50_000_000
    assert unpack(found.nodes.value, 3, signed=True) == [0, 3, 2]
    assert unpack(found.functions.cum, 3, signed=True) == [3, 5, 0]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 120), st.integers(1, 6))
def test_flat_and_cumulative_are_those_of_the_stacks(seed: int, frames: int, functions: int) -> None:
    tree = make_tree(frames, functions, seed)
    flat: Counter[int] = Counter()
    cum: Counter[int] = Counter()
    for i, value in enumerate(tree.values):
        stack, at = [], i
        while at >= 0:
            stack.append(tree.function[at])
            at = tree.parent[at]
        flat[stack[0]] += value
        for function in set(stack):
            cum[function] += value
    found = sides(tree.parent, tree.function, tree.values, functions)
    assert found.flat == [flat[i] for i in range(functions)]
    assert found.cum == [cum[i] for i in range(functions)]


def test_the_noun_goes_through_json_unchanged() -> None:
    told = make_graph(make_tree(300, 40), diff=True)
    assert msgspec.json.decode(msgspec.json.encode(told), type=FlameGraph) == told


@pytest.mark.parametrize(
    "columns",
    [
        {"parent": [0], "function": [0], "values": [1]},
        {"parent": [-1, -1, 0], "function": [0, 1, 2], "values": [1, 1, 1]},
        {"parent": [-1, 5], "function": [0, 1], "values": [1, 1]},
        {"parent": [-1], "function": [3], "values": [1]},
        {"parent": [-1], "function": [-1], "values": [1]},
        {"parent": [-1, 0], "function": [0, 1], "values": [1]},
        {"parent": [-1], "function": [0], "values": [1], "base": []},
    ],
)
def test_columns_that_are_no_tree_in_preorder_are_refused(columns: dict[str, list[int]]) -> None:
    with pytest.raises(BadInput):
        graph(**columns)


def test_damaged_columns_are_refused_and_not_believed() -> None:
    packed = bytearray(pack([1, 2, 3]))
    packed[4] ^= 0xFF
    with pytest.raises(BadInput):
        unpack(bytes(packed), 3)
    with pytest.raises(BadInput):
        unpack(pack(range(1, 300)), 3)
    with pytest.raises(BadInput):
        unpack(pack([0, 1, 2, 3]), 3)


def test_names_that_are_no_unicode_can_be_written() -> None:
    found = flame_graph(
        title="", sample_type="cpu", unit="count", names=["a\udcff"], parent=[-1], function=[0], values=[1]
    )
    assert found.functions.name == ("a?",) and msgspec.json.encode(found)
