"""The terminal form against stored text; any width, with and without colour, whatever names hold."""

from __future__ import annotations

import os
import re

import pytest

from whence.show.report.explain import terminal
from whence.show.report.terminal import cells

from . import cases

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", cases.NAMES)
def test_it_reads_as_stored(name: str) -> None:
    """With WHENCE_WRITE_GOLDEN set, stores what is drawn now."""
    path = cases.FOLDER / "golden" / f"{name}.txt"
    text = terminal.render(cases.load(name), width=100, report_path="out/report.html")
    if os.environ.get("WHENCE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_order_is_sentence_shares_dependence_remedies_notes_cost_next() -> None:
    text = terminal.render(cases.load("switches"), width=120, report_path="r.html", next_command="whence explain")
    marks = [
        "CPU time",
        "share of the change",
        "The effect depends",
        "To try",
        "- a switch was left",
        "Cost",
        "Report",
        "Next",
    ]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
@pytest.mark.parametrize("name", cases.NAMES)
def test_lines_fit_the_width(name: str, width: int) -> None:
    lines = terminal.render(cases.load(name), width=width).splitlines()
    words = [line for line in lines if cells(line) > width and " " in line.strip().replace(" ± ", "").replace(" %", "")]
    assert words == []


def test_without_colour_there_is_no_escape_and_with_it_the_same_text() -> None:
    plain = terminal.render(cases.load("heap"), width=110)
    assert "\x1b" not in plain
    assert ESCAPE.sub("", terminal.render(cases.load("heap"), width=110, color=True)) == plain


def test_names_cannot_move_the_cursor() -> None:
    text = terminal.render(cases.nasty("a\x1b[2Jb\x07\u202ec\nd"), width=100, next_command="x\x1b[1my")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_what_is_simulated_says_so_first() -> None:
    assert terminal.render(cases.changed(cases.load("heap"), simulated=True)).startswith("Simulated:")
