"""What was odd is said in words: how many, of how many, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from whence.evidence.comparison import Effect, Plan
from whence.evidence.metric import BUILT_IN
from whence.evidence.run import Run, Sample
from whence.measure.notes import describe_failure, notes, telling_line

from . import factories as make


def told(runs: Sequence[Run], plan: Plan | None = None, *effects: Effect, **changes: object) -> tuple[str, ...]:
    fixed = changes.pop("layout_fixed", frozenset())
    metrics = [BUILT_IN[name] for name in (plan.metrics if plan else ("rss",))]
    lines = make.journal(runs, **changes)
    return notes(lines, runs, plan or make.plan("a", "b"), metrics, effects, layout_fixed=fixed)  # type: ignore[arg-type]


def effect(**changes: object) -> Effect:
    fields: dict[str, object] = {
        "metric": "rss", "unit": "B", "base": "a", "candidate": "b", "base_value": 1.0, "candidate_value": 1.0,
        "ratio": 1.0, "low": 0.9, "high": 1.1, "verdict": "undetermined", "differs": False, "exact": False, "pairs": 8,
        "p": 0.5,
    }  # fmt: skip
    return Effect(**{**fields, **changes})  # type: ignore[arg-type]


def failing(count: int = 8, of: int = 8, **how: object) -> list[Run]:
    return [
        make.run("b", block, {}, **how) if block < count else make.run("b", block, {"rss": 1.0}) for block in range(of)
    ]


def test_nothing_odd_is_said_of_what_was_not() -> None:
    assert told([make.run("a"), make.run("b")]) == ()


def test_a_variant_that_dies_at_start_is_counted_with_its_last_words() -> None:
    runs = failing(outcome="exit", exit_code=2, seconds=0.01, message="usage\npanic: no such thing\n\n")
    assert told(runs) == ("b died at start in 8 of 8 runs: panic: no such thing",)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"outcome": "exit", "exit_code": 3}, "exited with 3"),
        ({"outcome": "signal", "signal": "SIGSEGV"}, "was killed by SIGSEGV"),
        ({"outcome": "oom"}, "was killed for its memory limit"),
        ({"outcome": "timeout"}, "ran into the timeout"),
        ({"outcome": "oom", "seconds": 0.01}, "was killed for its memory limit"),
        ({"outcome": "exit", "exit_code": 3, "seconds": 0.01}, "died at start"),
    ],
)
def test_how_a_run_ended_is_said_in_words(how: dict[str, object], words: str) -> None:
    assert describe_failure([make.run("b", 0, {}, **how)]) == words


def test_a_program_that_printed_results_did_not_die_at_start() -> None:
    ended = make.run("b", 0, {"A:ns/op": 1.0}, outcome="exit", exit_code=1, seconds=0.01)
    assert describe_failure([ended]) == "exited with 1"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("panic: no such thing\n\ngoroutine 1 [running]:\nmain.main()\n", "panic: no such thing"),
        (
            "flag provided but not defined: -n\nUsage of x:\n  -m int\n    \tmemory\n",
            "flag provided but not defined: -n",
        ),
        ("cannot open x\nusage: prog FILE\n  -h\n", "cannot open x"),
        ("starting\nError: no space left\nbye\n", "Error: no space left"),
        ("one\n  two  \n\n", "two"),
        ("usage: prog FILE", "usage: prog FILE"),
        ("", ""),
    ],
)
def test_the_line_that_says_why_is_taken_from_the_last_words(message: str, line: str) -> None:
    assert telling_line(message) == line


def test_some_failed_runs_are_told_as_some() -> None:
    runs = failing(2, outcome="signal", signal="SIGKILL")
    assert told(runs) == ("b was killed by SIGKILL in 2 of 8 runs.",)


def test_a_setting_known_to_be_fatal_is_named_however_long_dying_took() -> None:
    fatal = "go1.27 ends a process that sets asynctimerchan=1"
    built = (make.variant("a"), make.variant("b", known_fatal=fatal))
    runs = failing(outcome="exit", exit_code=2, seconds=0.9, message="fatal error")
    assert told(runs, make.plan("a", "b", built=built)) == (f"b died at start in 8 of 8 runs: {fatal}",)


def test_too_few_pairs_for_the_family_say_how_many_it_takes() -> None:
    effects = [effect(candidate=f"c{i}") for i in range(8)]
    (note,) = told([make.run("a")], make.plan("a", "b", pairs=8), *effects)
    assert note.startswith("8 metrics × candidates are corrected for, and 8 pairs cannot single one out")
    assert "Use --pairs 11" in note
    assert told([make.run("a")], make.plan("a", "b", pairs=11), *effects) == ()


def test_exact_metrics_are_no_part_of_the_family() -> None:
    assert told([make.run("a")], make.plan("a", "b", pairs=2), effect(p=None, exact=True)) == ()


def test_a_layout_that_was_not_varied_matters_to_times_only() -> None:
    built = (make.variant("a", go="1.22.1"), make.variant("b", go="1.22.1"))
    fixed = frozenset({"b"})
    (note,) = told([make.run("a")], make.plan("a", "b", metrics=("cpu",), built=built), layout_fixed=fixed)
    assert note.startswith("layout-not-varied: go1.22.1 cannot link with random layouts")
    assert told([make.run("a")], make.plan("a", "b", built=built), layout_fixed=fixed) == ()


def test_ready_binaries_are_said_to_be_ready_binaries() -> None:
    built = (make.variant("a", go=None), make.variant("b", go=None))
    plan = make.plan("a", "b", metrics=("cpu",), built=built)
    (note,) = told([make.run("a")], plan, layout_fixed=frozenset({"b"}))
    assert "the binaries were not built here" in note


def test_repeated_blocks_are_counted_with_the_first_reason() -> None:
    (note,) = told([make.run("a", 0), make.run("a", 1)], status="repeat", reason="a spin took 2 times the median")
    assert note == (
        "2 blocks were run again because calibration found the host disturbed (first: a spin took 2 times the median)."
    )


def test_a_reading_that_is_missing_in_some_blocks_is_told() -> None:
    assert told([make.run("a", b) for b in range(8)], None, effect(pairs=5)) == (
        "rss could be read in 5 of 8 blocks only.",
    )


def test_what_the_lab_noted_of_a_run_is_told_once() -> None:
    runs = [make.run(v, b, {"rss": 1.0}, notes=("children: rss is the sum of PSS",)) for v in "ab" for b in range(3)]
    assert told(runs) == ("children: rss is the sum of PSS",)


def test_notes_that_differ_in_numbers_alone_are_one_line_with_the_most() -> None:
    runs = [
        make.run("a", b, {"rss": 1.0}, notes=(f"the client was late by {late} ms",))
        for b, late in enumerate((2.5, 11.0))
    ]
    assert told(runs) == ("the client was late by 11.0 ms (the most of 2 runs that say so)",)


def test_a_unit_that_one_variant_alone_prints_is_named() -> None:
    both, alone = Sample("ns/op", 5.0, "ns/op", "X"), Sample("hits", 1.0, "hits", "X")
    runs = [make.run("a", samples=(both, alone)), make.run("b", samples=(both,))]
    assert "only a printed X in hits, so it is not compared." in told(runs)
