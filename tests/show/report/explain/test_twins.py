"""JSON is the whole answer with finite numbers; Markdown keeps its tables whatever names hold."""

from __future__ import annotations

import json
import math
import re

import msgspec
import pytest

from whence.evidence.attribution import Attribution
from whence.show.report.explain import as_json, markdown

from . import cases


@pytest.mark.parametrize("name", cases.NAMES)
def test_json_reads_back_as_the_same_answer(name: str) -> None:
    attribution = cases.load(name)
    assert msgspec.json.decode(as_json.render(attribution), type=Attribution) == attribution
    assert json.loads(as_json.render(attribution, indent=None))["schema"] == "whence.attribution/1"


def test_json_has_no_number_that_is_none() -> None:
    odd = cases.changed(cases.load("heap"), lack_of_fit=math.nan, causes=(cases.cause("a", math.inf, math.nan),))
    document = json.loads(as_json.render(odd), parse_constant=lambda name: pytest.fail(name))
    assert document["lack_of_fit"] is None and document["causes"][0]["share"] is None


def test_text_that_is_no_utf_8_can_still_be_written() -> None:
    odd = cases.changed(cases.load("heap"), subject="exec:\udcff", lack_of_fit=math.nan)
    assert json.loads(as_json.render(odd))["lack_of_fit"] is None


@pytest.mark.parametrize("name", cases.NAMES)
def test_markdown_tables_keep_their_columns(name: str) -> None:
    blocks = [b.splitlines() for b in markdown.render(cases.load(name)).split("\n\n")]
    for block in (b for b in blocks if b[0].startswith("|")):
        bars = {line.replace("\\|", "").count("|") for line in block}
        assert len(bars) == 1


def test_markdown_escapes_what_names_hold() -> None:
    text = markdown.render(cases.nasty("a|b`c<i>[x](y)\nz"))
    assert "<i>" not in re.sub(r"`[^`]*`", "", text.replace("\\`", "").replace("\\<i\\>", ""))
    for line in text.splitlines():
        if line.startswith("| "):
            assert line.replace("\\|", "").count("|") in {3, 5}


def test_markdown_says_it_all_in_short() -> None:
    text = markdown.render(cases.load("heap"))
    assert text.startswith("### Resident memory +247.24 %")
    assert "| **go1.24.0** | release | +247.28 ± 0.01 |" in text
    assert "↳ runtime/malloc.go:mallocgcLarge:1598" in text
    assert "| palliative |" in text and "`whence explain go=1.23.9" in text
