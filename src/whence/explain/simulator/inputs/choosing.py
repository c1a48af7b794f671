"""What stands as INPUT on the command line, recognised by its content: numbers, a recording, a trace, a profile."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_seconds
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.inputs.few_numbers import DEFAULT_OBJECTS, FewNumbers
from whence.explain.simulator.inputs.process_facts import FILE_NAME, read_facts
from whence.golang.versions import parse_version

if TYPE_CHECKING:
    from whence.explain.simulator.inputs.from_metrics import Counters
    from whence.explain.simulator.inputs.process_facts import ProcessFacts
    from whence.measure.profiles.readers.profile import Profile
    from whence.measure.profiles.readers.snapshot import Snapshot

NEWEST = "1.27"
MAGIC = b"whence.allocations/1\n"
_TRACE = re.compile(rb"go 1\.(\d+) trace")
_FIELDS = {
    "alloc-rate": "alloc_rate",
    "live": "live",
    "objects": "objects",
    "start-peak": "start_peak",
    "duration": "duration",
}


class Numbers(msgspec.Struct, frozen=True):
    """Programs from a few numbers; `arg.live=160MB` and the like change one of them in a variant."""

    numbers: FewNumbers

    def workload(self, arguments: Mapping[str, str]) -> Workload:
        """Returns the program. Raises BadInput."""
        changes: dict[str, str] = {}
        for name, value in arguments.items():
            if name not in _FIELDS:
                raise BadInput(f"arg.{name}: these numbers have no {name}. Known: {', '.join(_FIELDS)}.")
            changes[_FIELDS[name]] = value
        return msgspec.structs.replace(self.numbers, **changes).workload()

    def processors(self, arguments: Mapping[str, str]) -> int | None:
        """Returns None: the program does not set GOMAXPROCS."""
        return None


class Fixed(msgspec.Struct, frozen=True):
    """One program that has no arguments: a recording, a profile."""

    program: Workload
    what: str

    def workload(self, arguments: Mapping[str, str]) -> Workload:
        """Returns the program. Raises BadInput when a variant sets an argument."""
        for name in arguments:
            raise BadInput(f"arg.{name}: {self.what} has no parameters; only a workload or numbers have.")
        return self.program

    def processors(self, arguments: Mapping[str, str]) -> int | None:
        """Returns None: what the program sets itself is not known."""
        return None


class BuiltIn(msgspec.Struct, frozen=True):
    """A built-in workload under its parameters; `arg.NAME` of a variant sets one of them."""

    text: str
    go: str

    def workload(self, arguments: Mapping[str, str]) -> Workload:
        """Returns the program. Raises BadInput."""
        from whence.explain.simulator.inputs.from_workload import program_of_workload

        return program_of_workload(self.text, arguments, self.go)

    def processors(self, arguments: Mapping[str, str]) -> int | None:
        """Returns GOMAXPROCS, which the built-in programs set themselves by their parameter ps."""
        return self.workload(arguments).goroutines


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says about the program beside naming it; texts as on the command line."""

    alloc_rate: str | None = None
    live: str | None = None
    objects: str | None = None
    start_peak: str | None = None
    kept: float = 0.5
    duration: str | None = None
    cpu_share: float = 0.0
    metrics: Path | None = None
    good_part: bool = False
    process: Path | None = None
    """process.json of `whence simulate record`; that beside a profile is taken by itself."""
    go: str | None = None
    recorded_with: str | None = None
    """The release that recorded the input, where the file does not say."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A program, and what its source knows of the surroundings it ran in."""

    programs: Numbers | Fixed | BuiltIn
    subject: str
    go: str | None = None
    """The release that it ran with when it was recorded."""
    gogc: str | None = None
    memory_limit: str | None = None
    processors: int | None = None
    cpu: float | None = None
    """CPUs that a program got which would have used more."""
    run_delay_seconds: float = 0.0
    resident_bytes: int | None = None
    notes: tuple[str, ...] = ()


def open_input(text: str | None, hints: Hints) -> Found:
    """Returns the program that `text` names; None: that of the numbers in the hints. Raises BadInput."""
    if text is None:
        return _numbers(hints)
    if text.startswith("workload:"):
        return _workload(text, hints)
    path = Path(text)
    if not path.is_file():
        raise BadInput(f"{text}: there is no such file. Give a recording, a trace, a heap profile or workload:NAME.")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise BadInput(f"{text} is empty. Give a recording, a trace, a heap profile or workload:NAME.")
    if head.startswith(MAGIC):
        return _recording(path, path, hints)
    if _TRACE.match(head):
        return _trace(path, hints)
    return _profile(path, hints)


def _no_numbers(what: str, hints: Hints, *allowed: str) -> None:
    """Raises BadInput for hints that contradict what the input knows itself."""
    given = {
        "--process": hints.process, "--live": hints.live, "--objects": hints.objects,
        "--start-peak": hints.start_peak, "--metrics": hints.metrics,
        "--alloc-rate": hints.alloc_rate, "--duration": hints.duration,
    }  # fmt: skip
    for option, value in given.items():
        if value is not None and option not in allowed:
            raise BadInput(f"{option} contradicts {what}, which says so itself. Leave it out.")


def _workload(text: str, hints: Hints) -> Found:
    from whence.explain.simulator.inputs.from_workload import program_of_workload

    _no_numbers(text, hints)
    program = program_of_workload(text, {}, hints.go or NEWEST)
    note = "the program's own speed is taken from cost constants, not measured."
    return Found(programs=BuiltIn(text, hints.go or NEWEST), subject=text, processors=program.goroutines, notes=(note,))


def _recording(path: Path, shown: Path, hints: Hints) -> Found:
    from whence.explain.simulator.inputs.columns_file import read_recording
    from whence.explain.simulator.inputs.from_recording import notes_of, program_of_recording

    _no_numbers("a recording", hints)
    recording = read_recording(path)
    program = program_of_recording(recording, name=str(shown))
    processors = 1 if not len(recording.processor) else int(recording.processor.max()) + 1
    return Found(
        programs=Fixed(program, "a recording"), subject=str(shown), go=recording.go_version, processors=processors,
        notes=notes_of(recording),
    )  # fmt: skip


def _trace(path: Path, hints: Hints) -> Found:
    """Returns the program of an execution trace, imported into the cache once."""
    from whence.explain.simulator.inputs.importing import import_trace
    from whence.golang.cache import cache_root

    _no_numbers("a trace", hints)
    status = path.stat()
    key = f"{path.absolute()}\0{status.st_size}\0{status.st_mtime_ns}\0{hints.recorded_with}\0{hints.good_part}"
    kept = cache_root() / "recordings" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.allocations"
    notes: tuple[str, ...] = ()
    if not kept.is_file():
        release = hints.recorded_with or _release_of(path)
        kept.parent.mkdir(parents=True, exist_ok=True)
        imported = import_trace(path, kept, release, good_part=hints.good_part)
        if imported.damage is not None:
            notes = (f"only the good part of the trace is used, {imported.events} events: {imported.damage}.",)
    found = _recording(kept, path, hints)
    return msgspec.structs.replace(found, notes=(*notes, *found.notes))


def _release_of(path: Path) -> str:
    """Returns the release of a trace by its header; 1.24 writes that of 1.23, and 1.27 that of 1.26."""
    with path.open("rb") as file:
        match = _TRACE.match(file.read(32))
    return "1.23" if match is None else f"1.{int(match[1])}"


def _profile(path: Path, hints: Hints) -> Found:
    from whence.explain.simulator.inputs.few_numbers import parse_rate
    from whence.explain.simulator.inputs.from_metrics import counters_of
    from whence.explain.simulator.inputs.from_profile import program_of, program_of_counters
    from whence.measure.profiles.readers.reading import content_of, decompressed
    from whence.measure.profiles.readers.snapshots import read_snapshots

    _no_numbers("a profile", hints, "--metrics", "--alloc-rate", "--duration", "--process")
    seconds = None if hints.duration is None else parse_seconds(hints.duration)
    content = decompressed(content_of(path))
    beside = path.parent / FILE_NAME
    facts = read_facts(hints.process or beside) if hints.process is not None or beside.is_file() else None
    own = _snapshots(bytes(content)) if content[:1] in (b"{", b"[", b"#", b"g", b"/") else None
    if own is not None:
        counters = counters_of(own, seconds)
        profiled = program_of_counters(counters, name=path.name, seconds=seconds, go=hints.go or NEWEST, facts=facts)
    else:
        counters = None
        if hints.metrics is not None:
            snapshots = read_snapshots(bytes(decompressed(content_of(hints.metrics))))
            if snapshots is None:
                raise BadInput(f"{hints.metrics} holds no Go metrics. Save /metrics or /debug/vars of the program.")
            counters = counters_of(snapshots, seconds)
        rate = None if hints.alloc_rate is None else parse_rate(hints.alloc_rate)
        go = hints.recorded_with or (counters.go if counters is not None else None) or hints.go or NEWEST
        profiled = program_of(
            _read(path, content),
            name=path.name,
            counters=counters,
            seconds=seconds,
            alloc_rate=rate,
            go=go,
            facts=facts,
        )
    program = _marking_as_real(profiled.program, counters, facts, hints)
    return Found(
        programs=Fixed(program, "a profile"),
        subject=path.name,
        go=hints.recorded_with or (counters.go if counters else None),
        gogc=counters.gogc if counters else None,
        memory_limit=counters.memory_limit if counters else None,
        processors=counters.processors if counters else None,
        cpu=facts.cores if facts and profiled.program.closed_loop else None,
        run_delay_seconds=facts.run_delay_seconds if facts else 0.0,
        resident_bytes=facts.resident_bytes if facts else None,
        notes=profiled.notes,
    )


def _read(path: Path, content: bytes | bytearray) -> Profile:
    """Returns the profile; errors name the file."""
    from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
    from whence.measure.profiles.readers.reading import read_profile

    try:
        return read_profile(content)
    except DamagedInput as error:
        raise DamagedInput(f"{path}: {error.what}", error.offset, error.readable) from error
    except UnknownFormat as error:
        raise BadInput(
            f"{path} is no recording, trace, heap profile or counters, so it cannot be simulated. Make one with whence "
            "simulate record."
        ) from error


def _marking_as_real(
    program: Workload, counters: Counters | None, facts: ProcessFacts | None, hints: Hints
) -> Workload:
    """Returns the program matched to the live bytes that were marked, under the settings that they were marked with."""
    from whence.explain.simulator.engine.config import Config
    from whence.explain.simulator.inputs.matching import match_live
    from whence.explain.simulator.whatif.variants import default_processors

    go = hints.recorded_with or (counters.go if counters else None) or hints.go or NEWEST
    gogc = (counters.gogc if counters else None) or "100"
    processors = (counters.processors if counters else None) or default_processors(parse_version(go), 4, None)
    config = Config(
        go=go,
        gogc=-1 if gogc == "off" else int(gogc),
        processors=processors,
        cpus=min(facts.cores, processors) if facts and program.closed_loop else None,
        run_delay_seconds=facts.run_delay_seconds if facts else 0.0,
        allow_nearest=True,
    )
    live = (counters.live_bytes if counters else None) or program.live_bytes
    return match_live(program, config, live)


def _snapshots(content: bytes) -> tuple[Snapshot, ...] | None:
    from whence.measure.profiles.readers.snapshots import read_snapshots

    try:
        return read_snapshots(content)
    except BadInput:
        return None


def _numbers(hints: Hints) -> Found:
    if hints.metrics is not None:
        raise BadInput("--metrics belongs beside a heap profile. Give the profile as INPUT, or leave the file out.")
    if hints.alloc_rate is None or hints.live is None:
        raise BadInput(
            "a program from numbers needs both --alloc-rate and --live, as --alloc-rate 200MB/s --live 80MB."
        )
    numbers = FewNumbers(
        alloc_rate=hints.alloc_rate,
        live=hints.live,
        objects=hints.objects or DEFAULT_OBJECTS,
        kept=hints.kept,
        duration=hints.duration or "60s",
        start_peak=hints.start_peak,
        cpu_share=hints.cpu_share,
    )
    return Found(programs=Numbers(numbers), subject=numbers.name())
