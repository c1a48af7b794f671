"""Callers and callees of chosen functions, and the call tree as rows."""

from __future__ import annotations

import numpy as np

from whence.evidence.errors import BadInput
from whence.evidence.profile import Neighbour, ProfilePeek, ProfileTree, Surroundings, TreeNode
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.edges import Edges, edges_of
from whence.measure.profiles.views.filters import Filters, expression_of
from whence.measure.profiles.views.flat_cum import flat_and_cum
from whence.measure.profiles.views.looking import look
from whence.measure.profiles.views.stacks import stacks_of
from whence.measure.profiles.views.tree import tree_of


def peek(
    profile: Profile,
    pattern: str,
    *,
    sample_type: str | None = None,
    by: str = "function",
    filters: Filters | None = None,
) -> ProfilePeek:
    """Returns every function whose name `pattern` is found in, with what flows in from callers and out to callees.

    Raises BadInput when none matches.
    """
    seen = look(profile, sample_type=sample_type, by=by, filters=filters)
    search = expression_of("peek", pattern).search
    found = flat_and_cum(seen.profile, seen.nodes, seen.column)
    rows = [row for row, name in enumerate(seen.nodes.names) if search(name) and (found.cum[row] or found.flat[row])]
    if not rows:
        raise BadInput(f"no function of the profile matches {pattern}. See its names with: whence profile top FILE")
    rows.sort(key=lambda row: (-abs(int(found.cum[row])), seen.nodes.names[row]))
    edges = edges_of(stacks_of(seen.profile, seen.nodes, seen.column))
    names = seen.nodes.names
    return ProfilePeek(
        sample_type=seen.kind.type,
        unit=seen.kind.unit,
        total=seen.total,
        functions=tuple(
            Surroundings(
                name=names[row],
                flat=int(found.flat[row]),
                cum=int(found.cum[row]),
                callers=_neighbours(names, edges, edges.callee == row, edges.caller),
                callees=_neighbours(names, edges, edges.caller == row, edges.callee),
            )
            for row in rows
        ),
        notes=seen.notes,
    )


def _neighbours(names: list[str], edges: Edges, chosen: np.ndarray, other: np.ndarray) -> tuple[Neighbour, ...]:
    pairs = zip(other[chosen].tolist(), edges.value[chosen].tolist(), strict=True)
    rows = [Neighbour(name=names[row], value=value) for row, value in pairs]
    return tuple(sorted(rows, key=lambda row: (-abs(row.value), row.name)))


def call_tree(
    profile: Profile,
    *,
    sample_type: str | None = None,
    by: str = "function",
    filters: Filters | None = None,
    smallest_share: float = 0.005,
) -> ProfileTree:
    """Returns the tree of all stacks, without what is below `smallest_share` of the total."""
    seen = look(profile, sample_type=sample_type, by=by, filters=filters)
    tree = tree_of(stacks_of(seen.profile, seen.nodes, seen.column), smallest_share=smallest_share)
    depth = np.zeros(len(tree), np.int64)
    for row, parent in enumerate(tree.parent.tolist()[1:], 1):
        depth[row] = depth[parent] + 1
    nodes = zip(
        depth.tolist()[1:],
        tree.name.tolist()[1:],
        tree.self_values[1:, 0].tolist(),
        tree.total_values[1:, 0].tolist(),
        strict=True,
    )
    return ProfileTree(
        sample_type=seen.kind.type,
        unit=seen.kind.unit,
        total=seen.total,
        smallest_share=smallest_share,
        left_out=int(tree.left_out[0]),
        nodes=tuple(TreeNode(depth=d, name=tree.names[n], self_value=own, value=v) for d, n, own, v in nodes),
        notes=seen.notes,
    )
