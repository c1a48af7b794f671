"""A lineage as text, Markdown and HTML: numbers with intervals, what is missing, pictures that are well formed."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest

from whence.evidence.comparison import HostReport
from whence.evidence.lineage import (
    Ending,
    GivenBack,
    KnownChange,
    Lineage,
    LineageMetric,
    LineageRelease,
    MissingRelease,
    Predicted,
    Reading,
)
from whence.show.report.lineage import lineage_html, lineage_markdown, lineage_picture, lineage_terminal
from whence.show.report.lineage.lineage_axes import frame
from whence.show.report.lineage.lineage_words import short

EVIL = "<b>x</b>|`"
METRICS = (
    LineageMetric(name="alloc-16", words="w", short="16 B", unit="ns", panel="allocation"),
    LineageMetric(name="alloc-64", words="w", short="64 B", unit="ns", panel="allocation"),
    LineageMetric(name="pause-max", words="w", short="largest", unit="s", panel="pauses"),
    LineageMetric(name="gc-cpu", words="w", short="GC CPU", unit="1", panel="collector"),
)


def given(ending: Ending, seconds: float | None, after: float) -> GivenBack:
    lazy = 200e6 if ending == "lazy" else 0.0
    return GivenBack(
        dropped=200e6,
        before=212e6,
        after=after,
        peak=213e6,
        lazy_free=lazy,
        ending=ending,
        seconds=seconds,
        waited=480.0,
    )


def release(line: str, cost: float, pause: float, share: float | None, back: GivenBack | None) -> LineageRelease:
    readings = (
        Reading(metric="alloc-16", value=cost / 2, low=cost / 2.2, high=cost / 1.8, blocks=6),
        Reading(
            metric="alloc-64", value=cost, low=0.9 * cost, high=1.1 * cost, blocks=6, predicted=Predicted(value=21.0)
        ),
        Reading(metric="pause-max", value=pause, low=pause / 2, high=pause * 2, blocks=6),
        Reading(metric="gc-cpu", value=share, blocks=0 if share is None else 6),
    )
    return LineageRelease(
        line=line, version=f"{line}.9", binary_sha256=None, readings=readings, given_back=back,
        predicted_after=Predicted(value=12.5e6), predicted_seconds=Predicted(value=300.0), predicted_ending="back",
    )  # fmt: skip


@pytest.fixture
def lineage() -> Lineage:
    return Lineage(
        sentence=f"Go 1.27.9 against 1.2.9: cheaper {EVIL}",
        metrics=METRICS,
        releases=(
            release("1.2", 38.6, 0.0285, None, given("never", None, 212e6)),
            release("1.5", 22.7, 0.00075, 0.35, given("back", 305.0, 12e6)),
            release("1.12", 18.9, 0.000036, 0.2, given("lazy", 310.0, 212e6)),
            release("1.27", 12.9, 0.00023, 0.1, None),
        ),
        missing=(MissingRelease(line="1.8", version="1.8.7", why="no network"),),
        changes=(
            KnownChange(
                since="1.5", panel="pauses", short="concurrent", words="marks beside", source="go1.5.4 mgc.go:10"
            ),
            KnownChange(since="1.13", panel="memory", short="paced", words="paced", source="go1.13.15 x.go:1"),
        ),
        blocks=6,
        wait=480.0,
        seed=1,
        host=HostReport(cpus=2, calibration={"spread": 0.12}, cpu_model=EVIL),
        notes=(f"odd {EVIL}",),
        command="whence lineage",
        seconds=1500.0,
    )


def test_the_sentence_comes_first_and_every_form_tells_what_was_left_out(lineage: Lineage) -> None:
    text = lineage_terminal.render(lineage)
    assert text.splitlines()[0] == lineage.sentence
    assert "Left out, not here and not fetched: go1.8.7" in text
    assert "go1.8.7" in lineage_markdown.render(lineage)
    assert "go1.8.7" in lineage_html.render(lineage)


def test_values_have_their_interval_and_the_model_beside_them(lineage: Lineage) -> None:
    text = lineage_terminal.render(lineage)
    [row] = [line for line in text.splitlines() if line.strip().startswith("1.5.9") and "22.7" in line]
    assert re.search(r"22\.7 \[20\.4, 25\.0\]\s+21\.0", row)
    assert "| 22.7 [20.4, 25.0] | 21.0 |" in lineage_markdown.render(lineage)


def test_memory_says_when_it_was_back_and_how(lineage: Lineage) -> None:
    text = lineage_terminal.render(lineage)
    for told in ("not in 480 s", "305 s", "lazily, 310 s"):
        assert told in text


def test_columns_of_text_stand_under_their_heads(lineage: Lineage) -> None:
    lines = lineage_terminal.render(lineage).splitlines()
    start = next(i for i, line in enumerate(lines) if "An allocation" in line)
    head, rows = lines[start + 1], lines[start + 2 : start + 6]
    end = head.index("64 B, ns") + len("64 B, ns")
    for row, value in zip(rows, ("38.6", "22.7", "18.9", "12.9"), strict=True):
        assert row[:end].endswith(value)


def test_without_any_prediction_there_is_no_column_for_it(lineage: Lineage) -> None:
    bare = tuple(
        msgspec.structs.replace(
            r,
            readings=tuple(msgspec.structs.replace(x, predicted=None) for x in r.readings),
            predicted_after=None,
            predicted_seconds=None,
            predicted_ending=None,
        )
        for r in lineage.releases
    )
    text = lineage_terminal.render(msgspec.structs.replace(lineage, releases=bare))
    assert "model" not in text.partition("Brackets")[0]


def test_whatever_a_text_holds_is_text_and_nothing_runs_or_is_fetched(lineage: Lineage) -> None:
    page = lineage_html.render(lineage)
    assert "<b>x</b>" not in page
    assert "<script" not in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page.replace("http://www.w3.org/2000/svg", ""))
    assert "<b>x" not in lineage_markdown.render(lineage)


def test_the_four_panels_are_well_formed_and_say_their_values(lineage: Lineage) -> None:
    panels = lineage_picture.panels(lineage)
    assert len(panels) == 4
    for panel in panels:
        ElementTree.fromstring(panel)
    assert "Go 1.2.9, 64 B: 38.6 ns [34.7, 42.5]" in panels[0]
    assert "concurrent" in panels[1] and "marks beside (go1.5.4 mgc.go:10)" in panels[1]
    assert "lazily, 310 s" in panels[2]
    assert "Go 1.2.9 does not tell it" in panels[3]


def test_nothing_stands_outside_its_panel(lineage: Lineage) -> None:
    for panel in lineage_picture.panels(lineage):
        for name, most in (("cx", 560), ("cy", 320), ("x1", 560), ("y1", 320), ("y2", 320)):
            assert all(0 <= float(value) <= most for value in re.findall(rf' {name}="([-\d.]+)"', panel))


def test_a_lineage_of_nothing_is_drawn_too(lineage: Lineage) -> None:
    empty = msgspec.structs.replace(lineage, releases=(), changes=(), blocks=0)
    for panel in lineage_picture.panels(empty):
        ElementTree.fromstring(panel)
    assert lineage_terminal.render(empty).startswith(lineage.sentence)
    assert "<h1>" in lineage_html.render(empty)


def test_a_logarithmic_scale_has_whole_decades_and_the_other_begins_at_zero(lineage: Lineage) -> None:
    decades = frame(lineage, [0.036, 28.5], logarithmic=True)
    assert (decades.low, decades.high) == pytest.approx((0.01, 100.0))
    assert decades.ticks() == pytest.approx((0.01, 0.1, 1.0, 10.0, 100.0))
    assert decades.y(28.5) < decades.y(0.036)
    assert frame(lineage, [12.0, 38.0]).ticks()[0] == 0.0


def test_numbers_keep_three_digits() -> None:
    assert [short(v) for v in (0.0361, 1.04, 21.53, 154.4, 1234.0, 0.0)] == [
        "0.0361",
        "1.04",
        "21.5",
        "154",
        "1,234",
        "0",
    ]


def test_the_document_can_be_read_back(lineage: Lineage) -> None:
    assert msgspec.json.decode(msgspec.json.encode(lineage), type=Lineage) == lineage
