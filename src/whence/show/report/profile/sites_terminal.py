"""Who allocates, on a terminal: the sentence, places, what passes through, types, what would settle the rest."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from whence.evidence.profile_sites import ProfileSites
from whence.show.report import names, numbers
from whence.show.report.profile import sites_words as words
from whence.show.report.terminal import cells, pad

ROWS = 12


def render(result: ProfileSites, *, rows: int = ROWS, width: int = 100, color: bool = False) -> str:
    """Returns the whole text with a final line end. `rows`: of each table, 0 for all."""
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    answer = [f"{bold[0]}{_fill(words.headline(result), width, '')}{bold[1]}"]
    answer += [_fill(line, width) for line in words.story(result)]
    parts = ["\n".join(answer), _sites(result, rows, width), _through(result, rows, width), _types(result, rows, width)]
    parts.append("\n".join(_fill(note, width) for note in result.notes))
    if result.settle:
        parts.append(f"Next     {textwrap.fill(result.settle, max(width, 60), subsequent_indent=' ' * 9)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _sites(result: ProfileSites, rows: int, width: int) -> str:
    shown = result.sites[: rows or None]
    if not shown:
        return ""
    table = [("place", "objects", "profile", "bytes", "slot, B", "rounding", "would vanish", "")]
    for site in shown:
        table.append(
            (
                words.short(site.function),
                words.percent(site.objects_share),
                f"{100 * site.profile_share:.1f} %",
                words.percent(site.bytes_share),
                words.slot_text(site),
                words.amount(site.waste_bytes),
                words.saving_text(site.saving),
                words.tiny_text(site),
            )
        )
    left = len(result.sites) - len(shown)
    more = f"\n  and {numbers.plural(left, 'place')} with fewer objects" if left > 0 else ""
    return _laid_out(table, width) + more


def _through(result: ProfileSites, rows: int, width: int) -> str:
    shown = [row for row in result.through if row.profile_share < 0.995][: rows or None]
    if not shown:
        return ""
    table = [("passes through", "objects", "profile", "bytes")]
    for row in shown:
        table.append(
            (
                words.short(row.function),
                words.percent(row.objects_share),
                f"{100 * row.profile_share:.1f} %",
                words.amount(row.slot_bytes),
            )
        )
    return _laid_out(table, width)


def _types(result: ProfileSites, rows: int, width: int) -> str:
    shown = result.types[: rows or None]
    if not shown:
        return ""
    table = [("type", "objects", "slot, B", "bytes", "rounding", "median life", "")]
    for total in shown:
        table.append(
            (
                words.type_name(total),
                words.count(total.objects),
                str(total.slot_bytes),
                numbers.amount_text(total.slot_total_bytes, "B"),
                words.amount(total.waste_bytes),
                words.lifetime_text(total),
                "tiny" if total.tiny else "",
            )
        )
    return _laid_out(table, width)


def _laid_out(table: Sequence[tuple[str, ...]], width: int) -> str:
    """Returns the rows under their heads, in columns as wide as they need; long names lose their beginning."""
    others = [max(cells(row[column]) for row in table) for column in range(1, len(table[0]))]
    room = max(width - sum(others) - 2 * len(others) - 2, 24)
    first = min(max(cells(row[0]) for row in table), room)
    lines: list[str] = []
    for row in table:
        name = row[0] if cells(row[0]) <= first else "…" + row[0][-(first - 1) :]
        rest = [pad(text, wide) for text, wide in zip(row[1:], others, strict=True)]
        lines.append(f"  {pad(name, first)}  {'  '.join(rest)}".rstrip())
    return "\n".join(lines)


def _fill(text: str, width: int, indent: str = "  ") -> str:
    return textwrap.fill(names.clean(text), max(width, 40), initial_indent=indent, subsequent_indent=indent)
