"""From variants, as people write them, to the settings of a simulated run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes
from whence.evidence.variant import Variant, parse_variant
from whence.explain.simulator.engine.config import Config
from whence.golang.versions import Version, parse_version

SETTINGS = ("go", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "cpu", "memory")
"""Keys of a variant that a simulated run knows, beside arg.NAME."""
LIMIT_SINCE = parse_version("1.19")
QUOTA_SINCE = parse_version("1.25")
"""From here on the runtime counts a CPU limit of its cgroup, rounded up, at least 2 (runtime/cgroup_linux.go)."""
PARALLEL_SINCE = parse_version("1.5")
GOGC_DEFAULT = "100"


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all variants that do not say otherwise."""

    go: str
    host_processors: int = 4
    """Processors of the machine: GOMAXPROCS where nothing else decides it."""
    processors: int | None = None
    """GOMAXPROCS for all variants."""
    cpu: float | None = None
    memory: int | None = None
    gogc: str = GOGC_DEFAULT
    memory_limit: str | None = None
    run_delay_seconds: float = 0.0
    resident_bytes: int | None = None
    lifetime_seconds: float | None = None
    allow_nearest: bool = False


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """A variant with the settings that it means."""

    variant: Variant
    config: Config
    arguments: Mapping[str, str] = {}
    ignored: tuple[str, ...] = ()
    """Settings that this release does not read, in words."""

    @property
    def name(self) -> str:
        return self.variant.name

    def settings(self) -> dict[str, str]:
        """Returns all that decides the run, defaults included, by the keys of a variant."""
        config = self.config
        found = {"go": config.go, "GOGC": "off" if config.gogc < 0 else str(config.gogc)}
        if config.memory_limit is not None:
            found["GOMEMLIMIT"] = str(config.memory_limit)
        found["GOMAXPROCS"] = str(config.processors)
        if config.cpus is not None:
            found["cpu"] = f"{config.cpus:g}"
        if config.container_memory is not None:
            found["memory"] = str(config.container_memory)
        return found | {f"arg.{name}": value for name, value in sorted(self.arguments.items())}


def read_variants(
    texts: Sequence[str], around: Surroundings, *, resolve: Callable[[str], str] | None = None
) -> tuple[Simulated, ...]:
    """Returns the variants in the order written, the first being the base.

    resolve: turns `local` or a GOROOT into a release. Raises BadInput for keys that a simulation does not know, for
    settings that contradict each other, and for two variants that are the same without names of their own.
    """
    found: list[Simulated] = []
    for text in texts:
        found.append(of_variant(parse_variant(text), around, resolve=resolve))
    for index, one in enumerate(found):
        for other in found[:index]:
            if one.name == other.name:
                raise BadInput(f"two variants are called {one.name!r}. Name them apart, as in a:{one.variant.spec}.")
            if one.settings() == other.settings() and not (one.variant.named and other.variant.named):
                raise BadInput(
                    f"{other.variant.spec or 'base'!r} and {one.variant.spec or 'base'!r} mean the same settings. "
                    "Change one, or name both to see that nothing differs."
                )
    return tuple(found)


def of_variant(variant: Variant, around: Surroundings, *, resolve: Callable[[str], str] | None = None) -> Simulated:
    """Returns what one variant means. Raises BadInput."""
    for setting in variant.settings:
        if setting.key not in SETTINGS and not setting.key.startswith("arg."):
            raise BadInput(
                f"variant {variant.spec!r}: {setting.key} is not simulated. Known: {', '.join(SETTINGS)}, arg.NAME; "
                "whence compare measures the rest."
            )
    go = _release(variant.get("go") or around.go, resolve)
    version = parse_version(go)
    cpu = variant.cpu_limit if variant.get("cpu") is not None else around.cpu
    memory = variant.memory_limit_bytes if variant.get("memory") is not None else around.memory
    processors_text = variant.get("GOMAXPROCS")
    processors = int(processors_text) if processors_text is not None else around.processors
    ignored: list[str] = []
    limit = _bytes_or_off(variant.get("GOMEMLIMIT") or around.memory_limit)
    if limit is not None and version < LIMIT_SINCE and variant.get("GOMEMLIMIT") is not None:
        ignored.append(f"Go {go} does not read GOMEMLIMIT (it came with 1.19).")
    _check_together(variant, limit, memory)
    config = Config(
        go=go,
        gogc=_gogc(variant.get("GOGC") or around.gogc),
        memory_limit=limit if version >= LIMIT_SINCE else None,
        processors=processors or default_processors(version, around.host_processors, cpu),
        cpus=cpu,
        run_delay_seconds=around.run_delay_seconds,
        container_memory=memory,
        lifetime_seconds=around.lifetime_seconds,
        resident_bytes=around.resident_bytes,
        allow_nearest=around.allow_nearest,
    ).checked()
    return Simulated(variant=variant, config=config, arguments=variant.arguments, ignored=tuple(ignored))


def default_processors(version: Version, host: int, cpu: float | None) -> int:
    """Returns GOMAXPROCS where nobody sets it: 1 before 1.5, the machine's, from 1.25 on at most the CPU limit."""
    if version < PARALLEL_SINCE:
        return 1
    if cpu is None or version < QUOTA_SINCE:
        return host
    return min(host, max(2, math.ceil(cpu)))


def _release(text: str, resolve: Callable[[str], str] | None) -> str:
    if resolve is not None and (text == "local" or "/" in text):
        return resolve(text)
    return parse_version(text).text


def _gogc(text: str) -> int:
    return -1 if text == "off" else max(-1, int(text))


def _bytes_or_off(text: str | None) -> int | None:
    return None if text is None or text == "off" else parse_bytes(text)


def _check_together(variant: Variant, limit: int | None, memory: int | None) -> None:
    if limit is not None and memory is not None and limit > memory:
        raise BadInput(
            f"variant {variant.spec!r}: GOMEMLIMIT of {limit} B lies above the container's memory of {memory} B, so it "
            "can never act. Lower it, or leave one out."
        )
