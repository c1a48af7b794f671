"""A collector's story on a terminal and in Markdown."""

from __future__ import annotations

import textwrap
from itertools import groupby

from whence.evidence.gc_story import GCStory
from whence.show.report.profile import gc_words

_MOST_STRETCHES = 12
_BLOCKS = " ▁▂▃▄▅▆▇█"


def terminal(story: GCStory, *, width: int = 100, color: bool = False) -> str:
    """Returns the whole text with a final line end: the sentence, the heap as a strip, what limited when, numbers."""
    width = max(width, 40)
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    parts = [bold[0] + _fill(gc_words.clean(story.sentence), width) + bold[1], _strip(story, width)]
    parts += ["\n".join(_stretches(story, width)), "\n".join(_numbers(story, width))]
    parts += [_fill(gc_words.clean(note), width) for note in story.notes]
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown(story: GCStory) -> str:
    """Returns the same as Markdown."""
    lines = [f"**{_escaped(story.sentence)}**", ""]
    if story.stretches:
        lines += ["| from | to | what limited | evidence |", "|---:|---:|---|---|"]
        lines += [
            f"| {gc_words.moment(s.from_s)} | {gc_words.moment(s.to_s)} | {gc_words.SHORT[s.kind]} "
            f"| {_escaped(s.evidence)} |"
            for s in story.stretches
        ]
        lines.append("")
    lines += ["| | | |", "|---|---|---:|"]
    for group, found in groupby(gc_words.rows(story), key=lambda row: row[0]):
        for index, (_, name, value) in enumerate(found):
            lines.append(f"| {group if index == 0 else ''} | {name} | {_escaped(value)} |")
    lines += ["", *(f"- {_escaped(note)}" for note in story.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _fill(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(text, width, subsequent_indent=indent, break_on_hyphens=False)


def _escaped(text: str) -> str:
    shown = gc_words.clean(text)
    for sign in "\\`*_|<>[]":
        shown = shown.replace(sign, "\\" + sign)
    return shown


def _strip(story: GCStory, width: int) -> str:
    """Returns the heap before sweeping over time as one line of blocks."""
    sizes = [(p.from_s, p.heap_end or p.live or p.heap_start) for p in story.points]
    known = [(at, size) for at, size in sizes if size]
    if len(known) < 2 or not story.timed or story.to_s <= story.from_s:
        return ""
    columns = min(width - 4, 76)
    heights = [0.0] * columns
    for at, size in known:
        column = min(columns - 1, int((at - story.from_s) / (story.to_s - story.from_s) * columns))
        heights[column] = max(heights[column], size)
    last = 0.0
    for column, height in enumerate(heights):
        last = height or last
        heights[column] = last
    top = max(heights)
    blocks = "".join(_BLOCKS[round(height / top * (len(_BLOCKS) - 1))] for height in heights)
    peak = gc_words.amount(story.heap.peak if story.heap is not None else None)
    left, right = gc_words.moment(story.from_s), gc_words.moment(story.to_s)
    return f"  {blocks}\n  {left}{' ' * max(1, columns - len(left) - len(right))}{right}\n  heap, largest {peak}"


def _stretches(story: GCStory, width: int) -> list[str]:
    shown = story.stretches
    if len(shown) > _MOST_STRETCHES:
        longest = sorted(shown, key=lambda s: s.from_s - s.to_s)[:_MOST_STRETCHES]
        shown = tuple(s for s in shown if s in longest)
    lines = [
        _fill(
            f"  {gc_words.moment(s.from_s):>8} – {gc_words.moment(s.to_s):<8} {gc_words.SHORT[s.kind]:<13}"
            f" {gc_words.clean(s.evidence)}",
            width,
            " " * 36,
        )
        for s in shown
    ]
    if len(shown) < len(story.stretches):
        lines.append(f"  {len(story.stretches) - len(shown)} shorter stretches are in the JSON")
    return lines


def _numbers(story: GCStory, width: int) -> list[str]:
    rows = gc_words.rows(story)
    names = max((len(name) for _, name, _ in rows), default=0)
    lines: list[str] = []
    for group, found in groupby(rows, key=lambda row: row[0]):
        for index, (_, name, value) in enumerate(found):
            lines.append(f"  {group if index == 0 else '':<12} {name:<{names}}  {value}"[: max(width, 60)])
    return lines
