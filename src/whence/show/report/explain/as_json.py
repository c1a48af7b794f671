"""The JSON twin: `whence.attribution/1`. Numbers are finite or null."""

from __future__ import annotations

import json

import msgspec

from whence.evidence.attribution import Attribution
from whence.show.report.as_json import finite


def render(attribution: Attribution, *, indent: int | None = 2) -> str:
    """Returns the document as text without a line end; `indent` None packs it into one line."""
    try:
        packed = msgspec.json.encode(attribution)  # writes null for what is not finite
        return (packed if indent is None else msgspec.json.format(packed, indent=indent)).decode()
    except UnicodeEncodeError:
        # Arguments that are no UTF-8 reach Python as lone surrogates: only the escaped form can be written to a file.
        return json.dumps(finite(msgspec.to_builtins(attribution)), indent=indent, allow_nan=False)
