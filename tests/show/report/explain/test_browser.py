"""An explanation in a real browser: nothing is fetched, no label on another, keys and fragments work, 390 px do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whence.show.report.explain import html

from ..browsing import CONTRAST, OVERLAPS, Opened
from . import cases

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
UNFOLD = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found: dict[str, Path] = {}
    for name, told in [*((n, cases.load(n)) for n in cases.NAMES), ("nasty", cases.nasty())]:
        found[name] = folder / f"{name}.html"
        found[name].write_text(html.render(told, cases.journals(told)), encoding="utf-8")
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", [*cases.NAMES, "nasty"])
def test_it_fits_and_no_label_stands_on_another(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    with Opened(browser, pages[name], viewport={"width": width, "height": 900}, color_scheme=scheme) as opened:
        opened.page.evaluate(UNFOLD)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.page.evaluate(OVERLAPS) == []
        assert opened.page.evaluate(CONTRAST) == []
        assert opened.said == []
        assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []


def test_everything_to_click_can_be_reached_with_tab(browser: Browser, pages: dict[str, Path]) -> None:
    with Opened(browser, pages["heap"]) as opened:
        wanted = opened.page.evaluate(
            "() => [...document.querySelectorAll('a[href],button,summary,[tabindex=\"0\"]')]"
            ".filter((e) => e.checkVisibility()).map((e, i) => { e.dataset.seen = i; return String(i); })"
        )
        reached: set[str] = set()
        for _ in range(len(wanted) + 5):
            opened.page.keyboard.press("Tab")
            reached.add(opened.page.evaluate("document.activeElement.dataset.seen || ''"))
        assert set(wanted) <= reached


@pytest.mark.parametrize(
    ("name", "fragment"),
    [("heap", "#runs-2"), ("heap", "#method"), ("heap", "#releases"), ("stream", "#depends-1"), ("heap", "#remedies")],
)
def test_every_view_has_an_address(browser: Browser, pages: dict[str, Path], name: str, fragment: str) -> None:
    with Opened(browser, pages[name], fragment) as opened:
        assert opened.page.is_visible(fragment)
        folded = "(e) => e.tagName !== 'DETAILS' || e.open"
        assert opened.page.eval_on_selector(fragment, folded)


def test_the_command_is_copied_as_one_line(browser: Browser, pages: dict[str, Path]) -> None:
    with Opened(browser, pages["heap"]) as opened:
        opened.page.evaluate(
            "navigator.clipboard && (navigator.clipboard.writeText = async (t) => { window.copied = t; })"
        )
        opened.page.click("[data-copy='command']")
        copied = opened.page.evaluate("window.copied ?? document.getSelection().toString()")
        assert copied == cases.load("heap").command


def test_the_data_can_be_saved(browser: Browser, tmp_path: Path) -> None:
    heap = cases.load("heap")
    path = tmp_path / "large.html"
    path.write_text(html.render(heap, cases.journals(heap, runs=2000)), encoding="utf-8")
    with Opened(browser, path, accept_downloads=True) as opened:
        texts: dict[str, str] = {}
        for name in ("attribution.json", "runs.csv"):
            with opened.page.expect_download() as waiting:
                opened.page.click(f"[data-file='{name}']")
            texts[waiting.value.suggested_filename] = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert json.loads(texts["attribution.json"])["schema"] == "whence.attribution/1"
    assert texts["runs.csv"].startswith("stage,run,kind") and len(texts["runs.csv"]) > 200_000


def test_it_prints_with_the_evidence_and_without_what_only_a_screen_can_do(
    browser: Browser, pages: dict[str, Path]
) -> None:
    with Opened(browser, pages["heap"]) as opened:
        opened.page.evaluate("document.querySelector('#evidence').open = false")
        assert len(opened.page.pdf(format="A4")) > 20_000
        opened.page.emulate_media(media="print")
        opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert opened.page.is_visible("#evidence dl") and opened.page.is_visible("#method .facts")
        assert not opened.page.is_visible(".files") and not opened.page.is_visible("#runs svg")
        opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert not opened.page.eval_on_selector("#evidence", "(e) => e.open")
