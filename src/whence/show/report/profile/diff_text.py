"""A diff of profiles as text, for the terminal and as Markdown: the answer, what differs, the roles, what to know."""

from __future__ import annotations

from whence.evidence.profile_diff import FunctionChange, ProfileDiff, ShareChange
from whence.show.report import names, numbers
from whence.show.report.markdown import escape
from whence.show.report.profile.columns import aligned

MARKS = {"grew": "▲", "shrank": "▼", "moved": "→", "diluted": "≈", "not-different": "·", "too-few": " "}
WORDS = {
    "grew": "grew",
    "shrank": "shrank",
    "moved": "moved",
    "diluted": "diluted",
    "not-different": "no difference beyond chance",
    "too-few": "too few samples",
}
_TOLD = {"grew", "shrank", "moved"}
_HEADS = ("", "base %", "candidate %", "ratio", "95 %", "p, corrected", "of", "function")


def terminal(found: ProfileDiff, *, rows: int = 20) -> str:
    """Returns the sentence, the functions that differ (`rows` of them, 0 for all), the roles and the notes."""
    told = _told(found)
    shown = told[: rows or None]
    lines = [names.clean(found.sentence)]
    if shown:
        lines += ["", *aligned([_HEADS, *(_cells(row) for row in shown)], left=(0, 6, 7))]
        for row in shown:
            lines += [f"  {text}" for text in _about(row)]
    if len(shown) < len(told):
        lines.append(f"{numbers.plural(len(told) - len(shown), 'further function')}: -n 0, or --json -")
    lines += _diluted(found)
    roles = _roles(found)
    if roles:
        heads = ("", "base %", "candidate %", "ratio", "95 %", "p, corrected", "role of the runtime")
        lines += ["", *aligned([heads, *roles], left=(0, 6))]
    lines += ["", _unmapped(found), *(f"note: {names.clean(note)}" for note in found.notes)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def markdown(found: ProfileDiff, *, rows: int = 20) -> str:
    """Returns the same for a comment on a change."""
    told = _told(found)
    shown = told[: rows or None]
    lines = [f"**{escape(found.sentence)}**", ""]
    if shown:
        lines += _table(_HEADS, [_cells(row) for row in shown])
        lines += [f"- {escape(text)}" for row in shown for text in _about(row)]
    if len(shown) < len(told):
        lines.append(f"{numbers.plural(len(told) - len(shown), 'further function')} in the JSON.")
    lines += [escape(text) for text in _diluted(found)]
    roles = _roles(found)
    if roles:
        heads = ("", "base %", "candidate %", "ratio", "95 %", "p, corrected", "role of the runtime")
        lines += ["", *_table(heads, roles)]
    lines += ["", escape(_unmapped(found)), "", *(f"- {escape(note)}" for note in found.notes)]
    return "\n".join(lines).rstrip("\n") + "\n"


def matches(found: ProfileDiff) -> str:
    """Returns every pair of names that was taken for one function, a line each."""
    rows = [(one.rule, names.clean(one.base), names.clean(one.candidate)) for one in found.matches]
    return "\n".join(aligned([("rule", "base", "candidate"), *rows], left=(0, 1, 2))) + "\n" if rows else ""


def _told(found: ProfileDiff) -> list[FunctionChange]:
    return [row for row in found.functions if row.verdict in _TOLD]


def _own(row: FunctionChange) -> tuple[ShareChange, str]:
    """Returns the quantity that the verdict is about, and its word."""
    if row.verdict == "moved" or row.flat.verdict == row.verdict:
        return row.flat, "self"
    return row.cum, "with callees"


def _cells(row: FunctionChange) -> tuple[str, ...]:
    own, word = _own(row)
    mark = f"{MARKS[row.verdict]} {WORDS[row.verdict]}"
    return (mark, *_numbers(own), word, names.clean(row.name))


def _numbers(own: ShareChange) -> tuple[str, str, str, str, str]:
    decimals = numbers.ratio_decimals(own.ratio, own.low, own.high)
    if own.ratio is None:
        ratio = "new" if own.candidate else "gone" if own.base else numbers.MISSING
    else:
        ratio = f"×{numbers.ratio_text(own.ratio, decimals)}"
    return (
        _percent(own.base_share),
        _percent(own.candidate_share),
        ratio,
        numbers.interval_text(own.low, own.high, decimals) if own.ratio is not None else "",
        numbers.MISSING if own.p_adjusted is None else f"{own.p_adjusted:.2g}",
    )


def _about(row: FunctionChange) -> list[str]:
    told: list[str] = []
    if row.moved_to:
        fell = row.flat.candidate_share < row.flat.base_share
        where = names.join([names.clean(name) for name in row.moved_to[:3]])
        inside = row.moved_under is None or row.moved_under in (row.name, *row.moved_to)
        under = "" if inside or row.moved_under is None else f" under {names.clean(row.moved_under)}"
        told.append(f"{names.clean(row.name)}: {'to' if fell else 'from'} {where}{under}")
    if row.base_name:
        told.append(f"{names.clean(row.name)}: was {names.clean(row.base_name)} (matched by {row.matched_by})")
    return told


def _diluted(found: ProfileDiff) -> list[str]:
    count = sum(row.verdict == "diluted" for row in found.functions)
    if not count:
        return []
    what = "function changed its share" if count == 1 else "functions changed their share"
    return [f"{count} {what} only as all do, by ×{found.common_factor:.2f}"]


def _roles(found: ProfileDiff) -> list[tuple[str, ...]]:
    """Returns the runtime's roles with a share of 0.5 % and more, and those that differ."""
    return [
        (f"{MARKS[one.flat.verdict]} {WORDS[one.flat.verdict]}", *_numbers(one.flat), names.clean(one.role))
        for one in found.roles
        if max(one.flat.base_share, one.flat.candidate_share) >= 0.005 or one.flat.verdict in _TOLD
    ]


def _unmapped(found: ProfileDiff) -> str:
    first, second = found.base, found.candidate
    return (
        f"The Go runtime itself takes {_percent(first.runtime_share)} and {_percent(second.runtime_share)} %; "
        f"of that {_percent(first.unmapped_share)} and {_percent(second.unmapped_share)} % have no role (unmapped)."
    )


def _percent(share: float) -> str:
    return f"{100.0 * share:.2f}".replace("-", numbers.MINUS)


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(heads) + " |", "|:--" + "|--:" * (len(heads) - 2) + "|:--|"]
    return lines + ["| " + " | ".join(escape(cell) for cell in row) + " |" for row in rows]
