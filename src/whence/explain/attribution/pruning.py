"""Switches that change no instruction of this program carry nothing, and need not be measured."""

from __future__ import annotations

import msgspec

from whence.evidence.errors import WhenceError
from whence.explain.attribution.asking import Trials
from whence.explain.attribution.levers import Levers
from whence.golang.code import compare_code

FEWEST_LEVERS = 2
"""A plan of fewer is not worth a build."""


def prune(levers: Levers, trials: Trials) -> Levers:
    """Returns the levers without the build switches that leave the candidate's machine code as it is; notes say so.

    Each costs one build, which the plan would have needed too. A program without symbols keeps all. When all levers
    would go, they stay: what differs then is no code.
    """
    switches = [x for x in levers.levers if x.kind == "toggle" and x.is_build]
    if trials.source is None or not switches or len(levers.levers) < FEWEST_LEVERS:
        return levers
    try:
        whole = trials.build(levers.variant((1,) * len(levers.levers)), layout=None).path
    except WhenceError:
        return levers
    idle: list[str] = []
    for switch in switches:
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
