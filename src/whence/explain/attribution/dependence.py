"""How the change depends on a parameter: base and candidate, and the cells between them, at each of its values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import msgspec

from whence.evidence.attribution import Dependence, Point
from whence.evidence.errors import BadInput

REFINEMENTS = 8
"""Values measured between two that disagree, to narrow the crossover."""
Measure = Callable[[str], Point]


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """`arg.NAME=V1,V2,…`."""

    parameter: str
    values: tuple[str, ...]


def parse_over(text: str) -> Sweep:
    """Returns the sweep that `--over` asks for. Raises BadInput with one line."""
    parameter, equals, rest = text.partition("=")
    values = tuple(dict.fromkeys(v.strip() for v in rest.split(",") if v.strip()))
    if not equals or not parameter.startswith("arg.") or parameter == "arg." or not values:
        raise BadInput(f"--over {text}: write a parameter and its values, as --over arg.size=16,64,1024.")
    return Sweep(parameter=parameter, values=values)


def dependence(sweep: Sweep, measure: Measure, *, refine: bool) -> Dependence:
    """Returns the change at every value, and where it changes its sign.

    With `refine` (whole numbers only) the crossover is narrowed by halving between the two neighbours that disagree;
    a value at which the sign cannot be told ends it.
    """
    points = [measure(value) for value in sweep.values]
    numbers = [_number(value) for value in sweep.values]
    low = high = crossover = None
    if all(n is not None for n in numbers):
        points.sort(key=lambda p: float(p.value))
        bracket = _bracket(points)
        if bracket is not None:
            if refine:
                bracket = _narrow(bracket, measure, points)
            low, high = float(bracket[0].value), float(bracket[1].value)
            crossover = _between(bracket[0], bracket[1])
    return Dependence(
        parameter=sweep.parameter,
        crossover=crossover,
        low=low,
        high=high,
        points=tuple(sorted(points, key=lambda p: float(p.value)) if None not in numbers else points),
        depends=_depends(points),
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _sign(point: Point) -> int:
    """Returns which way the change goes for sure; 0 when it cannot be told."""
    if point.low is not None and point.low > 1:
        return 1
    return -1 if point.high is not None and point.high < 1 else 0


def _bracket(points: Sequence[Point]) -> tuple[Point, Point] | None:
    """Returns the first two neighbours, among those whose sign is sure, that disagree."""
    sure = [point for point in points if _sign(point) != 0]
    pairs = [(a, b) for a, b in itertools.pairwise(sure) if _sign(a) != _sign(b)]
    return pairs[0] if pairs else None


def _narrow(bracket: tuple[Point, Point], measure: Measure, points: list[Point]) -> tuple[Point, Point]:
    left, right = bracket
    for _ in range(REFINEMENTS):
        a, b = float(left.value), float(right.value)
        middle = round((a + b) / 2)
        if not (a.is_integer() and b.is_integer()) or middle in (a, b):
            break
        point = measure(str(middle))
        points.append(point)
        if _sign(point) == 0:
            break
        left, right = (point, right) if _sign(point) == _sign(left) else (left, point)
    return left, right


def _between(left: Point, right: Point) -> float:
    """Returns where ln of the ratio would be zero on a straight line between two points."""
    a, b = math.log(left.ratio or 1.0), math.log(right.ratio or 1.0)
    x, y = float(left.value), float(right.value)
    if y - x <= 1:
        return y  # the first value that shows the other sign
    return x + (y - x) * a / (a - b)


def _depends(points: Sequence[Point]) -> bool:
    bounds = [(p.low, p.high) for p in points if p.low is not None and p.high is not None]
    return any(a[1] < b[0] or b[1] < a[0] for i, a in enumerate(bounds) for b in bounds[i + 1 :])
