"""The HTML report of an explanation: one file, nothing from outside, names are text, links lead somewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from whence.show.report.explain import html

from ..test_html import OUTSIDE, Page
from . import cases


def page_of(name: str) -> tuple[str, Page]:
    attribution = cases.load(name)
    text = html.render(attribution, cases.journals(attribution))
    return text, Page(text)


@pytest.mark.parametrize("name", cases.NAMES)
def test_every_shape_gives_a_page_that_needs_nothing_else(name: str) -> None:
    text, page = page_of(name)
    assert not OUTSIDE.search(text) and "url(" not in text
    assert not [tag for tag, _ in page.elements if tag in {"iframe", "object", "embed", "img", "base", "form"}]
    digest = base64.b64encode(hashlib.sha256(page.scripts["code"].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert "nan%" not in text and "None" not in re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    assert len(text) < 400_000


@pytest.mark.parametrize("name", cases.NAMES)
def test_ids_are_unique_and_every_link_inside_has_a_place_to_go(name: str) -> None:
    _, page = page_of(name)
    assert len(set(page.ids)) == len(page.ids)
    links = [a["href"] for t, a in page.elements if t == "a" and a.get("href")]
    assert {link[1:] for link in links if link} <= set(page.ids)
    assert {a["data-copy"] for _, a in page.elements if a.get("data-copy")} <= set(page.ids)


def test_names_are_text_wherever_they_stand() -> None:
    told = cases.nasty()
    text = html.render(told, cases.journals(told))
    page = Page(text)
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert not OUTSIDE.search(text) and "@import" not in text
    data = json.loads(page.scripts["payload"])
    assert json.loads(data["files"]["attribution.json"]["text"])["subject"] == cases.NASTY


def test_the_sections_stand_in_the_order_in_which_they_are_read() -> None:
    _, page = page_of("heap")
    order = ["answer", "command", "causes", "releases", "memory", "remedies", "odd", "plan", "runs", "data"]
    assert [identity for identity in page.ids if identity in order] == order


def test_what_was_not_searched_has_no_section() -> None:
    _, page = page_of("no-effect")
    assert not {"causes", "releases", "memory", "remedies", "depends"} & set(page.ids)


def test_the_files_inside_hold_the_answer_and_every_run() -> None:
    _, page = page_of("heap")
    files = json.loads(page.scripts["payload"])["files"]
    assert json.loads(files["attribution.json"]["text"])["schema"] == "whence.attribution/1"
    rows = files["runs.csv"]["text"].splitlines()
    assert rows[0] == "stage,run,kind,variant,block,started_at,seconds,rss" and len(rows) == 1 + 3 * 18


def test_many_runs_stay_small() -> None:
    heap = cases.load("heap")
    assert len(html.render(heap, cases.journals(heap, stages=20, runs=3000))) < 1_500_000


def test_the_same_result_gives_the_same_bytes() -> None:
    assert page_of("heap")[0] == page_of("heap")[0]
