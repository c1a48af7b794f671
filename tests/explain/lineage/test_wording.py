"""The first sentence says differences only where intervals are apart; oddities say what to do."""

from __future__ import annotations

from tests.explain.lineage.made_up import blocks, waited

from whence.evidence.lineage import LineageRelease
from whence.explain.lineage.summarising import releases_of
from whence.explain.lineage.wording import number, oddities, sentence

SLOW = [38.0, 38.2, 38.4, 38.6, 38.8, 39.0]
FAST = [12.0, 12.2, 12.4, 12.6, 12.8, 13.0]
PAUSES = [28e6, 28.1e6, 28.2e6, 28.3e6, 28.4e6, 28.5e6]


def two(first: list[float], last: list[float]) -> tuple[LineageRelease, ...]:
    lines = blocks("1.2.2", first, PAUSES) + blocks("1.27.4", last, [p / 100 for p in PAUSES])
    waits = [waited("1.2.2", rss_after=212e6), waited("1.27.4", back=4.21)]
    return releases_of(["1.2.2", "1.27.4"], lines, waits, dropped_bytes=2e8)


def test_the_sentence_tells_the_oldest_and_the_newest() -> None:
    assert sentence(two(SLOW, FAST)) == (
        "Go 1.27.4 against 1.2.2: an allocation of 64 bytes costs 12.5 ns of CPU instead of 38.5 ns of CPU; "
        "the largest pause is 0.282 ms instead of 28.2 ms; "
        "dropped memory is back in 4.21 s, where it was not back after 20 s."
    )


def test_overlapping_intervals_are_about_the_same() -> None:
    assert "costs about the same (38 to 39 ns of CPU)" in sentence(two(SLOW, SLOW))


def test_too_few_blocks_claim_no_difference() -> None:
    lines = blocks("1.2.2", [38.0], [28e6]) + blocks("1.27.4", [12.0], [28e4])
    said = sentence(releases_of(["1.2.2", "1.27.4"], lines, [], dropped_bytes=2e8))
    assert "too few blocks" in said
    assert "instead" not in said


def test_one_release_and_none_have_a_sentence_too() -> None:
    assert sentence(two(SLOW, FAST)[:1]).startswith("Go 1.2.2: an allocation of 64 bytes costs 38.5 ns of CPU")
    assert sentence(()) == "No release was measured."


def test_quick_says_where_it_stopped_waiting_and_a_busy_host_is_told() -> None:
    said = oddities(
        two(SLOW, FAST), blocks=4, wanted_blocks=6, quick=True, wait_s=60.0, disturbed=10, counted=40, spread=0.7
    )
    assert "stopped at 60 s" in said[0]
    assert "4 of 6 blocks" in said[1]
    assert any("10 of 40 runs" in note for note in said)


def test_numbers_have_three_digits_and_no_exponent() -> None:
    assert [number(v) for v in (0.0361, 1.0, 12.55, 1234.5, 0.0)] == ["0.0361", "1", "12.6", "1,234", "0"]
