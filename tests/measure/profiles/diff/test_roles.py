"""Roles of the runtime's self time: by the stack, in every release's names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_up import profile_of

from whence.measure.profiles.diff import roles
from whence.measure.profiles.diff.roles import is_runtime, role_names, role_spreads, sample_roles

DATA = Path(roles.__file__).with_name("roles.json")


def role(stack: str) -> str | None:
    """Returns the role of one stack, leaf last."""
    found = int(sample_roles(profile_of({stack: 1})).role[0])
    return role_names()[found] if found >= 0 else None


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("main.f;runtime.mallocgc;runtime.gcAssistAlloc;runtime.gcDrainN;runtime.scanobject", "assist"),
        ("runtime.gcBgMarkWorker;runtime.systemstack;runtime.gcDrain;runtime.scanobject", "mark"),
        ("runtime.gcBgMarkWorker;runtime.gcDrain;internal/runtime/gc/scan.ScanSpanPackedAVX512", "mark"),
        ("runtime.bgsweep;runtime.sweepone;runtime.(*sweepLocked).sweep;runtime.lock2", "sweep"),
        ("main.f;runtime.mallocgc;runtime.(*mcentral).cacheSpan;runtime.(*mspan).sweep", "sweep"),
        ("runtime.bgscavenge;runtime.(*pageAlloc).scavengeOne;runtime.sysUnused;runtime.madvise", "scavenge"),
        ("main.f;runtime.mallocgcSmallNoscan;runtime.nextFreeFast", "malloc"),
        ("main.f;runtime.mapaccess1_fast64", "map"),
        ("main.f;internal/runtime/maps.(*Map).getWithKeySmall", "map"),
        ("main.f;runtime.chansend1;runtime.chansend;runtime.lock2", "locks and futexes"),
        ("main.f;runtime.chanrecv", "chan"),
        ("main.f;runtime.memmove", "memmove and memclr"),
        ("main.f;runtime.wbBufFlush;runtime.wbBufFlush1;runtime.findObject", "write barrier"),
        ("main.f;runtime.morestack;runtime.newstack;runtime.copystack;runtime.memmove", "stack growth"),
        ("runtime.mcall;runtime.park_m;runtime.schedule;runtime.findRunnable", "scheduler"),
        ("main.f;syscall.Syscall;internal/runtime/syscall.Syscall6", "system calls"),
        ("main.f;runtime.gopanic;runtime.addOneOpenDeferFrame", "panic"),
        ("main.f;runtime.deferreturn", "defer"),
        ("main.f;runtime.convT64", "interfaces"),
        ("main.f;aeshashbody", "hash and equality"),
        ("main.f;runtime.systemstack;runtime.neverHeardOf", "unmapped"),
    ],
)
def test_a_stack_has_the_role_of_what_it_does(stack: str, expected: str) -> None:
    assert role(stack) == expected


def test_the_programs_own_time_has_no_role() -> None:
    assert role("runtime.main;main.main;main.work") is None
    assert role("main.main;encoding/json.Marshal") is None
    assert not is_runtime("sort.Strings")


def test_a_helper_counts_for_its_caller() -> None:
    assert role("main.f;runtime.mapassign;runtime.add") == "map"
    assert role("main.f;runtime.mallocgc;runtime.add") == "malloc"


def test_every_rule_gives_a_role_of_the_table() -> None:
    document = json.loads(DATA.read_text(encoding="utf-8"))
    named = {rule["role"] for rule in document["context"] + document["frames"]} | set(document["run_to_run"])
    assert named <= set(document["roles"]) | {roles.UNMAPPED}
    assert set(document["roles"]) <= named
    assert len(role_spreads()) == len(role_names())
