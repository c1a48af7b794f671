"""The sentence: what was seen, then how sure, for every verdict and any metric."""

from __future__ import annotations

import pytest

from whence.evidence.comparison import Comparison
from whence.show.report import sentence

from . import factories as make


def first(comparison: Comparison) -> str:
    return sentence.lines(comparison)[0].plain()


def test_the_demo_reads_as_promised() -> None:
    assert sentence.headline(make.demo()).splitlines()[:3] == [
        "Resident memory is 3.467 × as large under go1.24.3 as under go1.23.9  [3.463, 3.471]  worse",
        "go1.24.11 and go1.25.5 are back to normal  [0.99, 1.01]  equivalent",
        "Go's own metrics did not see it: runtime-total 1.000 [0.999, 1.001]",
    ]


def test_a_moderate_change_is_told_in_percent() -> None:
    assert first(make.comparison()) == "Resident memory rose by 17.3 % from base to new  [17.2, 17.4]  worse"
    fell = make.effect(ratio=0.9, low=0.89, high=0.91, verdict="better")
    assert first(make.comparison(fell)) == "Resident memory fell by 10.0 % from base to new  [9.0, 11.0]  better"


@pytest.mark.parametrize(
    ("metric", "unit", "words"),
    [
        ("rss", "B", "Resident memory is 2.50 × as large under new as under base"),
        ("cpu", "s", "CPU time is 2.50 × as long under new as under base"),
        ("p99-ns", "p99-ns", "99th percentile latency is 2.50 × as long under new as under base"),
        ("p999-ns", "p999-ns", "99.9th percentile latency is 2.50 × as long under new as under base"),
        ("widgets", "widgets", "Widgets is 2.50 × as high under new as under base"),
        ("lock-ns/op", "lock-ns/op", "lock-ns/op is 2.50 × as long under new as under base"),
    ],
)
def test_metrics_are_named_in_words_and_unknown_units_by_their_name(metric: str, unit: str, words: str) -> None:
    effect = make.effect(metric=metric, unit=unit, ratio=2.5, low=2.4, high=2.6)
    assert sentence.lines(make.comparison(effect))[0].text == words


def test_no_effect_is_said_as_a_finding() -> None:
    same = make.effect(ratio=1.001, low=0.997, high=1.004, verdict="equivalent", differs=False)
    line = first(make.comparison(same))
    assert line == "No effect on resident memory: new and base are equivalent within 1 %  [0.997, 1.004]  equivalent"


def test_exact_metrics_say_that_they_are_the_same_exactly() -> None:
    same = make.effect(metric="allocs/op", unit="allocs/op", ratio=1.0, low=1.0, high=1.0, exact=True, margin=0.0,
                       verdict="equivalent", differs=False)  # fmt: skip
    assert "new and base are exactly the same" in first(make.comparison(same))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pairs_needed": 34, "margin": 0.03}, "24 more pairs would tell 3 %"),
        ({"pairs_needed": 11, "margin": 0.01}, "1 more pair would tell 1 %"),
        ({"pairs_needed": None}, "more pairs alone would not decide it"),
        ({"pairs": 4, "low": None, "high": None, "pairs_needed": None}, "2 more pairs would give the first interval"),
    ],
)
def test_not_enough_data_always_comes_with_how_much_more(changes: dict[str, object], words: str) -> None:
    effect = make.effect(verdict="undetermined", ratio=1.02, **{"low": 0.98, "high": 1.06, **changes})
    line = first(make.comparison(effect))
    assert line.startswith("Not enough data to tell resident memory under new from base")
    assert words in line


def test_a_value_that_was_zero_is_told_as_values() -> None:
    effect = make.effect(metric="allocs/op", unit="allocs/op", base_value=0.0, candidate_value=5.0, ratio=None,
                         low=None, high=None, exact=True)  # fmt: skip
    assert "went from 0 allocs/op under base to 5 allocs/op under new" in first(make.comparison(effect))


def test_a_variant_that_never_ran_is_the_answer() -> None:
    dead = make.variant("new", outcomes={"ok": 0, "exit": 10, "signal": 0, "oom": 0, "timeout": 0},
                        first_failure="exit 2: unknown GODEBUG")  # fmt: skip
    nothing = make.comparison(variants=(make.variant("base"), dead))
    text = first(Comparison(subject="s", seed=1, variants=nothing.variants, host=nothing.host, effects=()))
    assert text == "new died in 10 of 10 runs: exit 2: unknown GODEBUG"


def test_the_labs_own_words_on_a_failure_are_used_once() -> None:
    from whence.show.report import oddities

    dead = make.variant("go=1.27.1", outcomes={"ok": 0, "exit": 10}, first_failure="exit 2")
    note = "go=1.27.1 died at start in 10 of 10 runs: unknown GODEBUG"
    comparison = make.comparison(variants=(make.variant("base"), dead), notes=(note,))
    assert "go1.27.1 died at start in 10 of 10 runs: unknown GODEBUG" in sentence.headline(comparison)
    assert not any("died" in text for text in oddities.texts(comparison))


def test_an_interim_or_simulated_result_says_so_before_anything_else() -> None:
    assert first(make.comparison(interim=True)).startswith("Interim, after 20 runs: ")
    assert first(make.comparison(simulated=True)).startswith("Simulated, not measured: ")


def test_an_interim_result_promises_no_verdict_from_more_pairs() -> None:
    unknown = make.effect(verdict="undetermined", pairs_needed=None)
    line = first(make.comparison(unknown, interim=True))
    assert "resident memory under new is × 1.173 that under base so far; the plan is not finished" in line


def test_another_metric_that_got_worse_is_told_when_the_first_did_not() -> None:
    same = make.effect(verdict="equivalent", ratio=1.0, low=0.999, high=1.001, differs=False)
    cpu = make.effect(metric="cpu", unit="s", ratio=1.29, low=1.25, high=1.33)
    found = sentence.lines(make.comparison(same, cpu))
    assert [line.verdict for line in found] == ["equivalent", "worse"]
    assert found[1].text.startswith("CPU time rose by 29")


def test_many_benchmarks_are_counted_and_the_largest_change_is_named() -> None:
    found = sentence.lines(make.benchmarks())
    assert "worse in 2, better in 2, equivalent in 2 of 6 benchmarks" in found[0].text
    assert found[1].text == "Geometric mean over the benchmarks: × 1.020"
    assert "Decode/size=1000 rose by 8.0 %" in found[2].text


def test_the_instrument_check_tells_when_the_base_differs_from_itself() -> None:
    assert sentence.aa_line(make.demo()) == (
        "A/A check: 1.000 [0.999, 1.001] on rss, so the instrument is sound here today."
    )
    false = make.effect(candidate="A/A", ratio=1.03, low=1.02, high=1.04)
    variants = (make.variant("base"), make.variant("new"), make.variant("A/A"))
    line = sentence.aa_line(make.comparison(make.effect(), false, variants=variants, aa_variant="A/A"))
    assert line is not None and "the base differs from itself on rss" in line
