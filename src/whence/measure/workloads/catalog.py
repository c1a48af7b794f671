"""The catalogue of built-in workloads: read from the table beside each program's sources, and checked against requests.

Adding a workload is a folder with Go sources, `go.mod` and `workload.json`, its name in `NAMES`, and its section in
`docs/workloads.md`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.subject import Load

NAMES = ("heapshape", "alloc", "trees", "httpd", "streamtiny", "jsonbench", "maps", "timers", "jwt")
_WHOLE_NUMBER = re.compile(r"\d+\Z", re.ASCII)


class UnknownWorkload(BadInput):
    """No workload has that name."""


class UnknownParameter(BadInput):
    """The workload has no such parameter."""


class BadParameter(BadInput):
    """A parameter's value is none of its choices or lies outside its range."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flag of a workload's program: either one of `choices`, or a whole number from `minimum` to `maximum`."""

    name: str
    default: str
    unit: str = ""
    help: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @property
    def allowed(self) -> str:
        """What the value may be, in words."""
        return ", ".join(self.choices) if self.choices else f"{self.minimum} … {self.maximum}"


class Printed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit that the program prints on its benchmark line."""

    unit: str
    help: str


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comparison worth running: a subject, variants, the metric to look at, and what it shows."""

    name: str
    spec: str
    base: str
    candidates: tuple[str, ...]
    metric: str
    shows: str
    options: tuple[str, ...] = ()

    @property
    def command(self) -> tuple[str, ...]:
        """The words of the command line that runs it."""
        words = ("whence", "compare", self.base, *self.candidates, "--subject", self.spec, "--metric", self.metric)
        return words + self.options


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """One built-in subject. `directory` holds its Go package; `service` is set for servers."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    metrics: tuple[Printed, ...]
    directory: Path
    service: Load | None
    examples: tuple[Example, ...]
    modules: bool = False
    """The program needs other modules, which the go command fetches at the first build; Go before 1.11 cannot."""

    def parameter(self, name: str) -> Parameter:
        """Returns the parameter of that name. Raises UnknownParameter naming those that exist."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = ", ".join(p.name for p in self.parameters)
        raise UnknownParameter(f"workload {self.name} has no parameter {name!r}. Known: {known}.")


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form of `workload.json`."""

    summary: str
    parameters: tuple[Parameter, ...]
    metrics: tuple[Printed, ...]
    service: Load | None = None
    examples: tuple[Example, ...] = ()
    modules: bool = False


@cache
def get(name: str) -> Workload:
    """Returns the workload of that name. Raises UnknownWorkload naming those that exist."""
    if name not in NAMES:
        raise UnknownWorkload(f"no workload {name!r}. Known: {', '.join(NAMES)}. See: whence workload list")
    directory = Path(__file__).parent.resolve() / name
    table = msgspec.json.decode((directory / "workload.json").read_bytes(), type=_Table)
    return Workload(
        name=name,
        summary=table.summary,
        parameters=table.parameters,
        metrics=table.metrics,
        directory=directory,
        service=table.service,
        examples=table.examples,
        modules=table.modules,
    )


def all() -> tuple[Workload, ...]:
    """Returns every workload, in the order of `NAMES`."""
    return tuple(get(name) for name in NAMES)


def example(name: str) -> Example:
    """Returns the example of that name, of whatever workload. Raises BadInput naming those that exist."""
    examples = [e for workload in all() for e in workload.examples]
    for candidate in examples:
        if candidate.name == name:
            return candidate
    raise BadInput(f"no example {name!r}. Known: {', '.join(e.name for e in examples)}.")


def arguments(workload: Workload, parameters: dict[str, str]) -> tuple[str, ...]:
    """Returns the flags (`-size=4096`, …) for the parameters given; those not given keep the program's defaults.

    Raises UnknownParameter or BadParameter: everything the program would refuse is refused here, before a build.
    """
    return tuple(f"-{name}={_checked(workload, name, value)}" for name, value in parameters.items())


def environment(workload: Workload, parameters: dict[str, str]) -> dict[str, str]:
    """Returns what the environment should add so that a run starts as its parameters say.

    GOMAXPROCS from the first moment: set by the program itself, what runtime start-up did on the other Ps differs
    from run to run by up to 100 kB. A variant's own setting goes before this one.
    """
    if not any(p.name == "ps" for p in workload.parameters):
        return {}
    ps = parameters.get("ps", workload.parameter("ps").default)
    return {} if ps == "0" else {"GOMAXPROCS": ps}


def _checked(workload: Workload, name: str, value: str) -> str:
    parameter = workload.parameter(name)
    if parameter.choices:
        fits = value in parameter.choices
    else:
        fits = bool(_WHOLE_NUMBER.match(value)) and len(value) < 19 and _inside(parameter, int(value))
    if not fits:
        unit = f" {parameter.unit}" if parameter.unit else ""
        raise BadParameter(
            f"workload {workload.name}: {name}={value} is not possible. {name} may be {parameter.allowed}{unit}."
        )
    return value


def _inside(parameter: Parameter, number: int) -> bool:
    low, high = parameter.minimum, parameter.maximum
    return (low is None or number >= low) and (high is None or number <= high)
