"""The JSON twin: `whence.comparison/1`. Numbers are finite or null."""

from __future__ import annotations

import json
import math

import msgspec

from whence.evidence.comparison import Comparison


def render(comparison: Comparison, *, indent: int | None = 2) -> str:
    """Returns the document as text without a line end; `indent` None packs it into one line."""
    try:
        packed = msgspec.json.encode(comparison)  # writes null for what is not finite
        return (packed if indent is None else msgspec.json.format(packed, indent=indent)).decode()
    except UnicodeEncodeError:
        # Arguments that are no UTF-8 reach Python as lone surrogates: only the escaped form can be written to a file.
        document = finite(msgspec.to_builtins(comparison))
        separators = (",", ":") if indent is None else (",", ": ")
        return json.dumps(document, indent=indent, separators=separators, allow_nan=False)


def finite(value: object) -> object:
    """Returns `value` with every float that JSON cannot hold replaced by None, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
