"""A collector's story drawn: everything told is there, nothing of a log becomes markup, and odd stories draw too."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from msgspec.structs import replace

from whence.evidence.gc_story import (
    Amount,
    CycleCounts,
    GCStory,
    Heap,
    Measure,
    Pauses,
    Point,
    Quantile,
    Release,
    Scavenging,
    Stretch,
    Work,
)
from whence.show.report.profile import gc_page, gc_section, gc_text, gc_words
from whence.show.report.profile.gc_picture import picture

MB = 1e6


def seconds(value: float, width: float = 0.0) -> Amount:
    return Amount(value=value, unit="s", low=value - width if width else None, high=value + width if width else None)


def size(value: float) -> Amount:
    return Amount(value=value, unit="B")


def points(count: int) -> tuple[Point, ...]:
    return tuple(
        Point(
            from_s=n / count * 10, to_s=(n + 0.5) / count * 10, forced=int(n == 3), heap_start=80 * MB,
            heap_end=90 * MB,
            live=40 * MB, live_low=40 * MB, goal=85 * MB, stopped=0.001, longest_pause=0.0007, assists=0.2,
            background=0.4, idle=0.0,
        )
        for n in range(count)
    )  # fmt: skip


STORY = GCStory(
    source="gctrace",
    sentence="The collector ran 212 times in 10.2 s <b>.",
    to_s=10.0,
    processors=2,
    cycles=CycleCounts(total=212, forced=1, periodic=0, rate=Amount(value=21.2, unit="1/s")),
    pauses=Pauses(
        total=seconds(0.0279, 0.0008), sweep_termination=seconds(0.02), mark_termination=seconds(0.0079), count=424,
        quantiles=(Quantile(of=0.5, amount=seconds(3.4e-5)),), longest=seconds(0.0123), longest_at_s=2.77,
    ),
    work=Work(share=Amount(value=0.14, unit="share", low=0.138, high=0.142), assists=Amount(value=0.48, unit="cpu-s")),
    heap=Heap(live_median=size(40 * MB), peak=size(90 * MB), overshoots=3, memory_limit=size(95 * MB)),
    scavenging=Scavenging(lines=2, released_last=size(5 * MB)),
    stretches=(
        Stretch(
            kind="memory-limit", from_s=3.1, to_s=7.8, cycles=90, evidence="the goal stayed near 85 MB & <so>",
            measures=(Measure(name="goal", amount=size(85 * MB)),),
        ),
        Stretch(kind="idle", from_s=8.0, to_s=9.5, cycles=0, evidence="no collection ran"),
    ),
    points=points(40),
    releases=(
        Release(at_s=1.0, released=4 * MB, retained=70 * MB),
        Release(at_s=9.0, released=5 * MB, retained=72 * MB),
    ),
    notes=("1 line was | broken.",),
)  # fmt: skip


def svg(story: GCStory) -> ElementTree.Element:
    return ElementTree.fromstring(picture(story))


def texts(story: GCStory) -> set[str]:
    return {"".join(element.itertext()) for element in svg(story).iter() if element.tag.endswith("text")}


def test_the_picture_names_every_line_and_every_lane() -> None:
    found = texts(STORY)
    assert {"live", "goal", "limit", "end of marking", "kept mapped", "given back", "▲ forced"} <= found
    assert {"memory limit", "idle", "assists", "background", "pauses", "collections"} <= found


def test_stretches_lie_where_they_were() -> None:
    bars = [element for element in svg(STORY).iter() if "gc-stretch" in element.get("class", "")]
    left, width = float(bars[0].get("x", 0)), float(bars[0].get("width", 0))
    axis = next(element for element in svg(STORY).iter() if element.get("class") == "gc-axis")
    low, high = float(axis.get("x1", 0)), float(axis.get("x2", 0))
    assert abs((left - low) / (high - low) - 0.31) < 0.005
    assert abs(width / (high - low) - 0.47) < 0.005


def test_marks_are_told_apart_by_more_than_colour() -> None:
    dashes = re.findall(r"\.gc-(\w+) \{[^}]*stroke-dasharray: ([^;}]+)", gc_section.STYLE)
    assert len({pattern for _, pattern in dashes}) == len(dashes) >= 4


def test_nothing_of_a_log_becomes_markup() -> None:
    page = gc_page.render(STORY, command="whence profile gc '<img>'")
    assert "<b>." not in page
    assert "<so>" not in page
    assert "<img>" not in page
    assert "&lt;so&gt;" in page


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = gc_page.render(STORY)
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", page)
    assert "<script" not in page


def test_the_section_tells_sentence_stretches_numbers_and_notes() -> None:
    section = str(gc_section.section(STORY))
    for text in ("3.10 s – 7.80 s", "27.9\u00a0ms", "[27.1, 28.7]", "1 line was | broken."):
        assert text in section


def test_terminal_text_fits_its_width_and_begins_with_the_sentence() -> None:
    for width in (60, 100):
        text = gc_text.terminal(STORY, width=width)
        assert text.startswith("The collector ran 212 times")
        assert max(len(line) for line in text.splitlines()) <= width
    assert "\x1b[1m" in gc_text.terminal(STORY, color=True)
    assert "\x1b" not in gc_text.terminal(STORY)


def test_markdown_keeps_its_columns_whatever_a_note_holds() -> None:
    text = gc_text.markdown(STORY)
    assert "| 3.10 s | 7.80 s | memory limit |" in text
    assert "\\| broken" in text


def test_amounts_are_written_with_their_interval_and_no_more_digits_than_it_deserves() -> None:
    assert gc_words.amount(seconds(0.0279, 0.0008)) == "27.9 ms [27.1, 28.7]"
    assert gc_words.amount(Amount(value=0.14, unit="share", low=0.138, high=0.142)) == "14.0 % [13.8, 14.2]"
    assert gc_words.amount(Amount(value=2.0, unit="s", low=2.0)) == "at least 2 s"
    assert gc_words.amount(None) == "–"


def test_stories_with_little_in_them_draw_as_well() -> None:
    bare = GCStory(source="runtime metrics", sentence="It did not run.", cycles=CycleCounts(total=0))
    assert picture(bare) == ""
    assert "It did not run." in gc_page.render(bare)
    untimed = replace(
        STORY, timed=False, to_s=0.0, stretches=(), points=tuple(replace(p, goal=None) for p in points(5))
    )
    assert "collection" in texts(untimed)
    assert gc_text.terminal(untimed)
    single = replace(STORY, points=points(1), releases=())
    assert svg(single) is not None
    empty = replace(STORY, points=(Point(from_s=0.0, to_s=1.0, cycles=0),), heap=None, work=None, pauses=None)
    assert svg(empty) is not None


def test_a_long_run_stays_a_small_picture() -> None:
    assert len(picture(replace(STORY, points=points(2000)))) < 100_000
