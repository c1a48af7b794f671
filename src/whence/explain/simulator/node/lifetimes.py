"""How long pods live, as people write it: `5s`, `3s..8s`, `lognormal:median=5s,sigma=1`, `exponential:mean=5s`."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes, parse_seconds

Kind = Literal["constant", "uniform", "lognormal", "exponential"]
HELP = "Write 5s, 3s..8s, lognormal:median=5s,sigma=1 or exponential:mean=5s."


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution of amounts in base units (seconds or bytes)."""

    kind: Kind
    first: float
    """The value; the low end; the median; the mean."""
    second: float = 0.0
    """The high end; sigma of the logarithm."""

    @property
    def mean(self) -> float:
        if self.kind == "uniform":
            return 0.5 * (self.first + self.second)
        if self.kind == "lognormal":
            return self.first * math.exp(0.5 * self.second**2)
        return self.first

    def quantile(self, probability: float) -> float:
        if self.kind == "uniform":
            return self.first + (self.second - self.first) * probability
        if self.kind == "lognormal":
            return self.first * math.exp(self.second * NormalDist().inv_cdf(probability))
        if self.kind == "exponential":
            return -self.first * math.log1p(-probability)
        return self.first

    @property
    def varies(self) -> bool:
        return self.kind != "constant" and not (self.kind == "uniform" and self.first == self.second)


def lifetime(text: str) -> Distribution:
    """Returns a distribution of seconds. Raises BadInput."""
    return _parsed(text, seconds=True)


def size(text: str) -> Distribution:
    """Returns a distribution of bytes. Raises BadInput."""
    return _parsed(text, seconds=False)


def _parsed(text: str, *, seconds: bool) -> Distribution:
    def amount(part: str) -> float:
        if seconds:
            return parse_seconds(part)
        return 0.0 if part.strip() in {"0", "0B"} else float(parse_bytes(part))

    name, colon, rest = text.partition(":")
    if not colon:
        low, dots, high = text.partition("..")
        if not dots:
            return Distribution(kind="constant", first=amount(text))
        first, second = amount(low), amount(high)
        if second < first:
            raise BadInput(f"{text!r} ends below its beginning. Write the shorter first, as 3s..8s.")
        return Distribution(kind="uniform", first=first, second=second)
    fields: dict[str, str] = {}
    for part in rest.split(","):
        key, _, value = part.partition("=")
        fields[key] = value
    if name == "lognormal" and fields.keys() == {"median", "sigma"}:
        return Distribution(kind="lognormal", first=amount(fields["median"]), second=_sigma(fields["sigma"]))
    if name == "exponential" and fields.keys() == {"mean"}:
        return Distribution(kind="exponential", first=amount(fields["mean"]))
    if name == "uniform" and fields.keys() == {"low", "high"}:
        return _parsed(f"{fields['low']}..{fields['high']}", seconds=seconds)
    raise BadInput(f"{text!r} is no distribution known here. {HELP}")


def _sigma(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadInput(f"sigma={text} is no number. {HELP}") from error
    if not 0 <= value <= 5:
        raise BadInput(f"sigma={text} is outside 0 to 5, where lifetimes make sense. {HELP}")
    return value
