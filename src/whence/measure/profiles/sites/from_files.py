"""From files to allocation sites: which of them are profiles, which a trace, which the runtime's own counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whence.evidence.errors import BadInput
from whence.evidence.profile_sites import ProfileSites
from whence.measure.profiles.loading import Announce, content, each
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.reading import decompressed
from whence.measure.profiles.readers.snapshots import read_snapshots
from whence.measure.profiles.readers.trace_v2 import generations, is_trace
from whence.measure.profiles.sites.analysis import sites
from whence.measure.profiles.sites.call_sites import program_of
from whence.measure.profiles.sites.tiny import RuntimeTotals

_TINY = "/gc/heap/tiny/allocs:objects"


def asked_sites(
    files: Sequence[str],
    *,
    outside: Sequence[str] = (),
    go_version: str | None = None,
    standard_library: bool = True,
    totals: RuntimeTotals | None = None,
    binary: Path | None = None,
    processors: int = 1,
    announce: Announce | None = None,
) -> tuple[ProfileSites, list[Profile]]:
    """Returns the sites and the profiles that were read; a trace with alloc/free events is told by its first bytes.

    `binary`: the program that was profiled, whose code says what its places ask for. Raises BadInput for more than one
    trace, one without room for such events, and a binary that is none.
    """
    traces = [name for name in files if trace_kind(name)]
    if len(traces) > 1:
        raise BadInput(
            f"{len(traces)} traces were given. Give one trace, and any number of profiles of the same program."
        )
    profiles = list(each([name for name in files if name not in traces], announce=announce))
    source = ", ".join(files)
    program = None if binary is None else program_of(binary, profiles)
    totals = totals or _counted(profiles)

    def found(trace: object) -> ProfileSites:
        return sites(
            profiles,
            trace,  # pyright: ignore[reportArgumentType]
            outside=outside,
            go_version=go_version,
            runtime_totals=totals,
            standard_library=standard_library,
            program=program,
            processors=processors,
            source=source,
        )

    if not traces:
        return found(None), profiles
    if trace_kind(traces[0]) == 1:
        raise BadInput(
            f"{traces[0]} is a trace of Go 1.21 or older, which has no alloc/free events. Use Go 1.23 or newer."
        )
    with open(traces[0], "rb") as file:
        return found(generations(file)), profiles


def counted_in(metrics: str) -> RuntimeTotals:
    """Returns the runtime's own counts in a file of metrics or MemStats. Raises BadInput when it does not hold them."""
    snapshots = read_snapshots(bytes(decompressed(content(metrics)))) or ()
    tiny = snapshots[-1].values.get(_TINY) if snapshots else None
    mallocs = snapshots[-1].mallocs if snapshots else None
    if tiny is None and mallocs is None:
        raise BadInput(f"{metrics} holds neither {_TINY} nor MemStats.Mallocs. Give metrics of the program, or none.")
    return RuntimeTotals(
        tiny_allocs=None if tiny is None else int(tiny), mallocs=None if mallocs is None else int(mallocs)
    )


def _counted(profiles: Sequence[Profile]) -> RuntimeTotals | None:
    """Returns what the runtime counted by the time of a text profile, which ends with its statistics."""
    if len(profiles) != 1:
        return None
    told = dict(comment.split(" = ", 1) for comment in profiles[0].comments if comment.startswith("MemStats."))
    mallocs = told.get("MemStats.Mallocs", "")
    return RuntimeTotals(mallocs=int(mallocs)) if mallocs.isdigit() else None


def trace_kind(name: str) -> int:
    """Returns which trace format a file announces, 0 for none or what is no file."""
    path = Path(name)
    if not path.is_file():
        return 0
    try:
        with open(path, "rb") as file:
            return is_trace(file.read(16))
    except OSError as error:
        raise BadInput(f"{name} cannot be read ({error.strerror}). Give a profile or a trace.") from error
