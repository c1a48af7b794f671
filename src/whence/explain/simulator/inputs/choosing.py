"""What stands as INPUT on the command line, recognised by its content: numbers, a recording, a trace, a profile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.inputs.few_numbers import DEFAULT_OBJECTS, FewNumbers

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


class Fixed(msgspec.Struct, frozen=True):
    """One program that has no arguments: a recording, a profile."""

    program: Workload
    what: str

    def workload(self, arguments: Mapping[str, str]) -> Workload:
        """Returns the program. Raises BadInput when a variant sets an argument."""
        for name in arguments:
            raise BadInput(f"arg.{name}: {self.what} has no parameters; only a workload or numbers have.")
        return self.program


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
    go: str | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A program, and what its source knows of the surroundings it ran in."""

    programs: Numbers | Fixed
    subject: str
    go: str | None = None
    """The release that it ran with when it was recorded."""
    gogc: str | None = None
    memory_limit: str | None = None
    processors: int | None = None
    notes: tuple[str, ...] = ()


def open_input(text: str | None, hints: Hints) -> Found:
    """Returns the program that `text` names; None: that of the numbers in the hints. Raises BadInput."""
    if text is None:
        return _numbers(hints)
    raise BadInput(f"{text} is no input that can be simulated.")


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
