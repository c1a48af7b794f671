"""A comparison that was stored: read again, and judged only where it had not been. Imports little."""

from __future__ import annotations

from pathlib import Path

import msgspec

from whence.evidence.comparison import Comparison
from whence.evidence.errors import BadInput
from whence.evidence.run import JournalLine
from whence.store import run_directory


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison with where it is stored and every line of its journal."""

    comparison: Comparison
    directory: Path
    lines: tuple[JournalLine, ...]


def stored_result(path: Path) -> Result:
    """Returns a stored comparison. Raises BadInput when the directory is damaged, saying what is still readable."""
    stored = run_directory.load(path)
    comparison = stored.comparison
    if comparison is None:
        if stored.request is None or stored.plan is None:
            damage = "; ".join(stored.damage) or "it ended before its plan was made"
            raise BadInput(f"{path} holds no comparison ({damage}); {len(stored.lines)} journal lines can be read.")
        from whence.measure.summary import finished, summarise

        comparison = summarise(
            stored.request, stored.plan, stored.lines, interim=not finished(stored.plan, stored.lines)
        )
    if stored.damage:
        comparison = msgspec.structs.replace(comparison, notes=(*comparison.notes, *stored.damage))
    return Result(comparison=comparison, directory=path, lines=tuple(stored.lines))
