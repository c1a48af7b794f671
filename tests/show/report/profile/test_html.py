"""The page of a profile before any script has run: safe, small, whole, and readable without scripts."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import msgspec
import pytest
from bench.flame import make_graph, make_tree
from markupsafe import Markup

from whence.evidence.flame import FlameGraph
from whence.show.report.profile import html, table

from . import cases

OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""")


class Page(HTMLParser):
    """Elements with their attributes, and the text of scripts by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._script: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._script = dict(attrs).get("id") or "code"

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data


def test_only_its_own_script_may_run() -> None:
    page = Page(html.render(cases.profile()))
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and a.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(page.scripts["code"].encode()).digest()).decode()
    assert policy is not None and "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("graph", [cases.profile(), cases.diff(), cases.nasty()], ids=["profile", "diff", "nasty"])
def test_nothing_is_loaded_and_no_name_becomes_markup(graph: FlameGraph) -> None:
    text = html.render(graph)
    page = Page(text)
    assert not OUTSIDE.search(text) and "@import" not in text
    assert sum(tag == "script" for tag, _ in page.elements) == 2 and not any(tag == "img" for tag, _ in page.elements)
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    anchors = [a["href"] for tag, a in page.elements if tag == "a" and a.get("href")]
    assert {str(anchor)[1:] for anchor in anchors} <= set(ids)


def test_the_noun_stands_whole_in_the_page() -> None:
    graph = make_graph(make_tree(30_000, 2_000), diff=True)
    file = json.loads(Page(html.render(graph)).scripts["payload"])["files"]["flame.json"]
    text = file["text"] if "text" in file else gzip.decompress(base64.b64decode(file["gzip"]))
    assert msgspec.json.decode(text, type=FlameGraph) == graph


def test_a_diff_of_a_hundred_thousand_frames_is_at_most_one_and_a_half_megabytes() -> None:
    assert len(html.render(make_graph(make_tree(100_000, 20_000), diff=True)).encode()) <= 1_500_000


def test_sections_and_files_of_others_stand_in_the_page() -> None:
    section = Markup('<section id="sites"><h2>Sites</h2></section>')
    text = html.render(
        cases.profile(),
        sections=[section],
        links=[("sites", "Sites")],
        files={"sites.json": html.File('{"a":1}', "the sites")},
        more_style=".site { color: red; }",
    )
    assert section in text and '<a href="#sites">Sites</a>' in text and ".site { color: red; }" in text
    assert json.loads(Page(text).scripts["payload"])["files"]["sites.json"] == {"text": '{"a":1}'}
    assert 'data-file="sites.json"' in text


def test_without_scripts_the_functions_can_be_read() -> None:
    rows = {row.cells[0]: row.cells[1:] for row in table.rows(cases.profile())}
    assert rows["runtime.mallocgc"] == ("530 B", "53 %", "530 B", "53 %", "malloc")
    assert rows["main.walk"] == ("120 B", "12 %", "200 B", "20 %", "program")
    assert next(iter(rows)) == "runtime.mallocgc"


def test_what_differs_stands_first_in_a_diff() -> None:
    rows = table.rows(cases.diff())
    assert [row.verdict for row in rows][:5] == ["worse", "moved", "better", "undetermined", "equivalent"]
    worst = rows[0].cells
    assert worst[:4] == ("runtime.mallocgc", "▲ worse", "330 B", "530 B") and worst[5:] == (
        "×1.61 [1.42, 1.81]",
        "0.0004",
    )


def test_an_unjudged_diff_shows_both_sides() -> None:
    told = cases.diff()
    bare = msgspec.structs.replace(told, functions=msgspec.structs.replace(told.functions, verdict=(), ratio=()))
    rows = {row.cells[0]: row.cells[1:] for row in table.rows(bare)}
    assert rows["runtime.mallocgc"] == ("330 B", "530 B", "+200 B", "330 B", "530 B")


def test_a_profile_without_frames_has_a_page() -> None:
    text = html.render(cases.profile({}, title="The profile is empty"))
    assert "The profile is empty" in text and "0 frames" in text
