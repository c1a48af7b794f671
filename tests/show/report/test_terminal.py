"""The terminal: sentence, table, what was odd, what to do next; any width, with and without colour."""

from __future__ import annotations

import re

import pytest

from whence.show.report import terminal

from . import factories as make

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def test_the_order_is_sentence_table_odd_gates_check_report_next() -> None:
    text = terminal.render(
        make.demo(gates=(make.gate(candidate=make.BAD),)),
        width=120,
        report_path="r.html",
        next_command="whence explain",
    )
    marks = [
        "Resident memory is",
        "  metric",
        "▲ worse",
        "What was odd",
        "Gates",
        "A/A check",
        "Report   r.html",
        "Next  ",
    ]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [50, 60, 72, 80, 100, 120, 160])
@pytest.mark.parametrize(
    "comparison", [make.demo(), make.benchmarks(), make.comparison()], ids=["demo", "bench", "one"]
)
def test_lines_fit_the_width(comparison: object, width: int) -> None:
    lines = terminal.render(comparison, width=width).splitlines()  # type: ignore[arg-type]
    assert max(terminal.cells(line) for line in lines) <= width


def test_without_colour_there_is_no_escape_and_with_it_the_same_text() -> None:
    plain = terminal.render(make.demo(), width=110)
    painted = terminal.render(make.demo(), width=110, color=True)
    assert "\x1b" not in plain
    assert ESCAPE.sub("", painted) == plain


def test_every_candidate_has_value_ratio_and_mark_in_its_column() -> None:
    row = next(x for x in terminal.render(make.demo(), width=160).splitlines() if x.startswith("  rss "))
    assert re.search(r"84\.1 +291\.6 +×3\.467 \[3\.463, 3\.471\] ▲ +84\.2 +×1\.001 .* = +84\.3 .* =$", row)


def test_names_cannot_move_the_cursor() -> None:
    nasty = make.variant("new", spec="x\x1b[2Jy")
    evil = make.effect(candidate="a\x1b[31m\x07b\u202e", warnings=("w\x1b[1m",))
    text = terminal.render(make.comparison(evil, variants=(make.variant("base"), nasty)), width=100)
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text


def test_a_command_is_never_broken_over_lines() -> None:
    command = "whence explain " + "go=1.24.3 " * 30
    assert f"Next     {command}" in terminal.render(make.demo(), width=60, next_command=command)


def test_a_long_variant_name_is_broken_at_its_commas() -> None:
    name = "go=1.24.3,experiment=noswissmap,debug.madvdontneed=1,GOGC=50"
    variants = (make.variant("base"), make.variant(name))
    text = terminal.render(make.comparison(make.effect(candidate=name), variants=variants), width=90)
    assert "experiment=noswissmap," in text
    assert max(terminal.cells(line) for line in text.splitlines()[2:6]) <= 90


def test_the_geometric_mean_stands_beside_the_benchmarks() -> None:
    assert re.search(r"geometric mean +×1\.020", terminal.render(make.benchmarks(), width=100))


def test_metrics_that_were_not_chosen_but_moved_are_named() -> None:
    assert "Not chosen, but moved: rss-anon ×3.561 ▲ under go1.24.3" in terminal.render(make.demo(), width=100)
