"""Settings of pods as people write them, `key=value`, each with its meaning; the same keys for options and variants."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_args

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes, parse_seconds
from whence.explain.simulator.node.go_process import UNLIMITED, GoProcess
from whence.explain.simulator.node.kubernetes_mapping import Qos, Reservation
from whence.explain.simulator.node.lifetimes import lifetime, size
from whence.explain.simulator.node.pods import PodKind

DEFAULT = PodKind(lifetime=lifetime("3s..8s"), start_peak=size("64MB"), live=size("4MB"))
_NAME = re.compile(r"[A-Za-z0-9._-]+\Z")
_NONE = frozenset({"none", "off", "unset", "0"})


def _bytes_or_none(text: str) -> int:
    return 0 if text in _NONE else parse_bytes(text)


def _go_limit(text: str) -> int:
    return UNLIMITED if text in _NONE else parse_bytes(text)


def _gogc(text: str) -> int:
    if text == "off":
        return -1
    if not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise BadInput(f"gogc={text} is no percentage above 0. Write a number, or off.")
    return int(text)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no whole number. Write for example 1000.") from error


def _yes(text: str) -> bool:
    if text not in {"true", "false", "yes", "no", "1", "0"}:
        raise BadInput(f"{text!r} is neither true nor false. Write one of them.")
    return text in {"true", "yes", "1"}


def _seconds(text: str) -> float:
    return 0.0 if text in {"0", "0s"} else parse_seconds(text)


def _rate(text: str) -> float:
    text = text.removesuffix("/s")
    return 0.0 if text in {"0", "0B"} else float(parse_bytes(text))


def _one_of(kind: Any) -> Callable[[str], str]:
    def read(text: str) -> str:
        for name in get_args(kind):
            if name.lower() == text.lower():
                return name
        raise BadInput(f"{text!r} is unknown. Choose {', '.join(get_args(kind))}.")

    return read


OF_POD: dict[str, tuple[str, Callable[[str], object]]] = {
    "lifetime": ("lifetime", lifetime),
    "start-peak": ("start_peak", size),
    "live": ("live", size),
    "request": ("request", _bytes_or_none),
    "limit": ("limit", _bytes_or_none),
    "qos": ("qos", _one_of(Qos)),
    "memory-qos": ("memory_qos", _yes),
    "high": ("high", parse_bytes),
    "reservation": ("reservation", _one_of(Reservation)),
    "priority": ("priority", _whole),
    "critical": ("critical", _yes),
    "tolerates-pressure": ("tolerates_pressure", _yes),
    "creating": ("creating_seconds", _seconds),
    "exit": ("exit_seconds", _seconds),
    "gap": ("gap_seconds", _seconds),
}
OF_PROCESS: dict[str, tuple[str, Callable[[str], object]]] = {
    "gogc": ("gogc", _gogc),
    "memory-limit": ("memory_limit", _go_limit),
    "alloc-rate": ("alloc_rate", _rate),
    "start-time": ("start_seconds", _seconds),
    "procs": ("processors", _whole),
    "go": ("go", str),
}
ALIASES = {"GOGC": "gogc", "GOMEMLIMIT": "memory-limit", "GOMAXPROCS": "procs"}


def with_settings(kind: PodKind, settings: dict[str, str], *, name: str | None = None, spec: str = "") -> PodKind:
    """Returns `kind` with the settings changed. Raises BadInput."""
    pod: dict[str, object] = {}
    process: dict[str, object] = {}
    for written, text in settings.items():
        key = ALIASES.get(written, written)
        table, into = (OF_POD, pod) if key in OF_POD else (OF_PROCESS, process)
        if key not in table:
            raise BadInput(f"{written!r} is no setting of a pod. Known are: {', '.join([*OF_POD, *OF_PROCESS])}.")
        field, read = table[key]
        try:
            into[field] = read(text)
        except BadInput as error:
            raise BadInput(f"{written}: {error}") from error
    changed = msgspec.structs.replace(kind, name=name or kind.name, spec=spec or kind.spec, **pod)
    changed = msgspec.structs.replace(changed, process=msgspec.structs.replace(kind.process, **process))
    return changed.checked()


def parse_variant(text: str) -> tuple[str, dict[str, str]]:
    """Returns the name and the settings of `NAME:key=value,key=value`; a comma inside a value is written `\\,`.

    Raises BadInput.
    """
    head = text.split("=", 1)[0]
    name, colon, rest = text.partition(":")
    if not colon or ":" not in head:
        name, rest = text, text
    elif not _NAME.match(name):
        raise BadInput(f"{name!r} is no name of a variant. Use letters, digits, dots, dashes and underscores.")
    settings: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", rest):
        if not part:
            continue
        key, equals, value = part.replace("\\,", ",").partition("=")
        if not equals or not value:
            raise BadInput(f"{part!r} in --variant {text} is no key=value. Write for example tuned:memory-limit=32MiB.")
        if key in settings:
            raise BadInput(f"--variant {text} sets {key} twice. Keep one.")
        settings[key] = value
    return name, settings


def process_of(kind: PodKind) -> GoProcess | None:
    """Returns the Go process in the middle of what is drawn, None for pods of given curves."""
    if kind.curves:
        return None
    return msgspec.structs.replace(
        kind.process, start_peak=int(kind.start_peak.quantile(0.5)), live=int(kind.live.quantile(0.5))
    )
