"""GODEBUG values that kill a process at start: settings that were removed, when an old value asks for them back.

A variant with such a value is measured like any other; what it shows is a process that dies. This module says
beforehand, from the release's own source, that it will, and why.
"""

from __future__ import annotations

from whence.evidence.variant import Variant
from whence.golang import toolchains
from whence.golang.installation import Toolchain
from whence.golang.switch_tables import has_source, read_tables
from whence.golang.toggle_table import row_of, table
from whence.golang.versions import parse_version


def fatal_godebug(name: str, value: str, release: str | Toolchain) -> bool:
    """Tells whether a process built with that release dies at start when GODEBUG has `name=value`."""
    return reason_for_death(name, value, release) is not None


def fatal_values(release: str | Toolchain) -> dict[str, tuple[str, ...]]:
    """Returns GODEBUG name → values that kill a process at start in that release."""
    _, toolchain = toolchains.look_up(release)
    asked = toolchain if toolchain is not None else release
    found = {row.name: row.fatal.values for row in table().toggles if row.fatal is not None}
    if toolchain is not None and has_source(toolchain):
        removed = read_tables(toolchain).removed
        found |= {name: switch.fatal_values for name, switch in removed.items() if switch.fatal_values}
    deadly = {name: tuple(v for v in values if fatal_godebug(name, v, asked)) for name, values in found.items()}
    return {name: values for name, values in sorted(deadly.items()) if values}


def explain_fatal(variant: Variant, release: str | Toolchain) -> str | None:
    """Returns a line that says which setting kills every process of this variant at start, or None."""
    for name, value in variant.godebug.items():
        reason = reason_for_death(name, value, release)
        if reason is not None:
            version = toolchains.look_up(release)[0].text
            return (
                f"debug.{name}={value} kills every process at start in go{version}: {reason}. "
                f"{_way_out(name, version)}."
            )
    return None


def reason_for_death(name: str, value: str, release: str | Toolchain) -> str | None:
    """Returns why a process dies at start with that setting, in words, or None when it does not."""
    version, toolchain = toolchains.look_up(release)
    row = row_of("GODEBUG", name)
    told = row.fatal if row is not None else None
    if toolchain is not None and has_source(toolchain):
        tables = read_tables(toolchain)
        removed = tables.removed.get(name)
        if removed is not None and removed.fatal_values:
            if value not in removed.fatal_values:
                return None
            return f"the setting was removed in Go {removed.removed}, and {value} asks for the old behaviour"
        if removed is None:
            limit = tables.killing.get(name)
            if limit is None or not value.removeprefix("+").isdecimal() or int(value) <= limit:
                return None
            return told.reason if told is not None else f"its runtime accepts no value above {limit}"
    if told is None or value not in told.values or version < parse_version(told.since):
        return None
    return told.reason


def _way_out(name: str, version: str) -> str:
    row = row_of("GODEBUG", name)
    line = parse_version(version).line
    if row is None or parse_version(row.last) >= parse_version(line):
        return "Remove it"
    return f"Remove it, or compare with go={row.last}"
