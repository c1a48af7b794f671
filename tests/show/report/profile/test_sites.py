"""Who allocates, as people read it: the sentence first, intervals beside numbers, hostile names harmless."""

from __future__ import annotations

from whence.evidence.profile_sites import ProfileSites, Range, Site, Totals, TypeTotal
from whence.show.report.profile import sites_html, sites_markdown, sites_terminal, sites_words


def exactly(number: float) -> Range:
    return Range(value=number, low=number, high=number)


def result(function: str = "example.com/x/transport.(*itemList).enqueue", tiny: bool = True) -> ProfileSites:
    share = Range(value=0.238, low=0.236, high=0.240)
    site = Site(
        function=function,
        package="example.com/x/transport",
        allocators=(function,),
        sampled=100,
        profile_objects=100,
        profile_share=0.255,
        objects=exactly(100),
        objects_share=share if not tiny else Range(value=0.238, low=0.1, high=0.5),
        slot_bytes=exactly(2400),
        bytes_share=exactly(0.3),
        requested_bytes=Range(value=2000, low=1700, high=2400),
        waste_bytes=Range(value=400, low=0, high=700),
        tiny="possible" if tiny else "no",
    )
    row = TypeTotal(
        name="main.node",
        size_bytes=40,
        pointer_bytes=8,
        slot_bytes=48,
        size_class=5,
        noscan=False,
        objects=125000,
        tiny=False,
        slot_total_bytes=6e6,
        requested_bytes=exactly(5e6),
        waste_bytes=exactly(1e6),
    )
    return ProfileSites(
        go_version="1.26.0",
        go_version_known=True,
        level=0.99,
        rates=(1,),
        outside=(),
        totals=Totals(
            objects=exactly(420),
            profile_objects=400,
            slot_bytes=exactly(8000),
            sampled=400,
            coalesced=exactly(20),
            coalesced_from="runtime totals",
            tiny_share=exactly(0.41) if tiny else exactly(0.0),
            traced_objects=125000,
        ),
        sites=(site,),
        types=(row,),
        notes=("A note.",),
        settle="GODEBUG=traceallocfree=1 PROGRAM",
    )


def test_the_first_line_is_the_answer() -> None:
    assert sites_words.headline(result(tiny=False)) == (
        "transport.(*itemList).enqueue makes 23.8 % [23.6, 24.0] of all objects"
    )
    assert sites_words.headline(result()).endswith("; 41.0 % of all objects are tiny and no profile can split them")
    assert sites_terminal.render(result(tiny=False)).startswith("transport.(*itemList).enqueue makes 23.8 %")


def test_the_terminal_shows_places_types_and_the_next_run() -> None:
    text = sites_terminal.render(result(), width=120)
    assert "25.5 %" in text and "main.node" in text and "125,000" in text
    assert "Next     GODEBUG=traceallocfree=1 PROGRAM" in text
    assert all(len(line) <= 140 for line in text.splitlines())


def test_type_arguments_are_left_out_of_short_names() -> None:
    assert sites_words.short("internal/sync.newNode[go.shape.interface {},a/b.T]") == "sync.newNode[…]"
    assert sites_words.short("a/b.(*Map[go.shape.int]).Load") == "b.(*Map[…]).Load"
    assert sites_words.short("[16]uint8") == "[16]uint8"


def test_names_cannot_break_out_of_html_or_markdown() -> None:
    evil = result("x.<script>alert(1)</script>|*b*\x1b[31m")
    page = str(sites_html.section(evil))
    assert "<script>" not in page and "&lt;script&gt;" in page and "\x1b" not in page
    text = sites_markdown.render(evil)
    assert "<script>" not in text.replace("\\<", "") and "\\|" in text and "\x1b" not in text
    assert "\x1b" not in sites_terminal.render(evil)


def test_an_empty_result_is_said_in_words() -> None:
    import msgspec

    empty = msgspec.structs.replace(result(tiny=False), sites=(), types=(), settle=None, notes=())
    assert sites_terminal.render(empty).startswith("The input holds no objects")
    assert "<table" not in str(sites_html.section(empty))


def test_interval_bars_stay_inside_their_scale_and_are_said_in_words() -> None:
    bar = str(sites_html.bar(Range(value=0.2, low=0.1, high=0.4), 0.4))
    assert "left:25.00%;width:75.00%" in bar and "left:50.00%" in bar
    assert "aria-label='20.0 % [10.0, 40.0]'" in bar
