"""Where along the releases a change came and went, in a made-up lab whose truth is a formula over versions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.variant import parse_variant
from whence.explain.attribution.path import PathFinding, search_path
from whence.golang.releases import known_versions
from whence.golang.versions import parse_version

STEP = math.log(1.17)
RELEASES = [v for v in known_versions() if v.kind == "release"]
NEWEST = max(RELEASES).text
Rule = Callable[[str], bool]


def since(first: str, until: str | None = None) -> Rule:
    """Tells of a release whether it carries the change."""
    low, high = parse_version(first), parse_version(until or "9.9.9")
    return lambda release: low <= parse_version(release) < high


def lab(carries: Rule, missing: Rule = lambda release: False, by: float = STEP, noise: float = 0.01) -> MadeUpLab:
    def value(settings: Mapping[str, str]) -> float:
        return 100 * math.exp(by * carries(settings["go"]))

    def refuses(settings: Mapping[str, str]) -> str | None:
        return "not here" if missing(settings["go"]) else None

    return MadeUpLab("GOGC=1", "GOGC=2", value, noise=noise, refuses=refuses)


def search(made: MadeUpLab, old: str, new: str, target: float = STEP, **more: bool) -> PathFinding:
    return search_path(made, parse_variant(f"go={old}"), (old, new), target, exact=more.get("exact", False))


def test_where_it_came_and_where_a_newer_patch_took_it_away():
    found = search(lab(since("1.24.0", "1.24.6")), "1.23.9", "1.24.3")
    assert (found.previous, found.introduced_in) == ("1.23.12", "1.24.0")
    assert (found.before_fix, found.fixed_in) == ("1.24.5", "1.24.6")
    assert found.newest_carries is None and found.notes == ()
    assert [s.release for s in found.steps] == sorted((s.release for s in found.steps), key=parse_version)
    outcomes = {s.release: s.outcome for s in found.steps}
    assert outcomes["1.23.9"] == "base" and outcomes["1.24.3"] == "carries" and outcomes["1.24.6"] == "clear"
    (step,) = [s for s in found.steps if s.release == "1.24.0"]
    assert step.low is not None and step.high is not None and step.low < 1.17 < step.high and step.pairs > 5


def test_a_change_that_is_still_there_names_the_newest_release_that_has_it():
    found = search(lab(since("1.24.0")), "1.23.9", "1.24.3")
    assert (found.introduced_in, found.fixed_in, found.newest_carries) == ("1.24.0", None, NEWEST)


def test_a_fix_in_a_newer_line_is_found():
    found = search(lab(since("1.24.0", "1.26.2")), "1.23.9", "1.24.3")
    assert (found.before_fix, found.fixed_in) == ("1.26.1", "1.26.2")


def test_an_exact_metric_takes_one_pair_a_release():
    found = search(lab(since("1.22.0"), noise=0), "1.21.13", "1.22.1", exact=True)
    assert found.introduced_in == "1.22.0"
    assert {s.pairs for s in found.steps if s.ratio is not None} == {1}


def test_going_back_the_boundary_is_the_newer_release():
    found = search(lab(since("1.24.0", "1.24.6")), "1.24.8", "1.24.3")
    assert (found.before_fix, found.fixed_in, found.boundary) == ("1.24.5", "1.24.6", "1.24.6")
    hidden = search(lab(since("1.24.0", "1.24.6"), missing=since("1.24.5", "1.24.8")), "1.24.8", "1.24.3")
    assert hidden.fixed_in is None and "went somewhere after 1.24.4, by 1.24.8 at the latest" in hidden.notes[0]


def test_releases_that_cannot_be_had_leave_a_range_and_a_note():
    found = search(lab(since("1.24.0"), missing=since("1.23.12", "1.24.1")), "1.23.9", "1.24.3")
    assert (found.previous, found.introduced_in) == ("1.23.11", None)
    assert any("after 1.23.11, by 1.24.1 at the latest" in note for note in found.notes)


def test_the_newest_release_that_is_here_answers_whether_it_is_fixed():
    newest = max(v for v in RELEASES if v.line == "1.24").text
    found = search(lab(since("1.24.0", "1.24.6"), missing=since(newest)), "1.23.9", "1.24.3")
    assert found.fixed_in == "1.24.6"


def test_neighbours_need_no_search_for_where_it_came():
    made = lab(since("1.24.6"), missing=since("1.24.7"))
    found = search(made, "1.24.5", "1.24.6")
    assert (found.previous, found.introduced_in) == ("1.24.5", "1.24.6")
    assert made.asked == []


def test_one_release_on_both_sides_is_no_path():
    made = lab(since("1.24.0"))
    assert search(made, "1.24.3", "1.24.3").introduced_in == "1.24.3" and made.asked == []


def test_a_change_that_came_in_halves_is_not_pinned_to_one_release():
    made = lab(since("1.24.0"))
    made._formula = lambda s: (
        100
        * math.exp(  # pyright: ignore[reportPrivateUsage]
            STEP / 2 * (since("1.23.11")(s["go"]) + since("1.24.1")(s["go"]))
        )
    )
    found = search(made, "1.23.9", "1.24.3")
    assert found.introduced_in is None
    assert parse_version(found.previous or "") < parse_version("1.23.11")


@pytest.mark.parametrize(("release", "words"), [("1.24.0", "noswissmap"), ("1.23.12", None)])
def test_switches_are_held_off_where_a_release_knows_them(release: str, words: str | None):
    seen: dict[str, str | None] = {}

    def value(settings: Mapping[str, str]) -> float:
        seen[settings["go"]] = settings.get("experiment")
        return 100 * math.exp(STEP * since("1.24.0", "1.24.6")(settings["go"]))

    made = MadeUpLab("GOGC=1", "GOGC=2", value)
    search_path(made, parse_variant("go=1.23.9"), ("1.23.9", "1.24.3"), STEP, exact=False, off=("noswissmap",))
    assert seen[release] == words
