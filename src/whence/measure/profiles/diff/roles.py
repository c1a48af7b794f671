"""What the Go runtime's self time is spent on, by role, so that profiles of different releases compare.

A sample counts when its leaf is a function of the runtime. Its role comes from the stack: first from the context, the
runtime frames from the leaf up to the first frame of the program (marking below `gcAssistAlloc` is an assist, below
`gcBgMarkWorker` it is mark); then from the first frame, leaf first, that has a role of its own. A small helper thus
counts for its caller. What finds no role stays unmapped and is told.

The rules are data, `roles.json` beside this file, in order; the first that matches decides.
"""

from __future__ import annotations

import fnmatch
import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whence.measure.profiles.diff.names import parts
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.views.nodes import Nodes, by_function

UNMAPPED = "unmapped"


class _Rules:
    """The rules compiled; answers are remembered by name."""

    def __init__(self, document: dict) -> None:
        packages = document["packages"]
        self._packages = re.compile("|".join(f"(?:{fnmatch.translate(p)})" for p in packages))
        self._functions = re.compile("|".join(f"(?:{p})" for p in document["functions"]))
        self.roles: tuple[str, ...] = (*document["roles"], UNMAPPED)
        self.spread = np.array([document["run_to_run"].get(role, 0.0) for role in self.roles])
        """Run-to-run spread of a role's share, where it is more than that of the program's own functions."""
        self.meaning: dict[str, str] = document["roles"]
        self._transparent = re.compile(document["transparent"])
        number = {role: i for i, role in enumerate(self.roles)}
        self._context = [(number[rule["role"]], re.compile(rule["match"])) for rule in document["context"]]
        self._frames = [(number[rule["role"]], re.compile(rule["match"])) for rule in document["frames"]]

    def transparent(self, name: str) -> bool:
        """Returns whether a frame says only where a stack was switched: it gives a role to no frame but itself."""
        return self._transparent.search(name) is not None

    @functools.cache  # noqa: B019 - one instance lives as long as the process
    def of(self, name: str) -> tuple[bool, int, int]:
        """Returns whether it is the runtime's, the rank of its context rule and the role of its frame rule, or -1."""
        own = self._packages.match(parts(name).package) is not None or self._functions.search(name) is not None
        if not own:
            return False, -1, -1
        context = next((rank for rank, (_, rule) in enumerate(self._context) if rule.search(name)), -1)
        frame = next((role for role, rule in self._frames if rule.search(name)), -1)
        return True, context, frame

    def context_role(self, rank: int) -> int:
        return self._context[rank][0]


@functools.cache
def rules() -> _Rules:
    return _Rules(json.loads(Path(__file__).with_name("roles.json").read_text(encoding="utf-8")))


def role_names() -> tuple[str, ...]:
    """Returns the roles in the order of the table, `unmapped` last."""
    return rules().roles


def role_spreads() -> NDArray[np.float64]:
    """Returns how much each role's share differs from run to run at least, relative to it; 0 for no more than others.

    How often the collector and the scheduler run is decided anew in every run.
    """
    return rules().spread


def is_runtime(name: str) -> bool:
    """Returns whether a function's self time counts as the runtime's."""
    return rules().of(name)[0]


@dataclass(frozen=True, slots=True)
class SampleRoles:
    """The role of each sample (row of `role_names()`), -1 where the leaf is not the runtime's."""

    role: NDArray[np.int64]


def sample_roles(profile: Profile, nodes: Nodes | None = None) -> SampleRoles:
    """Returns the role of every sample of a profile."""
    nodes = nodes or by_function(profile)
    table = np.array(
        [(*rules().of(name), rules().transparent(name)) for name in nodes.names] or [(0, -1, -1, 0)], np.int64
    )
    known: dict[tuple[int, ...], int] = {}
    result = np.full(len(profile), -1, np.int64)
    starts = profile.stack_starts.tolist()
    lines = _lines_by_location(nodes)
    for sample in range(len(profile)):
        prefix = _runtime_prefix(profile.frames[starts[sample] : starts[sample + 1]].tolist(), lines, table)
        if prefix:
            if prefix not in known:
                known[prefix] = _role(prefix, table)
            result[sample] = known[prefix]
    return SampleRoles(result)


def _lines_by_location(nodes: Nodes) -> list[list[int]]:
    starts, of_line = nodes.starts.tolist(), nodes.of_line.tolist()
    return [of_line[starts[i] : starts[i + 1]] for i in range(len(starts) - 1)]


def _runtime_prefix(frames: list[int], lines: list[list[int]], table: NDArray[np.int64]) -> tuple[int, ...]:
    """Returns the nodes from the leaf up while they are the runtime's."""
    prefix: list[int] = []
    for frame in frames:
        for node in lines[frame]:
            if not table[node, 0]:
                return tuple(prefix)
            prefix.append(node)
    return tuple(prefix)


def _role(prefix: tuple[int, ...], table: NDArray[np.int64]) -> int:
    ranks = [int(table[node, 1]) for node in prefix if table[node, 1] >= 0]
    if ranks:
        return rules().context_role(min(ranks))
    for depth, node in enumerate(prefix):
        if table[node, 2] >= 0 and (depth == 0 or not table[node, 3]):
            return int(table[node, 2])
    return len(rules().roles) - 1
