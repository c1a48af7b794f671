"""The table of remedies: general, sourced, and readable by the grammar of variants."""

import re

import pytest

from whence.evidence.metric import BUILT_IN, Metric
from whence.evidence.variant import check_setting
from whence.explain.advice.table import PLACEHOLDERS, Row, concern_of, rows
from whence.golang.toggles import known
from whence.golang.versions import parse_version

EVERY_SWITCH = {t.name for line in ("1.18", "1.22", "1.24", "1.25", "1.26", "1.27") for t in known(f"{line}.1")}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.do} {row.kinds[0]} {row.why[:30]}")
def test_a_row_says_why_and_where_it_is_known_from_and_its_settings_can_be_written(row: Row):
    assert re.match(r"https://(go\.dev|github\.com|pkg\.go\.dev|kubernetes\.io)/\S+\Z", row.source)
    assert row.why and row.kinds
    assert bool(row.settings) == (row.do == "set")
    assert not row.text or row.do == "code"
    for key, value in row.settings.items():
        check_setting("table", key, "1" if value in PLACEHOLDERS else value)
        assert "{" not in value or value in PLACEHOLDERS
        assert key in row.unless, "what the user has set already is not set over"
    for line in (row.since, row.until, row.crossing):
        assert line is None or parse_version(line).kind in {"line", "release"}


def test_switches_that_are_named_exist():
    named = {name for row in rows() if row.kinds == ("toggle",) for name in row.names}
    assert named and named <= EVERY_SWITCH


def test_every_kind_of_cause_that_a_setting_can_carry_has_something_to_try_or_to_say():
    for kind in ("toggle", "module", "toolchain", "toolchain-patch", "go-line", "flag", "environment", "source"):
        assert any(row.fits(kind, "anything", "cpu") and row.do != "set" for row in rows()), kind
    for kind in ("compiler-limit", "layout"):
        assert [row.do for row in rows() if kind in row.kinds] == ["code"]


def test_a_setting_is_proposed_only_where_a_release_reads_it():
    row = Row(kinds=("*",), do="set", why="w", source="s", since="1.12", until="1.15")
    assert row.in_release(None, "1.15.15")
    assert not row.in_release(None, "1.16.0") and not row.in_release(None, "1.11.3")
    assert not row.in_release(None, None), "a ready program says nothing of its release"


def test_what_a_release_changed_is_taken_back_only_between_releases_that_it_lies_between():
    row = Row(kinds=("*",), do="set", why="w", source="s", crossing="1.23")
    assert row.in_release("1.22.9", "1.24.1")
    assert not row.in_release("1.23.0", "1.24.1") and not row.in_release("1.21.0", "1.22.9")


@pytest.mark.parametrize(
    ("version", "reads"),
    [("v1.82.0", True), ("v1.90.1", True), ("v1.9.0", False), ("v1.81.9", False), ("latest", False)],
)
def test_a_modules_setting_is_for_versions_that_read_it(version: str, reads: bool):
    row = Row(kinds=("module",), do="set", why="w", source="s", module_since="1.82")
    assert row.in_module(f"mod.example.com/m={version}") is reads


@pytest.mark.parametrize(
    ("metric", "concern"),
    [
        (BUILT_IN["rss-peak"], "resident"),
        (BUILT_IN["rss-file"], "pages"),
        (BUILT_IN["heap-inuse"], "heap"),
        (BUILT_IN["binary-size"], "size"),
        (BUILT_IN["cpu"], "cpu"),
        (BUILT_IN["p99-ns"], "latency"),
        (Metric(name="B/op", unit="B/op"), "allocation"),
        (Metric(name="allocs/rt", unit="allocs/rt"), "allocation"),
        (Metric(name="ns/op", unit="ns/op"), "cpu"),
        (Metric(name="cycles", unit="cycles"), "count"),
    ],
)
def test_a_metric_is_about_one_thing(metric: Metric, concern: str):
    assert concern_of(metric) == concern
