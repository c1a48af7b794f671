"""Variants: what is compared, and the grammar in which people write them (`new:go=1.24.3,GOGC=50`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes

_NAME = re.compile(r"[A-Za-z0-9._-]+\Z")
_ENVIRONMENT = re.compile(r"[A-Z][A-Z0-9_]*\Z")
PLAIN_KEYS = (
    "go", "goline", "experiment", "gcflags", "ldflags", "tags", "pgo", "goamd64", "overlay", "ref", "binary", "cpu",
    "memory",
)  # fmt: skip
PREFIXED_KEYS = ("debug.", "mod.", "arg.")
BUILD_TIME_VARIABLES = {
    "GOEXPERIMENT": "experiment=…",
    "GOFLAGS": "tags=…, gcflags=… or ldflags=…",
    "GOAMD64": "goamd64=…",
    "CGO_ENABLED": "tags=… or a build of your own with binary=…",
    "GOTOOLCHAIN": "go=…",
    "GODEBUG": "debug.NAME=VALUE",
    "GOROOT": "go=PATH",
}

GO_VARIABLES = {
    "GOGC": (r"off\Z|-?\d+\Z", "GOGC=50"),
    "GOMAXPROCS": (r"[1-9]\d*\Z", "GOMAXPROCS=2"),
    "GOMEMLIMIT": (r"off\Z|\d+(B|KiB|MiB|GiB|TiB)?\Z", "GOMEMLIMIT=256MiB"),
}
"""What the Go runtime reads of its variables; GOGC and GOMAXPROCS it ignores in silence when they are malformed."""


class Setting(msgspec.Struct, frozen=True, order=True):
    """One `KEY=VALUE` of a variant."""

    key: str
    value: str


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to compare: the subject under these settings. Without settings it is the subject as it is."""

    name: str
    spec: str
    settings: tuple[Setting, ...] = ()
    named: bool = False
    """True when the user gave the name: only then may two variants have the same settings (an A/A comparison)."""

    def get(self, key: str) -> str | None:
        """Returns the value of a key, or None when the variant does not set it."""
        return next((s.value for s in self.settings if s.key == key), None)

    def with_prefix(self, prefix: str) -> dict[str, str]:
        """Returns the settings under a prefix (`debug.`, `mod.`, `arg.`), keyed without it, in the order written."""
        return {s.key.removeprefix(prefix): s.value for s in self.settings if s.key.startswith(prefix)}

    @property
    def environment(self) -> dict[str, str]:
        """The upper-case keys: environment of the measured process (GODEBUG is under `debug.`)."""
        return {s.key: s.value for s in self.settings if _ENVIRONMENT.match(s.key)}

    @property
    def godebug(self) -> dict[str, str]:
        return self.with_prefix("debug.")

    @property
    def modules(self) -> dict[str, str]:
        return self.with_prefix("mod.")

    @property
    def arguments(self) -> dict[str, str]:
        return self.with_prefix("arg.")

    @property
    def cpu_limit(self) -> float | None:
        value = self.get("cpu")
        return None if value is None else float(value)

    @property
    def memory_limit_bytes(self) -> int | None:
        value = self.get("memory")
        return None if value is None else parse_bytes(value)


def split_list(text: str) -> list[str]:
    """Splits at commas; `\\,` is a comma inside a value and `\\\\` a backslash before one."""
    parts: list[str] = []
    current, index = "", 0
    while index < len(text):
        character = text[index]
        if character == "\\" and index + 1 < len(text) and text[index + 1] in ",\\":
            current += text[index + 1]
            index += 1
        elif character == ",":
            parts.append(current)
            current = ""
        else:
            current += character
        index += 1
    parts.append(current)
    return parts


def parse_variant(text: str) -> Variant:
    """Returns the variant that `text` describes.

    Raises BadInput with one line when a key is unknown, a value is malformed, or a key is given twice.
    """
    name, body = _split_name(text)
    settings: list[Setting] = []
    for item in [] if body == "" else split_list(body):
        key, equals, value = item.partition("=")
        if not equals:
            raise BadInput(f"variant {text!r}: {item!r} is not KEY=VALUE. Write for example go=1.24.3,GOGC=50.")
        check_setting(text, key, value)
        if any(s.key == key for s in settings):
            raise BadInput(f"variant {text!r}: {key} is given twice. Keep one.")
        settings.append(Setting(key, value))
    _check_together(text, settings)
    return Variant(
        name=name if name is not None else text or "base",
        spec=text,
        settings=tuple(settings),
        named=name is not None,
    )


def _split_name(text: str) -> tuple[str | None, str]:
    head, colon, rest = text.partition(":")
    if not colon or "=" in head:
        return None, text
    if not _NAME.match(head):
        raise BadInput(f"variant {text!r}: the name {head!r} may hold letters, digits, '.', '_' and '-' only.")
    return head, rest


def check_setting(text: str, key: str, value: str) -> None:
    """Raises BadInput when `key` is no key of the grammar or `value` has not the form that the key asks for."""
    if key in BUILD_TIME_VARIABLES:
        raise BadInput(f"variant {text!r}: {key} is not set through the environment. Use {BUILD_TIME_VARIABLES[key]}.")
    prefix = next((p for p in PREFIXED_KEYS if key.startswith(p)), None)
    if prefix is not None:
        if key == prefix:
            raise BadInput(f"variant {text!r}: {prefix} needs a name behind the dot, as in {prefix}NAME=VALUE.")
        if prefix == "mod." and not value:
            raise BadInput(f"variant {text!r}: {key} needs a version, as in {key}=v1.2.3.")
        return
    if key in GO_VARIABLES and not re.match(GO_VARIABLES[key][0], value):
        raise BadInput(f"variant {text!r}: Go cannot read {key}={value}. Write for example {GO_VARIABLES[key][1]}.")
    if key not in PLAIN_KEYS:
        if _ENVIRONMENT.match(key):
            return
        raise BadInput(
            f"variant {text!r}: unknown key {key!r}. Known: {', '.join(PLAIN_KEYS)}, debug.NAME, mod.PATH, arg.NAME "
            "and environment variables in capitals."
        )
    if not value and key not in {"experiment", "gcflags", "ldflags", "tags"}:
        raise BadInput(f"variant {text!r}: {key} has no value.")
    if key == "memory":
        try:
            parse_bytes(value)
        except BadInput as error:
            raise BadInput(
                f"variant {text!r}: memory={value} is no amount of memory. Write for example memory=256MiB."
            ) from error
    elif key == "cpu":
        _number(text, key, value)
    elif key == "goline" and not re.match(r"1\.\d+(\.\d+|rc\d+)?\Z", value):
        raise BadInput(f"variant {text!r}: goline={value} is no go line of go.mod. Write for example goline=1.22.")


def _number(text: str, key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise BadInput(f"variant {text!r}: {key}={value} is not a number above zero. Write for example {key}=0.5.")
    return number


def _check_together(text: str, settings: Iterable[Setting]) -> None:
    keys = [s.key for s in settings]
    if "binary" not in keys:
        return
    build_keys = {
        "go",
        "goline",
        "experiment",
        "gcflags",
        "ldflags",
        "tags",
        "pgo",
        "goamd64",
        "overlay",
        "ref",
    }
    clash = next((k for k in keys if k in build_keys or k.startswith("mod.")), None)
    if clash is not None:
        raise BadInput(f"variant {text!r}: binary= is already built, so {clash}= cannot apply. Drop one of the two.")


def changed(variant: Variant, changes: Mapping[str, str | None], *, name: str | None = None) -> Variant:
    """Returns the variant with settings set otherwise (None: taken out), as if it had been written so.

    New keys stand behind the others. Raises BadInput as `parse_variant` does.
    """
    settings = {s.key: s.value for s in variant.settings}
    for key, value in changes.items():
        if value is None:
            settings.pop(key, None)
        else:
            settings[key] = value
    spec = written(settings)
    parsed = parse_variant(spec)
    return parsed if name is None else msgspec.structs.replace(parsed, name=name, named=True)


def written(settings: Mapping[str, str]) -> str:
    """Returns the spec of a variant with these settings: what `parse_variant` reads back."""
    return ",".join(f"{key}={_escaped(value)}" for key, value in settings.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")
