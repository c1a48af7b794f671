"""What stands as INPUT on the command line, recognised by its content: numbers, a recording, a trace, a profile."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from whence.evidence.errors import BadInput
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.inputs.few_numbers import FewNumbers

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
