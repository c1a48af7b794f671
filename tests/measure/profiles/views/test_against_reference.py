"""Flat, cumulative, edges and trees of random profiles are what plain Python says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from whence.measure.profiles.views import edges as edges_module
from whence.measure.profiles.views import flat_cum
from whence.measure.profiles.views.edges import edges_of
from whence.measure.profiles.views.flat_cum import add_exactly, flat_and_cum
from whence.measure.profiles.views.nodes import by_function
from whence.measure.profiles.views.stacks import side_by_side, stacks_of
from whence.measure.profiles.views.tree import Tree, tree_of

from .. import made_profiles
from . import reference

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("frames_at_once", [1, 13, 1 << 20])
def test_flat_and_cum(seed: int, frames_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat_cum, "_FRAMES_AT_ONCE", frames_at_once)
    profile = made_profiles.made(seed)
    nodes = by_function(profile)
    found = flat_and_cum(profile, nodes, 1)
    flat, cum = reference.flat_and_cum(profile, 1)
    told = Counter[str](), Counter[str]()
    for name, f, c in zip(nodes.names, found.flat.tolist(), found.cum.tolist(), strict=True):
        told[0][name] += f
        told[1][name] += c
    assert told[0] == flat
    unambiguous = {name for name in cum if nodes.names.count(name) == 1}
    assert unambiguous
    assert {n: told[1][n] for n in unambiguous} == {n: cum[n] for n in unambiguous}


@pytest.mark.parametrize("seed", SEEDS)
def test_edges(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges_module, "_FRAMES_AT_ONCE", 11)
    stacks = side_by_side([[stacks_of(p, by_function(p), 1) for p in [made_profiles.made(seed)]]])
    found = edges_of(stacks)
    names = stacks.names
    rows = zip(found.caller.tolist(), found.callee.tolist(), found.value.tolist(), strict=True)
    told = {(names[a], names[b]): value for a, b, value in rows}
    assert told == reference.edges(made_profiles.made(seed), 1)


def paths_of(tree: Tree, column: int = 0) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """Returns (self, total) by path of names, and checks the order: parents before children, heavier siblings first."""
    path: list[tuple[str, ...]] = [()]
    ends, through = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    heaviest: dict[int, int] = {}
    for row in range(len(tree)):
        parent = int(tree.parent[row])
        if row:
            assert parent < row
            path.append((*path[parent], tree.names[int(tree.name[row])]))
            weight = int(np.abs(tree.total_values[row]).sum())
            assert weight <= heaviest.get(parent, weight)
            heaviest[parent] = weight
        ends[path[row]] += int(tree.self_values[row, column])
        through[path[row]] += int(tree.total_values[row, column])
    assert len(set(path)) == len(path)
    return ends, through


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bottom_up", [False, True])
def test_trees(seed: int, bottom_up: bool) -> None:
    profile = made_profiles.made(seed)
    stacks = side_by_side([[stacks_of(profile, by_function(profile), 1)]])
    ends, through = paths_of(tree_of(stacks, bottom_up=bottom_up))
    expected = reference.paths(profile, 1, bottom_up=bottom_up)
    assert {p: v for p, v in ends.items() if v} == {p: v for p, v in expected[0].items() if v}
    assert {p: v for p, v in through.items() if v} == {p: v for p, v in expected[1].items() if v}


def test_two_sides_share_one_tree_and_keep_their_values() -> None:
    sides = [made_profiles.made(1), made_profiles.made(2)]
    stacks = side_by_side([[stacks_of(p, by_function(p), 1)] for p in sides])
    tree = tree_of(stacks)
    for column, profile in enumerate(sides):
        expected = reference.paths(profile, 1)[0]
        assert {p: v for p, v in paths_of(tree, column)[0].items() if v} == {p: v for p, v in expected.items() if v}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.6])
def test_what_a_tree_leaves_out_is_told_to_the_last_unit(share: float) -> None:
    profile = made_profiles.made(5)
    tree = tree_of(stacks_of(profile, by_function(profile), 1), smallest_share=share)
    whole = sum(value for _, value in reference.stacks(profile, 1))
    assert int(tree.self_values.sum() + tree.left_out.sum()) == whole == int(tree.total_values[0, 0])
    assert int(tree.left_out[0]) != 0


def test_sums_are_exact_where_doubles_are_not() -> None:
    value = np.array([(1 << 62) - 1, 1, -(1 << 61) - 3, (1 << 53) + 1], np.int64)
    into = np.zeros(2, np.int64)
    add_exactly(into, np.array([0, 1, 0, 1]), value)
    assert into.tolist() == [(1 << 62) - 1 - (1 << 61) - 3, (1 << 53) + 2]
