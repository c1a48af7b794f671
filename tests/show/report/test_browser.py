"""The report in a real browser: nothing is fetched, keys work, fragments lead somewhere, dark is legible, 400 px do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whence.show.report import html

from . import factories as make
from .browsing import CONTRAST, Opened
from .test_html import NASTY, nasty

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    gates = (make.gate(candidate=make.BAD), make.gate("held", candidate=make.FIXED, bound=1.004))
    comparison = make.demo(gates=gates)
    path.write_text(html.render(comparison, make.journal(comparison)), encoding="utf-8")
    return path


def test_nothing_is_fetched_and_nothing_goes_wrong(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as opened:
        opened.page.mouse.wheel(0, 4000)
        opened.page.wait_for_load_state("networkidle")
        assert opened.said == []
        assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []


def test_nasty_names_run_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "nasty.html"
    path.write_text(html.render(nasty(), make.journal(nasty())), encoding="utf-8")
    with Opened(browser, path) as opened:
        dialogs: list[str] = []
        opened.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        assert " ".join(NASTY.split()) in " ".join((opened.page.text_content("#command") or "").split())
        opened.page.locator(".panel.on .field").press("End")
        assert dialogs == [] and opened.said == []
        assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []


def test_keys_go_from_run_to_run_and_enter_gives_the_command(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as opened:
        page = opened.page
        page.focus(".panel.on .field")
        page.keyboard.press("Home")
        first = page.text_content("#run h4 code")
        page.keyboard.press("ArrowRight")
        second = page.text_content("#run h4 code")
        assert first == "warmup-0" and second == "warmup-1"
        assert "warmup-1" in (page.text_content("#said") or "")
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        assert "-size=32768" in (page.evaluate("document.activeElement.textContent") or "")
        assert re.search(r"#run=b0009a0p\d", page.evaluate("location.hash"))
        page.keyboard.press("Escape")
        assert page.locator("#run h4").count() == 0


def test_everything_to_click_can_be_reached_with_tab(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as opened:
        page = opened.page
        wanted = page.evaluate(
            "() => [...document.querySelectorAll('a[href],button,summary,[tabindex=\"0\"]')]"
            ".filter((e) => e.checkVisibility()).map((e, i) => { e.dataset.seen = i; return String(i); })"
        )
        reached: set[str] = set()
        for _ in range(len(wanted) + 5):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.dataset.seen || ''"))
        assert set(wanted) <= reached


def test_hovering_shows_the_run_and_a_click_keeps_it(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as opened:
        page = opened.page
        page.locator("#runs").scroll_into_view_if_needed()
        box = page.locator(".panel.on use[data-r='30']").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        shown = page.text_content("#run h4 code")
        page.mouse.down()
        page.mouse.up()
        assert page.evaluate("location.hash") == f"#run={shown}"
        assert "Calibration before, after" in (page.text_content("#run") or "")


@pytest.mark.parametrize(
    ("fragment", "visible"),
    [
        ("#runs-cpu", "#runs-cpu .field"),
        ("#run=b0007a0p2", "#run-command"),
        ("#method-host", "#method-host .facts"),
        ("#numbers", "#numbers table"),
        ("#data", "#data"),
    ],
)
def test_every_view_has_an_address(browser: Browser, report: Path, fragment: str, visible: str) -> None:
    with Opened(browser, report, fragment) as opened:
        assert opened.page.is_visible(visible)
        assert opened.said == []


def test_without_scripts_the_fragments_still_choose_the_metric(browser: Browser, report: Path) -> None:
    with Opened(browser, report, "#runs-cpu", java_script_enabled=False) as opened:
        assert opened.page.is_visible("#runs-cpu .field")
        assert not opened.page.is_visible("#runs-rss .field")


def test_the_data_can_be_saved(browser: Browser, report: Path) -> None:
    with Opened(browser, report, accept_downloads=True) as opened:
        texts: dict[str, str] = {}
        for name in ("comparison.json", "effects.csv", "runs.csv"):
            with opened.page.expect_download() as waiting:
                opened.page.click(f"[data-file='{name}']")
            assert waiting.value.suggested_filename == name
            texts[name] = Path(waiting.value.path()).read_text(encoding="utf-8")
        assert json.loads(texts["comparison.json"])["schema"] == "whence.comparison/1"
        assert texts["effects.csv"].startswith("metric,benchmark,unit")
        assert len(texts["runs.csv"].splitlines()) == 1 + 60 * 8


def test_a_large_comparison_is_unpacked_when_saved(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(html.render(make.benchmarks(400)), encoding="utf-8")
    with Opened(browser, path, accept_downloads=True) as opened, opened.page.expect_download() as waiting:
        opened.page.click("[data-file='comparison.json']")
    assert waiting.value.suggested_filename == "comparison.json"


def test_copying_gives_the_command_as_one_line(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as opened:
        opened.page.evaluate(
            "navigator.clipboard && (navigator.clipboard.writeText = async (t) => { window.copied = t; })"
        )
        opened.page.click("[data-copy='command']")
        assert opened.page.evaluate("window.copied ?? document.getSelection().toString()") == make.COMMAND


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_legible(browser: Browser, report: Path, scheme: str) -> None:
    with Opened(browser, report, color_scheme=scheme) as opened:
        assert opened.page.evaluate(CONTRAST) == []
        paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(int(n) for n in re.findall(r"\d+", paper)[:3]) < 200) == (scheme == "dark")


@pytest.mark.parametrize("make_it", ["demo", "benchmarks", "nasty"])
def test_a_narrow_screen_does_not_scroll_sideways(browser: Browser, tmp_path: Path, make_it: str) -> None:
    comparison = {"demo": make.demo(), "benchmarks": make.benchmarks(20), "nasty": nasty()}[make_it]
    path = tmp_path / "narrow.html"
    path.write_text(html.render(comparison, make.journal(comparison)), encoding="utf-8")
    with Opened(browser, path, viewport={"width": 400, "height": 800}) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        opened.page.locator(".panel.on .field").press("End")
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 400


def test_it_prints_with_the_method_unfolded(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as opened:
        assert len(opened.page.pdf(format="A4")) > 20_000
        opened.page.emulate_media(media="print")
        opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert opened.page.is_visible("#method-design .facts")
        assert not opened.page.is_visible(".files")
