"""Who allocates, as a section of the HTML report: the sentence, places with interval bars, types, what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from whence.evidence.profile_sites import ProfileSites, Range
from whence.show.report import names, numbers
from whence.show.report.profile import sites_words as words

if TYPE_CHECKING:
    from markupsafe import Markup

ID = "sites"
ROWS = 40
STYLE = """
#sites .bar{display:block;position:relative;height:.6em;min-width:8em}
#sites .bar{background:color-mix(in srgb,currentColor 8%,transparent)}
#sites .bar i{position:absolute;top:0;bottom:0;background:color-mix(in srgb,currentColor 30%,transparent)}
#sites .bar b{position:absolute;top:-.1em;bottom:-.1em;width:2px;background:currentColor}
#sites td.n,#sites th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
#sites table{border-collapse:collapse}
#sites td,#sites th{padding:.15em .7em .15em 0;vertical-align:top;text-align:left}
#sites details,#sites summary{margin:0;padding:0;border:0}
#sites td{border-bottom:1px solid color-mix(in srgb,currentColor 12%,transparent)}
#sites caption{text-align:left;font-weight:600;padding:.6em 0 .2em}
"""
"""For the page that holds the section."""


def section(result: ProfileSites, *, rows: int = ROWS) -> Markup:
    """Returns a `<section id="sites">`; nothing in it needs a script, and every name is escaped."""
    from markupsafe import Markup

    parts = [
        Markup("<h2 id='sites-title'>Who allocates</h2><p class='said'>{}</p>").format(words.headline(result)),
        *(Markup("<p>{}</p>").format(names.clean(line)) for line in words.story(result)),
        _sites(result, rows),
        _through(result, rows),
        _types(result, rows),
        *(Markup("<p class='note'>{}</p>").format(names.clean(note)) for note in result.notes),
    ]
    if result.settle:
        parts.append(Markup("<p>To settle the rest: <code>{}</code></p>").format(names.clean(result.settle)))
    if result.sites:
        parts.append(Markup("<p class='note'>{}</p>").format(result.gc_model))
    return Markup("<section id='{}' aria-labelledby='sites-title'>{}</section>").format(ID, Markup("").join(parts))


def bar(part: Range, largest: float) -> Markup:
    """Returns an interval bar on a scale from 0 to `largest`, said in words for who cannot see it."""
    from markupsafe import Markup

    scale = 100 / largest if largest > 0 else 0.0
    low, value, high = (min(max(x * scale, 0), 100) for x in (part.low, part.value, part.high))
    return Markup(
        "<span class='bar' role='img' aria-label='{}'><i style='left:{:.2f}%;width:{:.2f}%'></i>"
        "<b style='left:{:.2f}%'></b></span>"
    ).format(words.percent(part), low, max(high - low, 0.3), value)


def _sites(result: ProfileSites, rows: int) -> Markup:
    from markupsafe import Markup

    shown = result.sites[: rows or None]
    largest = max((site.objects_share.high for site in shown), default=0.0)
    body: list[list[object]] = []
    for site in shown:
        frames = Markup("").join(Markup("<div>{}</div>").format(names.clean(frame)) for frame in site.stack)
        named = Markup("<details><summary title='{}'>{}</summary>{}</details>").format(
            names.clean(site.function), words.short(site.function), frames
        )
        body.append(
            [
                named,
                bar(site.objects_share, largest),
                words.percent(site.objects_share),
                f"{100 * site.profile_share:.1f} %",
                words.percent(site.bytes_share),
                words.slot_text(site),
                words.amount(site.waste_bytes),
                words.saving_text(site.saving),
                words.tiny_text(site),
            ]
        )
    heads = ("place", "", "objects", "in the profile", "bytes", "slot, B", "rounding", "would vanish", "")
    return _table("Places, most objects first", heads, body)


def _through(result: ProfileSites, rows: int) -> Markup:
    body = [
        [
            words.short(row.function),
            words.percent(row.objects_share),
            f"{100 * row.profile_share:.1f} %",
            words.amount(row.slot_bytes),
        ]
        for row in result.through[: rows or None]
    ]
    return _table("What passes through functions", ("function", "objects", "in the profile", "bytes"), body)


def _types(result: ProfileSites, rows: int) -> Markup:
    body = [
        [
            words.type_name(total),
            words.count(total.objects),
            str(total.slot_bytes),
            numbers.amount_text(total.slot_total_bytes, "B"),
            words.amount(total.waste_bytes),
            words.lifetime_text(total),
            "tiny" if total.tiny else "",
        ]
        for total in result.types[: rows or None]
    ]
    return _table("Types of the trace", ("type", "objects", "slot, B", "bytes", "rounding", "median life", ""), body)


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    from markupsafe import Markup

    lines = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(Markup("" if column == 0 else " class='n'"), cell)
                for column, cell in enumerate(row)
            )
        )
        for row in rows
    ]
    if not lines:
        return Markup("")
    top = Markup("").join(
        Markup("<th scope='col'{}>{}</th>").format(Markup("" if column == 0 else " class='n'"), head)
        for column, head in enumerate(heads)
    )
    table = Markup("<table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        caption, top, Markup("").join(lines)
    )
    return Markup("<div class='scroll' tabindex='0' role='group' aria-label='{}, may scroll'>{}</div>").format(
        caption, table
    )
