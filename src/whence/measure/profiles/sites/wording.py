"""What is left open, what would settle it, and what a reader should know of the input: in words."""

from __future__ import annotations

from collections.abc import Sequence

from whence.evidence.profile_sites import Site, Totals
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites.buckets import rate_of
from whence.measure.profiles.sites.trace_types import TracedTypes

FRAMES_BEFORE_1_23 = 32
OPEN_SHARE = 0.05
"""A share that may be off by more than this is worth a second run."""
TRACE_COMMAND = (
    "GODEBUG=traceallocfree=1,memprofilerate=1 PROGRAM, with runtime/trace on and an allocs profile written at its end"
    " (or curl -o trace.out 'ADDRESS/debug/pprof/trace?seconds=5'); then: whence profile sites allocs.pb.gz"
    " --trace trace.out"
)
RATE_COMMAND = (
    "GODEBUG=memprofilerate=1 PROGRAM, writing the allocs profile at its end; then: whence profile sites FILE"
)
NO_TINY_COMMAND = (
    "go build -race and GODEBUG=memprofilerate=1: under the race detector no object shares a tiny block, so the profile"
    " splits them by place; then: whence profile sites FILE"
)


def settle(sites: Sequence[Site], totals: Totals, traced: TracedTypes | None) -> str | None:
    """Returns the command of the run that would say more, None when nothing is open."""
    open_tiny = [
        site
        for site in sites
        if site.tiny == "possible" and site.objects_share.high - site.objects_share.low > OPEN_SHARE
    ]
    if open_tiny and traced is None:
        return TRACE_COMMAND
    if open_tiny or any(
        site.tiny == "certain" and site.objects_share.high - site.objects_share.low > OPEN_SHARE for site in sites
    ):
        return NO_TINY_COMMAND
    if any(site.objects_share.high - site.objects_share.low > OPEN_SHARE for site in sites):
        return RATE_COMMAND
    return None


def notes(
    profiles: Sequence[Profile], traced: TracedTypes | None, go_version: str | None, totals: Totals, sites: int
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
