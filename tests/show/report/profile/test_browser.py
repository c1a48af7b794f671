"""The page of a profile in a real browser: the views hold what the stacks hold, keys, search, addresses, paper."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench.flame import make_graph, make_tree

from whence.evidence.flame import FlameGraph
from whence.show.report.profile import html

from ..browsing import CONTRAST, OVERLAPS, Opened
from . import cases

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
MARSHAL = "encoding/json.Marshal"
TREES = """
() => {
  const { view, colours } = document.querySelector("#flame").picture;
  return view.parts.map(({ tree }) => {
    const found = [], paths = [];
    for (let i = 0; i < tree.count; i++) {
      paths.push(i ? [...paths[tree.parent[i]], colours.functions.name[tree.fn[i]] || "smaller"] : []);
      found.push([paths[i], tree.value[i]]);
    }
    return found;
  });
}
"""
CHOSEN = """
() => {
  const { chosen, colours } = document.querySelector("#flame").picture;
  return chosen && (colours.functions.name[chosen.part.tree.fn[chosen.node]] || "all");
}
"""
WINDOW = """
() => {
  const { from, to, view } = document.querySelector("#flame").picture;
  return [from / view.whole, to / view.whole];
}
"""
FRAMES_CONTRAST = """
() => {
  const { colours } = document.querySelector("#flame").picture;
  const light = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16) / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const { ink, accent, ...fills } = colours.hex;
  return Object.values(fills).flat().filter((hex) => {
    const [a, b] = [light(hex), light(ink)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) < 4.5;
  });
}
"""


class Shown(Opened):
    """A page whose picture stands."""

    def __init__(self, browser: Browser, path: Path, fragment: str = "", **options: object) -> None:
        super().__init__(browser, path, fragment, **options)
        self.page.wait_for_selector("#frame:not([hidden])")

    def fine(self) -> None:
        assert self.said == []
        assert [url for url in self.asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    deep = {tuple(f"main.f{i % 7}" for i in range(3000)): 9, ("main.f1",): 1}
    graphs: dict[str, FlameGraph] = {
        "profile": cases.profile(),
        "diff": cases.diff(story=("12 of 30 functions differ.",), notes=("Three stacks were truncated.",)),
        "nasty": cases.nasty(),
        "empty": cases.profile({}),
        "negative": cases.profile({("a", "b"): -5, ("a", "c"): 9}),
        "deep": cases.profile(deep),
        "large": make_graph(make_tree(10_000, 900), diff=True),
    }
    found = {name: folder / f"{name}.html" for name in graphs}
    for name, graph in graphs.items():
        found[name].write_text(html.render(graph), encoding="utf-8")
    return found


def trees(page: Page) -> list[Counter[tuple[str, ...]]]:
    return [Counter({tuple(path): value for path, value in part}) for part in page.evaluate(TREES)]


@pytest.mark.parametrize("name", ["profile", "diff", "nasty", "empty", "negative", "deep", "large"])
def test_every_profile_is_drawn_in_every_view(browser: Browser, pages: dict[str, Path], name: str) -> None:
    with Shown(browser, pages[name]) as opened:
        opened.page.focus("#flame")
        for view in "3142":
            for key in (view, "Home", "ArrowDown", "ArrowUp", "Enter", "ArrowRight", "c", "+", "Escape", "Backspace"):
                opened.page.keyboard.press(key)
        opened.fine()


def test_the_views_hold_what_the_stacks_hold(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        assert trees(page) == [cases.prefixes(cases.STACKS)]
        page.click("[data-view='flame']")
        assert trees(page) == [cases.prefixes(cases.STACKS)]
        page.click("[data-view='bottom-up']")
        assert trees(page) == [cases.bottom_up(cases.STACKS)]
        for pivot in ("main.walk", MARSHAL, "main.main", "runtime.mallocgc"):
            page.click(f"#top button:has-text('{pivot}')")
            assert trees(page) == [cases.callees(cases.STACKS, pivot), cases.callers(cases.STACKS, pivot)]


def test_a_diff_draws_both_sides_and_what_is_gone(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["diff"]) as opened:
        page = opened.page
        found = trees(page)[0]
        assert found[("main.main", "main.gone")] == 0 and ("main.main", "main.gone") in found
        page.select_option("#side", "candidate")
        assert trees(page) == [cases.prefixes(cases.STACKS)]
        assert "width=candidate" in page.evaluate("location.hash")


def test_small_frames_of_a_large_profile_are_found_by_zooming(browser: Browser, pages: dict[str, Path]) -> None:
    below = """() => {
      const { chosen } = document.querySelector("#flame").picture, { tree } = chosen.part;
      const kept = new Set([chosen.node]);
      for (let i = chosen.node; i < tree.count; i++) if (kept.has(tree.parent[i]) && tree.fn[i] >= 0) kept.add(i);
      return [kept.size, tree.value[chosen.node]];
    }"""
    with Shown(browser, pages["large"], "#view=bottom-up") as opened:
        page = opened.page
        page.focus("#flame")
        for key in ("Home", "ArrowDown", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
        before, value = page.evaluate(below)
        page.keyboard.press("Enter")
        after, same = page.evaluate(below)
        assert after > before and same == value
        opened.fine()


def test_keys_walk_the_frames_and_each_is_told(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.focus("#flame")
        seen: list[str] = []
        for key in ("Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
            page.keyboard.press(key)
            seen.append(page.evaluate(CHOSEN))
        assert seen == ["all", "main.main", "main.serve", MARSHAL, "runtime.mallocgc", "main.serve", "main.serve"]
        page.keyboard.press("ArrowDown")
        told = page.text_content("#said") or ""
        assert told.startswith(f"{MARSHAL}, This frame 500 B (50.0 %), Function, flat 100 B (10.0 %)")
        assert "cumulative 500 B" in told
        assert MARSHAL in (page.text_content("#frame") or "")


def test_enter_zooms_and_escape_leaves_step_by_step(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.focus("#flame")
        for key in ("Home", "ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        assert page.evaluate(WINDOW) == pytest.approx([0, 0.55])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.evaluate(WINDOW) == pytest.approx([0, 0.5])
        assert page.locator("#where button").all_text_contents() == ["all", "main.main", "main.serve", "json.Marshal"]
        page.keyboard.press("Escape")
        assert page.evaluate(WINDOW) == pytest.approx([0, 0.55])
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        assert page.evaluate(WINDOW) == [0, 1] and page.evaluate("location.hash") == ""


def test_a_glide_ends_where_a_jump_does(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"], reduced_motion="no-preference") as opened:
        page = opened.page
        page.focus("#flame")
        for key in ("Home", "ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 600))")
        assert page.evaluate(WINDOW) == pytest.approx([0, 0.55])
        opened.fine()


def test_numbers_choose_views_and_s_the_sandwich(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.focus("#flame")
        for key, view in (("1", "flame"), ("4", "bottom-up"), ("2", "icicle")):
            page.keyboard.press(key)
            assert page.get_attribute(f"[data-view='{view}']", "aria-pressed") == "true"
        for key in ("Home", "ArrowDown", "ArrowDown", "ArrowDown", "s"):
            page.keyboard.press(key)
        assert page.evaluate("location.hash") == "#view=sandwich&pivot=encoding%2Fjson.Marshal"
        page.keyboard.press("ArrowUp")
        assert page.evaluate(CHOSEN) == "main.serve"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(CHOSEN) == "runtime.mallocgc"
        page.keyboard.press("?")
        assert page.is_visible("#help")
        page.keyboard.press("Escape")
        assert not page.is_visible("#help")


def test_search_tells_how_much_matches_below_the_outermost(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.focus("#flame")
        page.keyboard.press("/")
        page.keyboard.type("MALLOC")
        assert page.text_content("#matched") == "1 function, 53.0 %"
        for query, told in (
            ("main.", "3 functions, 75.0 %"),
            ("/^main\\.(serve|walk)$/", "2 functions, 75.0 %"),
            ("/gcdrain/i", "1 function, 25.0 %"),
            ("nowhere", "0 functions, 0 %"),
            ("/(/", ""),
        ):
            page.fill("#search", query)
            assert page.text_content("#matched") == told
            assert page.eval_on_selector("#search", "(e) => e.matches('.bad')") == (query == "/(/")
        opened.fine()


def test_matches_are_walked_with_n(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"], "#q=walk") as opened:
        page = opened.page
        page.focus("#flame")
        page.keyboard.press("n")
        assert page.evaluate(CHOSEN) == "main.walk"
        assert page.text_content("#matched") == "1 function, 20.0 %"


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("profile", "#view=flame"),
        ("profile", "#view=sandwich&pivot=main.walk"),
        ("profile", "#zoom=2-4-0&q=malloc&sort=cum"),
        ("profile", "#at=0.25..0.5&sort=-name&filter=main"),
        ("diff", "#view=bottom-up&color=change&width=base&sort=ratio"),
        ("diff", "#only=differs&sort=p"),
    ],
)
def test_every_view_has_an_address(browser: Browser, pages: dict[str, Path], name: str, fragment: str) -> None:
    with Shown(browser, pages[name], fragment) as opened:
        page = opened.page
        first = {"trees": trees(page), "window": page.evaluate(WINDOW), "rows": page.text_content("#top tbody")}
        # Another change and back again leads to the same view, under the same address.
        page.click("[data-view='icicle']")
        page.click("[data-view='flame']")
        page.evaluate(f"location.hash = {json.dumps(fragment)}")
        page.wait_for_timeout(50)
        again = {"trees": trees(page), "window": page.evaluate(WINDOW), "rows": page.text_content("#top tbody")}
        assert again == first
        opened.fine()


def test_the_state_is_written_into_the_address_and_read_back(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["diff"]) as opened:
        page = opened.page
        page.click(f"#top button:has-text('{MARSHAL}')")
        page.fill("#search", "malloc")
        page.select_option("#colour", "change")
        page.click("#top thead button:has-text('candidate') >> nth=0")
        page.focus("#flame")
        for key in ("ArrowDown", "Enter"):
            page.keyboard.press(key)
        address, window, rows = page.evaluate("location.hash"), page.evaluate(WINDOW), page.text_content("#top tbody")
        assert "zoom=" in address and "pivot=encoding%2Fjson.Marshal" in address and "sort=value" in address
    with Shown(browser, pages["diff"], address) as opened:
        assert opened.page.evaluate(WINDOW) == window and opened.page.text_content("#top tbody") == rows
        assert opened.page.input_value("#search") == "malloc" and opened.page.input_value("#colour") == "change"


def test_the_back_button_goes_back(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.click("[data-view='flame']")
        page.click("[data-view='bottom-up']")
        page.evaluate("history.back()")
        page.wait_for_selector("[data-view='flame'][aria-pressed='true']")
        page.evaluate("history.back()")
        page.wait_for_selector("[data-view='icicle'][aria-pressed='true']")
        assert trees(page) == [cases.prefixes(cases.STACKS)]


@pytest.mark.parametrize(
    "fragment", ["#zoom=zzz-%%%", "#view=%E0%A4%A&at=9..1", "#at=a..b&pivot=none&view=sandwich", "#&&==&q="]
)
def test_a_broken_address_shows_the_whole(browser: Browser, pages: dict[str, Path], fragment: str) -> None:
    with Shown(browser, pages["profile"], fragment) as opened:
        assert opened.page.evaluate(WINDOW) == [0, 1]
        opened.fine()


def test_the_table_is_sorted_filtered_and_longer_on_request(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        names = "() => [...document.querySelectorAll('#top tbody code')].map((code) => code.textContent)"
        assert page.evaluate(names)[:2] == ["runtime.mallocgc", "example.org/a/b.(*T[example.org/c.U]).Less"]
        page.click("#top thead button:has-text('function')")
        assert page.evaluate(names) == sorted(page.evaluate(names))
        page.click("#top thead button:has-text('function')")
        assert page.evaluate(names) == sorted(page.evaluate(names), reverse=True)
        assert page.get_attribute("#top th[data-sort='name']", "aria-sort") == "descending"
        page.fill("#filter", "main.")
        assert len(page.evaluate(names)) == 3 and page.text_content("#counted") == "3 of 8"
    with Shown(browser, pages["large"]) as opened:
        page = opened.page
        assert page.locator("#top tbody tr").count() == 30
        page.click("#more")
        assert page.locator("#top tbody tr").count() == 230


def test_the_script_writes_rows_as_the_page_had_them(browser: Browser, pages: dict[str, Path]) -> None:
    cells = (
        "() => [...document.querySelectorAll('#top tbody tr')].map((row) => [...row.cells].map((c) => c.textContent))"
    )
    for name in ("profile", "diff"):
        with Opened(browser, pages[name], java_script_enabled=False) as opened:
            plain = opened.page.locator("#top tbody tr").evaluate_all(
                "(rows) => rows.map((row) => [...row.cells].map((c) => c.textContent))"
            )
        with Shown(browser, pages[name]) as opened:
            drawn = opened.page.evaluate(cells)
        assert [row[0] for row in drawn] == [row[0] for row in plain]
        assert [row[1] for row in drawn] == [row[1] for row in plain]


def test_bars_lie_where_the_intervals_lie(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["diff"]) as opened:
        bar = "#top tr.{} .strip {}"
        ends = "(e) => ['x1', 'x2'].map((k) => parseFloat(e.getAttribute(k)))"
        low, high = opened.page.eval_on_selector(bar.format("worse", ".whisker"), ends)
        assert 50 < low < float((opened.page.get_attribute(bar.format("worse", "circle"), "cx") or "")[:-1]) < high
        low, high = opened.page.eval_on_selector(bar.format("better", ".whisker"), ends)
        assert low < high < 50
        assert opened.page.locator("#top tbody tr .told").first.text_content() == "▲ worse"


def test_hovering_tells_and_a_click_zooms(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.locator("#flame").scroll_into_view_if_needed()
        box = page.locator("#flame").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 2.5 * 19)
        assert "main.serve" in (page.text_content("#tip") or "") and page.is_visible("#tip")
        page.mouse.down()
        page.mouse.up()
        assert page.evaluate(WINDOW) == pytest.approx([0, 0.55])
        page.mouse.move(5, 5)
        assert not page.is_visible("#tip")


def test_the_wheel_zooms_with_control_and_dragging_moves(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        page = opened.page
        page.locator("#flame").scroll_into_view_if_needed()
        box = page.locator("#flame").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + 30
        page.mouse.move(x, y)
        page.keyboard.down("Control")
        for _ in range(8):
            page.mouse.wheel(0, -60)
        page.keyboard.up("Control")
        low, high = page.evaluate(WINDOW)
        assert high - low < 0.2 and low < 0.5 < high
        page.mouse.down()
        page.mouse.move(x - 200, y)
        page.mouse.up()
        moved, _ = page.evaluate(WINDOW)
        assert moved > low
        page.wait_for_timeout(400)
        assert page.evaluate("location.hash").startswith("#at=")
        page.click("#out")
        assert page.evaluate(WINDOW) == [0, 1]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
@pytest.mark.parametrize("name", ["profile", "diff", "nasty"])
def test_it_fits_and_is_legible(browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str) -> None:
    with Shown(browser, pages[name], viewport={"width": width, "height": 900}, color_scheme=scheme) as opened:
        page = opened.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(FRAMES_CONTRAST) == []
        assert page.evaluate(OVERLAPS) == []
        opened.fine()


def test_signs_stand_beside_the_colours_of_a_diff(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["diff"]) as opened:
        label = """(name) => {
          const { colours, view } = document.querySelector("#flame").picture, { tree } = view.parts[0];
          const node = [...tree.fn].findIndex((fn) => colours.functions.name[fn] === name);
          return colours.label(tree, node, 40);
        }"""
        told = {
            name: opened.page.evaluate(label, name) for name in ("runtime.mallocgc", "main.gone", "main.walk", MARSHAL)
        }
        assert told == {
            "runtime.mallocgc": "+ runtime.mallocgc",
            "main.gone": "− main.gone",
            "main.walk": "⇄ main.walk",
            MARSHAL: "json.Marshal",
        }


def test_everything_to_click_can_be_reached_with_tab(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["diff"]) as opened:
        wanted = opened.page.evaluate(
            "() => [...document.querySelectorAll('a[href],button:not(:disabled),input,select,[tabindex=\"0\"]')]"
            ".filter((e) => e.checkVisibility()).map((e, i) => { e.dataset.seen = i; return String(i); })"
        )
        reached: set[str] = set()
        for _ in range(len(wanted) + 5):
            opened.page.keyboard.press("Tab")
            reached.add(opened.page.evaluate("document.activeElement.dataset.seen || ''"))
        assert set(wanted) <= reached


def test_the_data_can_be_saved(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["diff"], accept_downloads=True) as opened:
        texts: dict[str, str] = {}
        for name in ("top.json", "functions.csv", "folded.txt", "flame.json"):
            with opened.page.expect_download() as waiting:
                opened.page.click(f"[data-file='{name}']")
            assert waiting.value.suggested_filename == name
            texts[name] = Path(waiting.value.path()).read_text(encoding="utf-8")
    top = json.loads(texts["top.json"])
    assert top["schema"] == "whence.profile-top/1" and top["total"] == 1000
    flat = {row["name"]: (row["flat"], row["cum"]) for row in top["functions"]}
    assert flat["runtime.mallocgc"] == (530, 530) and flat["main.walk"] == (120, 200)
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(texts["functions.csv"]))}
    assert rows["main.gone"]["base_cum"] == "60" and rows["main.gone"]["verdict"] == "better"
    folded = {
        tuple(line.rpartition(" ")[0].split(";")): int(line.rpartition(" ")[2])
        for line in texts["folded.txt"].splitlines()
    }
    assert folded == cases.STACKS
    assert json.loads(texts["flame.json"])["schema"] == "whence.profile-flame/1"


def test_copying_gives_the_command_as_one_line(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["profile"]) as opened:
        opened.page.evaluate(
            "navigator.clipboard && (navigator.clipboard.writeText = async (t) => { window.copied = t; })"
        )
        opened.page.click("[data-copy='command']")
        copied = opened.page.evaluate("window.copied ?? document.getSelection().toString()")
        assert copied == cases.profile().command


def test_nasty_names_run_nothing_and_can_be_opened(browser: Browser, pages: dict[str, Path]) -> None:
    with Shown(browser, pages["nasty"]) as opened:
        dialogs: list[str] = []
        opened.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        opened.page.click("#top tbody button >> nth=1")
        assert "pivot=" in opened.page.evaluate("location.hash")
        assert cases.NASTY.split()[0] in (opened.page.text_content("#frame") or "") + (
            opened.page.text_content("#top") or ""
        )
        assert dialogs == []
        assert not re.search("[\u202e\x1b]", opened.page.text_content("main") or "")
        opened.fine()


def test_a_browser_that_cannot_unpack_says_so_and_shows_the_table(browser: Browser, pages: dict[str, Path]) -> None:
    with Opened(browser, pages["profile"]) as opened:
        opened.page.add_init_script("delete window.DecompressionStream")
        opened.page.reload()
        assert "DecompressionStream" in (opened.page.text_content("#fallback:not([hidden])") or "")
        assert not opened.page.is_visible("#flame") and opened.page.locator("#top tbody tr").count() == 8


def test_without_scripts_the_page_says_so_and_shows_the_table(browser: Browser, pages: dict[str, Path]) -> None:
    with Opened(browser, pages["profile"], java_script_enabled=False) as opened:
        assert opened.page.is_visible("noscript .fallback") and not opened.page.is_visible("#flame")
        assert opened.page.is_visible("#top")


def test_it_prints_the_picture_in_the_colours_of_paper_and_thirty_rows(
    browser: Browser, pages: dict[str, Path]
) -> None:
    with Shown(browser, pages["large"], color_scheme="dark") as opened:
        page = opened.page
        page.click("#more")
        assert len(page.pdf(format="A4")) > 20_000
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.is_visible("#flame") and not page.is_visible("#flame-tools") and not page.is_visible(".files")
        assert page.locator("#top tbody tr:visible").count() == 30
        pixel = "() => [...document.querySelector('#flame').picture.context.getImageData(3, 3, 1, 1).data]"
        assert sum(page.evaluate(pixel)[:3]) > 500
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert sum(page.evaluate(pixel)[:3]) < 300
