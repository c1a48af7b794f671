"""The grid: settings and the values they take, as written, and the configurations these come to. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from whence.evidence.errors import BadInput
from whence.evidence.sweep import SweepAxis
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.sweeping.settings import with_setting

MOST_POINTS = 1_000_000
_COMMA = re.compile(r"(?<!\\),")


def parse_axis(text: str) -> SweepAxis:
    """Returns `KEY=VALUE[,VALUE…]` as an axis; a comma inside a value is written `\\,`. Raises BadInput."""
    key, equals, rest = text.partition("=")
    values = tuple(value.replace("\\,", ",").strip() for value in _COMMA.split(rest))
    if not equals or not key.strip() or not all(values):
        raise BadInput(f"--grid {text}: write KEY=VALUE,VALUE…, for example GOGC=50,100,200.")
    if len(set(values)) != len(values):
        raise BadInput(f"--grid {text}: a value is there twice. Drop one.")
    return SweepAxis(key=key.strip(), values=values)


def points_of(axes: Sequence[SweepAxis], base: Config) -> list[tuple[dict[str, str], Config]]:
    """Returns (values as written, configuration) of every point, the last axis running fastest.

    Raises BadInput for an unknown key, an impossible value, an axis given twice, two spellings of one value, and for
    more points than anyone waits for.
    """
    if not axes:
        raise BadInput("a sweep needs at least one --grid KEY=VALUE,VALUE…, for example --grid GOGC=50,100,200.")
    keys = [axis.key for axis in axes]
    again = next((key for key in keys if keys.count(key) > 1), None)
    if again is not None:
        raise BadInput(f"--grid {again} is given twice. Put all its values into one.")
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST_POINTS:
        raise BadInput(f"the grid has {count:,} points; at most {MOST_POINTS:,} are taken. Leave out values.")
    points: list[tuple[dict[str, str], Config]] = []
    for values in product(*(axis.values for axis in axes)):
        config = base
        for key, value in zip(keys, values, strict=True):
            config = with_setting(config, key, value)
        points.append((dict(zip(keys, values, strict=True)), config.checked()))
    _check_distinct(points)
    return points


def _check_distinct(points: Sequence[tuple[dict[str, str], Config]]) -> None:
    seen: dict[Config, dict[str, str]] = {}
    for written, config in points:
        other = seen.setdefault(config, written)
        if other is not written:
            first, second = (",".join(f"{k}={v}" for k, v in settings.items()) for settings in (other, written))
            raise BadInput(f"the grid's points {first} and {second} are the same. Drop one of the two.")
