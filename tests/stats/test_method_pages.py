"""The examples on the method pages give what the pages say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "docs" / "methods").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_hold(page: Path) -> None:
    failures, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert failures == 0


def test_the_index_names_every_page() -> None:
    index = next(page for page in PAGES if page.stem == "README").read_text(encoding="utf-8")
    assert all(f"({page.name})" in index for page in PAGES if page.stem != "README")
