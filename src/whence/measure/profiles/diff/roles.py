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
from whence.measure.profiles.views.flat_cum import chunks, lines_of
from whence.measure.profiles.views.nodes import Nodes, by_function

UNMAPPED = "unmapped"
_FRAMES_AT_ONCE = 1 << 19
_NONE = 1 << 60


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

    @functools.cached_property
    def context_roles(self) -> NDArray[np.int64]:
        """The role of each context rule, by rank."""
        return np.array([role for role, _ in self._context], np.int64)


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
    result = np.full(len(profile), -1, np.int64)
    for low, high in chunks(profile.stack_starts, _FRAMES_AT_ONCE):
        node, sample = lines_of(profile, nodes, low, high)
        if len(node):
            leaf = np.flatnonzero(np.concatenate([[True], sample[1:] != sample[:-1]]))
            result[low + sample[leaf].astype(np.int64)] = _roles(table, node, leaf)
    return SampleRoles(result)


def _roles(table: NDArray[np.int64], node: NDArray[np.int32], leaf: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the role of each stack; `node` holds stacks end to end, leaf first, that begin at `leaf`."""
    own, context, frame, transparent = (column[node] for column in table.T)
    foreign = (own == 0).cumsum()
    before = np.repeat(foreign[leaf] - (own[leaf] == 0), np.diff(np.append(leaf, len(node))))
    prefix = foreign == before  # the runtime's frames from the leaf up to the first that is not
    rank = np.minimum.reduceat(np.where(prefix & (context >= 0), context, _NONE), leaf)
    is_leaf = np.zeros(len(node), np.bool_)
    is_leaf[leaf] = True
    telling = prefix & (frame >= 0) & (is_leaf | (transparent == 0))
    first = np.minimum.reduceat(np.where(telling, np.arange(len(node)), _NONE), leaf)
    role = np.full(len(leaf), len(rules().roles) - 1, np.int64)
    role = np.where(first < _NONE, frame[np.minimum(first, len(node) - 1)], role)
    by_context = rules().context_roles[np.minimum(rank, len(rules().context_roles) - 1)]
    return np.where(prefix[leaf], np.where(rank < _NONE, by_context, role), -1)
