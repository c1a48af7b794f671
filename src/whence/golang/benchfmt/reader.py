"""Reads the Go benchmark format. A malformed line is a warning with its place and never stops the reading."""

from __future__ import annotations

from whence.golang.benchfmt.lines import PREFIX, Malformed, configuration, measurements, splitter
from whence.golang.benchfmt.names import split_procs
from whence.golang.benchfmt.records import BenchFile, Result, UnitDeclarations
from whence.golang.benchfmt.units import tidy_unit


def parse(text: str, *, source: str = "<text>") -> BenchFile:
    """Returns the results of `text`; `source` names it in warnings. Reads 100,000 lines in well under a second.

    Lines that are neither results, configuration nor unit declarations are other output and are passed over.
    """
    split = splitter(text)
    results: list[Result] = []
    units = _Units(source)
    config: dict[str, str] = {}
    names: dict[str, tuple[str, int | None]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(PREFIX):
            try:
                read = measurements(line, split)
            except Malformed as error:
                units.warn(number, str(error))
                continue
            if read is not None:
                full_name, iterations, values = read
                name = names.get(full_name)
                if name is None:
                    name = names[full_name] = split_procs(full_name)
                results.append(Result(name[0], name[1], iterations, values, config))
        elif line.startswith("Unit") and (fields := split(line))[0] == "Unit":
            units.declare(fields[1:], number)
        elif line and line != "\r" and (change := configuration(line.removesuffix("\r"))) is not None:
            key, value = change
            config = {k: v for k, v in config.items() if k != key} if value == "" else {**config, key: value}
    return BenchFile(tuple(results), units.declared, tuple(units.warnings))


class _Units:
    """Collects `Unit` lines. One key of one unit has one value: a second one is a warning and is not used."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.declared: UnitDeclarations = {}
        self.warnings: list[str] = []
        self._known: dict[tuple[str, str], str] = {}

    def declare(self, fields: list[str], number: int) -> None:
        if not fields:
            self.warn(number, "a Unit line without a unit")
            return
        unit = fields[0]
        base, _ = tidy_unit(unit)
        for field in fields[1:]:
            key, equals, value = field.partition("=")
            if not equals or not key:
                self.warn(number, f"{field!r} is not KEY=VALUE")
                continue
            known = self._known.setdefault((base, key), value)
            if known != value:
                self.warn(number, f"{key} of unit {unit} is {known} already, so {value} is not used")
            else:
                self.declared.setdefault(unit, {})[key] = value

    def warn(self, number: int, message: str) -> None:
        self.warnings.append(f"{self.source}:{number}: {message}")
