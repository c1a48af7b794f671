"""Views of one profile as text: top, peek and tree, for the terminal; top as Markdown too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from whence.evidence.profile import FunctionValue, ProfilePeek, ProfileTop, ProfileTree
from whence.show.report import names, numbers

_UNITS = {"nanoseconds": "ns", "microseconds": "us", "milliseconds": "ms", "seconds": "s", "bytes": "B"}


def scale_of(values: Iterable[int], unit: str) -> numbers.Scale:
    """Returns how a column of these values is written."""
    return numbers.scale_for([float(value) for value in values], _UNITS.get(unit, unit))


def amount(value: int, unit: str) -> str:
    """Returns one value with its unit, for running text."""
    return numbers.amount_text(float(value), _UNITS.get(unit, unit))


def share(value: int, total: int) -> str:
    return f"{100.0 * value / total:.1f}".replace("-", numbers.MINUS) if total else numbers.MISSING


def sentence(top: ProfileTop) -> str:
    """Returns what the profile says, in one sentence."""
    if not top.functions:
        return f"The profile holds no {top.sample_type}."
    first = max(top.functions, key=lambda row: (abs(row.flat), abs(row.cum)))
    rest = len(top.functions) - 1
    others = f"; {numbers.plural(rest, 'other')} follow{'s' if rest == 1 else ''}" if rest else ""
    own = f"{share(first.flat, top.total)} % of it in {names.clean(first.name)} itself"
    return f"{top.sample_type} {amount(top.total, top.unit)}: {own}{others}."


def ordered(rows: Sequence[FunctionValue], sort: str) -> list[FunctionValue]:
    """Returns the rows by flat or cumulative value, largest first."""
    if sort == "cum":
        return sorted(rows, key=lambda row: (-abs(row.cum), -abs(row.flat), row.name))
    return list(rows)


def terminal(top: ProfileTop, *, rows: int, sort: str = "flat", story: Sequence[str] = ()) -> str:
    """Returns the sentence, further ones, and the table of the largest functions."""
    shown = ordered(top.functions, sort)[: rows or None]
    scale = scale_of([row.cum for row in shown] or [0], top.unit)
    unit = f", {scale.unit}" if scale.unit else ""
    heads = (f"flat{unit}", "%", f"cum{unit}", "%", "")
    table = [
        (
            numbers.value_text(float(row.flat), scale),
            share(row.flat, top.total),
            numbers.value_text(float(row.cum), scale),
            share(row.cum, top.total),
            names.clean(row.name),
        )
        for row in shown
    ]
    lines = [sentence(top), *story, "", *_columns([heads, *table])]
    if len(shown) < len(top.functions):
        left = sum(abs(row.flat) for row in ordered(top.functions, sort)[len(shown) :])
        what = numbers.plural(len(top.functions) - len(shown), "further row")
        lines.append(f"{what}, flat {share(left, top.total)} % in all. All of them: -n 0, or --json -")
    return "\n".join([*lines, *(f"note: {note}" for note in top.notes)]) + "\n"


def markdown(top: ProfileTop, *, rows: int, sort: str = "flat") -> str:
    """Returns the same as a Markdown table."""
    shown = ordered(top.functions, sort)[: rows or None]
    scale = scale_of([row.cum for row in shown] or [0], top.unit)
    unit = f", {scale.unit}" if scale.unit else ""
    lines = [sentence(top), "", f"| flat{unit} | % | cum{unit} | % | |", "| ---: | ---: | ---: | ---: | --- |"]
    for row in shown:
        name = names.clean(row.name).replace("|", "\\|").replace("`", "'")
        flat, cum = (numbers.value_text(float(value), scale) for value in (row.flat, row.cum))
        lines.append(f"| {flat} | {share(row.flat, top.total)} | {cum} | {share(row.cum, top.total)} | `{name}` |")
    return "\n".join([*lines, "", *(f"Note: {note}" for note in top.notes)]) + "\n"


def peek_terminal(peek: ProfilePeek, *, neighbours: int) -> str:
    """Returns each function between its callers above and its callees below."""
    lines: list[str] = []
    for function in peek.functions:
        scale = scale_of([function.cum], peek.unit)
        unit = f" {scale.unit}" if scale.unit else ""

        def row(value: int, text: str, *, whole: int, unit: str = unit, scale: numbers.Scale = scale) -> str:
            return f"{numbers.value_text(float(value), scale):>12}{unit} {share(value, whole):>6} %  {text}"

        for kind, rows in (("called by", function.callers), ("calls", function.callees)):
            if kind == "calls":
                name = names.clean(function.name)
                lines.append(
                    row(function.cum, f"{name}   (itself {amount(function.flat, peek.unit)})", whole=peek.total)
                )
            shown = rows[: neighbours or None]
            told = [row(n.value, f"    {kind} {names.clean(n.name)}", whole=function.cum or 1) for n in shown]
            if len(shown) < len(rows):
                told.append(f"{'':>23}      and {len(rows) - len(shown)} more")
            lines += told
        lines.append("")
    return "\n".join([*lines, *(f"note: {note}" for note in peek.notes)]).rstrip("\n") + "\n"


def tree_terminal(tree: ProfileTree) -> str:
    """Returns the call tree, one row a node, indented."""
    scale = scale_of([tree.total], tree.unit)
    lines = [f"{tree.sample_type} {amount(tree.total, tree.unit)}", ""]
    for node in tree.nodes:
        value = numbers.value_text(float(node.value), scale)
        lines.append(f"{value:>12} {share(node.value, tree.total):>6} %  {'| ' * node.depth}{names.clean(node.name)}")
    if tree.left_out:
        lines.append(
            f"left out: nodes below {100 * tree.smallest_share:g} % each, {share(tree.left_out, tree.total)} % in all"
        )
    return "\n".join([*lines, *(f"note: {note}" for note in tree.notes)]) + "\n"


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Returns the rows with numbers right-aligned and the name last."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(text.rjust(width) for text, width in zip(row[:-1], widths, strict=True)), row[-1]]).rstrip()
        for row in rows
    ]
