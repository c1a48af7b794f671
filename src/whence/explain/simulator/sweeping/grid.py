"""The grid: settings and the values they take, as written, and the points these come to. Pure.

A point is a variant as everywhere else (`go=1.24,GOGC=50,GOMEMLIMIT=1GiB`); `none` leaves a setting out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.sweep import SweepAxis
from whence.evidence.variant import parse_variant
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.whatif.variants import Surroundings, of_variant

MOST_POINTS = 1_000_000
NONE = "none"
_COMMA = re.compile(r"(?<!\\),")
Resolve = Callable[[str], str]


class Point(NamedTuple):
    """One point of the grid. Settings that contradict one another have no configuration, and `refusal` says why."""

    settings: dict[str, str]
    config: Config | None
    arguments: Mapping[str, str]
    refusal: str = ""


def parse_axis(text: str) -> SweepAxis:
    """Returns `KEY=VALUE[,VALUE…]` as an axis; a comma inside a value is written `\\,`. Raises BadInput."""
    key, equals, rest = text.partition("=")
    values = tuple(value.replace("\\,", ",").strip() for value in _COMMA.split(rest))
    if not equals or not key.strip() or not all(values):
        raise BadInput(f"--grid {text}: write KEY=VALUE,VALUE…, for example --grid GOGC=50,100,200.")
    if len(set(values)) != len(values):
        raise BadInput(f"--grid {text}: a value is there twice. Drop one.")
    return SweepAxis(key=key.strip(), values=values)


def points_of(axes: Sequence[SweepAxis], around: Surroundings, *, resolve: Resolve | None = None) -> list[Point]:
    """Returns every point, the last axis running fastest.

    Raises BadInput for an unknown key, a value that is none, an axis given twice, more points than anyone waits for,
    and where every point contradicts itself.
    """
    if not axes:
        raise BadInput("a sweep needs at least one --grid KEY=VALUE,VALUE…, for example --grid GOGC=50,100,200.")
    keys = [axis.key for axis in axes]
    again = next((key for key in keys if keys.count(key) > 1), None)
    if again is not None:
        raise BadInput(f"--grid {again} is given twice. Put all its values into one.")
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_POINTS:
        raise BadInput(f"the grid has {count:,} points; at most {MOST_POINTS:,} are taken. Leave out values.")
    for axis in axes:
        for value in axis.values:
            _point({axis.key: value}, around, resolve)
    points: list[Point] = []
    for values in product(*(axis.values for axis in axes)):
        settings = dict(zip(keys, values, strict=True))
        try:
            points.append(_point(settings, around, resolve))
        except BadInput as error:
            points.append(Point(settings, None, {}, str(error)))
    if all(point.config is None for point in points):
        raise BadInput(points[0].refusal)
    return points


def _point(settings: dict[str, str], around: Surroundings, resolve: Resolve | None) -> Point:
    """Returns one point. Raises BadInput."""
    around, written = _without(settings, around)
    variant = parse_variant(",".join(f"{key}={value}" for key, value in written.items()))
    meant = of_variant(variant, around, resolve=resolve)
    return Point(settings, meant.config, meant.arguments)


def _without(settings: Mapping[str, str], around: Surroundings) -> tuple[Surroundings, dict[str, str]]:
    """Returns the settings that are set, values escaped, and surroundings that do not set the others either."""
    written: dict[str, str] = {}
    changes: dict[str, object] = {}
    for key, value in settings.items():
        if value != NONE:
            written[key] = value.replace(",", "\\,")
        elif key == "GOMEMLIMIT":
            written[key] = "off"
        elif key in ("cpu", "memory"):
            changes[key] = None
        else:
            raise BadInput(f"{key}={NONE}: {key} always has a value; none is for GOMEMLIMIT, cpu and memory.")
    return msgspec.structs.replace(around, **changes), written
