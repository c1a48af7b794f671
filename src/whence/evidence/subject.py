"""Subjects: what is run. The grammar of `--subject` is parsed here; whether the thing exists is checked by its room."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote

import msgspec

from whence.evidence.errors import BadInput

Kind = Literal["workload", "package", "bench", "exec", "service"]
BENCH_PARAMETERS = ("run", "count", "benchtime")


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is loaded: a command, or the built-in open-loop HTTP client."""

    command: str | None = None
    rate_per_second: float = 500.0
    seconds: float = 10.0
    path: str = "/"
    ready_url: str | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is run in every variant."""

    text: str
    kind: Kind
    target: str
    """Workload name, directory of a main package, package of a benchmark; empty for `exec:`."""
    parameters: dict[str, str] = {}
    arguments: tuple[str, ...] = ()
    """What stood behind `--`."""
    load: Load | None = None
    """Set exactly when the subject is a server."""


def parse_subject(text: str, arguments: tuple[str, ...] = (), *, load: Load | None = None) -> Subject:
    """Returns the subject that `text` describes. With `load`, an `exec:` or workload subject is run as a server.

    Raises BadInput.
    """
    scheme, colon, rest = text.partition(":")
    if colon and scheme == "workload":
        name, parameters = _query(text, rest)
        if not name:
            raise BadInput("workload: needs a name. See: whence workload list")
        return Subject(text=text, kind="workload", target=name, parameters=parameters, arguments=arguments, load=load)
    if colon and scheme == "bench":
        package, parameters = _query(text, rest)
        unknown = [p for p in parameters if p not in BENCH_PARAMETERS]
        if unknown:
            raise BadInput(f"subject {text!r}: unknown parameter {unknown[0]!r}. Known: {', '.join(BENCH_PARAMETERS)}.")
        return Subject(text=text, kind="bench", target=package or ".", parameters=parameters, arguments=arguments)
    if colon and scheme == "exec":
        if rest:
            raise BadInput(
                f"subject {text!r}: exec: takes the command behind --, as in --subject exec: -- ./prog -n 3."
            )
        return Subject(text=text, kind="exec", target="", arguments=arguments, load=load)
    if colon and scheme == "service":
        return Subject(text=text, kind="service", target=rest or ".", arguments=arguments, load=load or Load())
    if not text:
        raise BadInput("--subject is empty. Write a directory, workload:NAME, bench:./pkg, exec: or service:./dir.")
    if load is not None:
        return Subject(text=text, kind="service", target=text, arguments=arguments, load=load)
    return Subject(text=text, kind="package", target=text, arguments=arguments)


def _query(text: str, rest: str) -> tuple[str, dict[str, str]]:
    head, _, query = rest.partition("?")
    parameters: dict[str, str] = {}
    for item in query.split("&") if query else []:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise BadInput(f"subject {text!r}: {item!r} is not PARAM=VALUE.")
        if key in parameters:
            raise BadInput(f"subject {text!r}: {key} is given twice. Keep one.")
        parameters[key] = unquote(value)
    return head, parameters
