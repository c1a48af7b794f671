"""Gates: `rss<=+5%` against the base, `rss<=300 MB` in absolute terms; and margins: `cpu=2%`."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_amount

_GATE = re.compile(r"\s*(?P<metric>.+?)\s*(?P<operator><=|>=)\s*(?P<bound>.+?)\s*\Z")
_PERCENT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*%\Z")


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. `limit` is a ratio for `kind` "ratio" (`+5%` is 1.05), else an amount in `written_unit`."""

    text: str
    metric: str
    operator: Literal["<=", ">="]
    kind: Literal["ratio", "value"]
    limit: float
    written_unit: str = ""


def parse_gate(text: str) -> Gate:
    """Returns the gate that `text` describes. Raises BadInput."""
    match = _GATE.match(text)
    if match is None:
        raise BadInput(f"gate {text!r} is not METRIC<=BOUND or METRIC>=BOUND. Write for example 'rss<=+5%'.")
    metric, operator, bound = match["metric"], match["operator"], match["bound"]
    percent = _PERCENT.match(bound)
    if percent is not None:
        limit = 1.0 + float(percent[1]) / 100.0
        if limit <= 0:
            raise BadInput(f"gate {text!r}: {bound} leaves nothing. Write a bound above -100%.")
        return Gate(text=text, metric=metric, operator=operator, kind="ratio", limit=limit)  # type: ignore[arg-type]
    try:
        value, unit = parse_amount(bound)
    except BadInput as error:
        raise BadInput(
            f"gate {text!r}: {bound!r} is neither ±N% nor a value. Write for example 'rss<=+5%' or 'rss<=300MB'."
        ) from error
    if bound.startswith("+"):
        raise BadInput(f"gate {text!r}: {bound} is no change without a % sign. Write {metric}{operator}{bound}%.")
    return Gate(text=text, metric=metric, operator=operator, kind="value", limit=value, written_unit=unit)  # type: ignore[arg-type]


def parse_margin(text: str) -> tuple[str, float]:
    """Returns (metric, margin as a fraction) of `METRIC=N%`. Raises BadInput."""
    metric, equals, amount = text.rpartition("=")
    match = _PERCENT.match(amount.strip())
    if not equals or not metric or match is None or not 0 <= float(match[1]) < 100:
        raise BadInput(f"margin {text!r} is not METRIC=N%. Write for example --margin rss=2%.")
    return metric.strip(), float(match[1]) / 100.0
