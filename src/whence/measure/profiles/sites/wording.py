"""What is left open, what would settle it, and what a reader should know of the input: in words."""

from __future__ import annotations

from collections.abc import Sequence

from whence.evidence.profile_sites import Site, Totals
from whence.golang.versions import at_least
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites.buckets import rate_of
from whence.measure.profiles.sites.trace_types import TracedTypes

OPEN_SHARE = 0.05
"""A share that may be off by more than this is worth a second run."""
TRACE_COMMAND = (
    "GODEBUG=traceallocfree=1,memprofilerate=1 PROGRAM, with runtime/trace on and an allocs profile written at its end;"
    " then: whence profile sites allocs.pb.gz --trace trace.out. It counts the tiny objects of every type; places that"
    " make the same type it leaves together: for those, "
)
RATE_COMMAND = "GODEBUG=memprofilerate=1 PROGRAM, writing an allocs profile at its end; then: whence profile sites FILE"
NO_TINY_COMMAND = (
    "go build -race, and the program run with GODEBUG=memprofilerate=1: under the race detector no object shares a tiny"
    " block, so the profile splits them by place; then: whence profile sites FILE"
)
_RATE_IGNORED = ("1.18", "1.20")
"""From the first of these to before the second the variable's own initial value comes after GODEBUG and wins."""
_TRACED_SINCE = "1.23"


def settle(
    sites: Sequence[Site], totals: Totals, traced: TracedTypes | None, rates: Sequence[int], go_version: str
) -> str | None:
    """Returns the command of the run that would say more, None when nothing is open."""
    wide = [site for site in sites if site.objects_share.high - site.objects_share.low > OPEN_SHARE]
    tiny = [site for site in wide if site.tiny != "no"]
    if tiny and traced is None and at_least(go_version, _TRACED_SINCE):
        command = TRACE_COMMAND + NO_TINY_COMMAND
    elif tiny:
        command = NO_TINY_COMMAND
    elif wide and any(rate > 1 for rate in rates):
        command = RATE_COMMAND
    else:
        return None
    if at_least(go_version, _RATE_IGNORED[0]) and not at_least(go_version, _RATE_IGNORED[1]):
        command += ". Go 1.18 and 1.19 ignore memprofilerate: let the program set runtime.MemProfileRate = 1"
    return command


def notes(
    profiles: Sequence[Profile], traced: TracedTypes | None, go_version: str | None, totals: Totals
) -> tuple[str, ...]:
    """Returns what the input cannot tell, or what it was taken for."""
    said: list[str] = []
    rates = sorted({rate_of(profile) for profile in profiles})
    if rates and rates[-1] > 1:
        unseen = 4.6 * rates[-1]
        said.append(
            f"One object in about {rates[-1]} bytes is recorded. A place of which none was recorded is missing here; "
            f"with 99 % confidence it allocated less than {unseen:.0f} bytes."
        )
    if profiles and totals.coalesced.high >= 1:
        said.append(
            "A place whose objects only joined tiny blocks that others had opened is not in the profile at all; what "
            "joined is in the total."
        )
    if len(rates) > 1:
        said.append(f"The profiles were taken at different rates: {', '.join(map(str, rates))}.")
    if totals.coalesced_from == "bound" and totals.coalesced.high > 0:
        said.append(
            "How many objects joined tiny blocks is not known; give the runtime's totals (--metrics FILE with "
            "/gc/heap/tiny/allocs:objects, or the heap profile as text) to narrow the ranges."
        )
    if profiles and go_version is None:
        said.append("The Go release is not known; size classes and headers are those of the newest.")
    if traced is not None and not traced.has_coalesced:
        said.append("Traces of Go 1.23 lack the objects that joined tiny blocks; from Go 1.24 on they have them.")
    if traced is not None and not traced.complete:
        said.append("The trace broke off: what came later is missing.")
    if traced is not None and profiles and totals.traced_objects is not None:
        said.append(
            "A trace has no stacks and begins when it is started: it and the profile need not cover the same time."
        )
    return tuple(said)
