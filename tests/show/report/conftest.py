"""One browser for all pages of a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .browsing import CHROMIUM, QUIET

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("SKIPPED browser checks: there is no Chromium on PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="SKIPPED browser checks: no playwright")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()
