"""Switches that change no instruction of this program carry nothing, and need not be measured."""

from __future__ import annotations

import functools
import re

import msgspec

from whence.evidence.errors import WhenceError
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Levers
from whence.golang.code import compare_code
from whence.golang.toolchains import Toolchain

RUNTIME = ("runtime", "internal/runtime")
_ASKED = re.compile(r"goexperiment\.(\w+)")
FEWEST_LEVERS = 2
"""A plan of fewer is not worth a build."""


def prune(levers: Levers, trials: Trials) -> Levers:
    """Returns the levers without the build switches that leave the candidate's machine code as it is; notes say so.

    A switch that the runtime itself asks for is in every program. Each other one costs a build. A program without
    symbols keeps all. When all levers would go, they stay: what differs then is no code.
    """
    switches = [x for x in levers.levers if x.kind == "toggle" and x.is_build]
    if trials.source is None or not switches or len(levers.levers) < FEWEST_LEVERS:
        return levers
    try:
        whole = trials.build(levers.variant((1,) * len(levers.levers)), layout=None).path
    except WhenceError:
        return levers
    kit = trials.toolchain(levers.candidate)
    idle: list[str] = []
    for switch in switches:
        if kit is not None and switch.name in asked_by_runtime(kit):
            continue
        trials.stage("switches", f"does {switch.name} change this program?")
        cell = tuple(int(x is not switch) for x in levers.levers)
        try:
            without = trials.build(levers.variant(cell), layout=None).path
        except WhenceError:
            continue  # what does not build is settled with the needs
        if compare_code(whole, without).same:
            idle.append(switch.name)
    if not idle or len(idle) == len(levers.levers):
        return levers
    verb = "they carry" if len(idle) > 1 else "it carries"
    note = f"{', '.join(idle)}: identical machine code with and without, so {verb} nothing"
    kept = tuple(x for x in levers.levers if x.name not in idle)
    return msgspec.structs.replace(levers, levers=kept, notes=(*levers.notes, note))


@functools.lru_cache(maxsize=8)
def asked_by_runtime(toolchain: Toolchain) -> frozenset[str]:
    """Returns the switches that the source of the runtime asks for, in code or in build constraints."""
    found: set[str] = set()
    for folder in RUNTIME:
        for path in sorted((toolchain.source / folder).rglob("*.go")):
            if not path.name.endswith("_test.go"):
                text = path.read_text(encoding="utf-8", errors="replace")
                found.update(name.lower() for name in _ASKED.findall(text))
    return frozenset(found)
