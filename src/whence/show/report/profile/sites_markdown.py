"""Who allocates, as Markdown for a pull request or a ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence

from whence.evidence.profile_sites import ProfileSites
from whence.show.report import names, numbers
from whence.show.report.profile import sites_words as words

ROWS = 12
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~&])")


def render(result: ProfileSites, *, rows: int = ROWS) -> str:
    """Returns the document with a final line end. Names from the profile are escaped."""
    lines = [f"### {_text(words.headline(result))}", "", *(_text(line) for line in words.story(result))]
    sites = [
        (
            words.short(site.function),
            words.percent(site.objects_share),
            f"{100 * site.profile_share:.1f} %",
            words.percent(site.bytes_share),
            words.slot_text(site),
            words.amount(site.waste_bytes),
            words.saving_text(site.saving),
        )
        for site in result.sites[: rows or None]
    ]
    lines += _table(("place", "objects", "in the profile", "bytes", "slot, B", "rounding", "would vanish"), sites)
    types = [
        (
            words.type_name(total),
            words.count(total.objects),
            str(total.slot_bytes),
            numbers.amount_text(total.slot_total_bytes, "B"),
            words.amount(total.waste_bytes),
        )
        for total in result.types[: rows or None]
    ]
    lines += _table(("type", "objects", "slot, B", "bytes", "rounding"), types)
    lines += ["", *(f"- {_text(note)}" for note in result.notes)] if result.notes else []
    lines += ["", f"To settle the rest: {_text(result.settle)}"] if result.settle else []
    return "\n".join(lines) + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    lines = ["", f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
    return lines + [f"| {' | '.join(_text(cell) for cell in row)} |" for row in rows]


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", names.clean(text))
