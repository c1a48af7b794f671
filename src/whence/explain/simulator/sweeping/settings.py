"""From settings as people write them (`GOGC=off`, `GOMEMLIMIT=1GiB`, `cpu=0.5`) to a configuration. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes, parse_seconds
from whence.explain.simulator.engine.config import Config

NONE = frozenset({"none", "off", "unlimited"})


def _gogc(text: str) -> int:
    return -1 if text.lower() == "off" else int(text)


def _bytes(text: str) -> int | None:
    return None if text.lower() in NONE else parse_bytes(text)


def _cpus(text: str) -> float | None:
    return None if text.lower() in NONE else float(text)


def _seconds(text: str) -> float | None:
    return None if text.lower() in NONE else parse_seconds(text)


def _huge_pages(text: str) -> str:
    if text not in {"never", "madvise", "always"}:
        raise ValueError(text)
    return text


SETTINGS: dict[str, tuple[str, Callable[[str], object], str]] = {
    "go": ("go", str, "a release, as 1.27"),
    "GOGC": ("gogc", _gogc, "a percentage, or off"),
    "GOMEMLIMIT": ("memory_limit", _bytes, "an amount as 1GiB, or none"),
    "GOMAXPROCS": ("processors", int, "a number of processors"),
    "cpu": ("cpus", _cpus, "a number of CPUs as 0.5, or none"),
    "memory": ("container_memory", _bytes, "an amount as 512MiB, or none"),
    "lifetime": ("lifetime_seconds", _seconds, "a duration as 10m, or none"),
    "hugepages": ("huge_pages", _huge_pages, "never, madvise or always"),
}
"""Key → field of Config, how a value is read, and what a value is."""


def with_setting(config: Config, key: str, text: str) -> Config:
    """Returns the configuration with one setting changed. Raises BadInput for an unknown key or an unreadable value."""
    if key not in SETTINGS:
        raise BadInput(f"{key}={text}: the simulator has no setting {key}. It has {', '.join(SETTINGS)}.")
    field, read, what = SETTINGS[key]
    try:
        value = read(text)
    except (ValueError, BadInput):
        raise BadInput(f"{key}={text}: {key} takes {what}.") from None
    return msgspec.structs.replace(config, **{field: value})
