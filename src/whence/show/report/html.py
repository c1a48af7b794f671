"""One self-contained HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from whence.evidence.comparison import Comparison
from whence.evidence.run import JournalLine
from whence.show.report import sentence, terminal


def render(comparison: Comparison, lines: Sequence[JournalLine] = ()) -> str:
    """Returns the report as one HTML document that needs no network."""
    title = escape(sentence.title(comparison))
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><pre>{escape(terminal.render(comparison))}</pre>"
