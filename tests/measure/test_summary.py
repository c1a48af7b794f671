"""From a journal to a comparison: only complete blocks count, and nothing that ran is left out of the outcomes."""

from __future__ import annotations

import random

import msgspec

from whence.evidence.comparison import Comparison
from whence.evidence.run import BlockEnd, JournalLine, Run, Session
from whence.measure.summary import finished, summarise

from . import factories as make


def measured(factor: float = 1.2, blocks: int = 8, **changes: object) -> list[Run]:
    draw = random.Random(1)
    return [
        make.run(name, block, {"rss": 1e8 * by * draw.gauss(1, 0.001), "cpu": 0.1 * draw.gauss(1, 0.1)}, **changes)
        for block in range(blocks)
        for name, by in (("a", 1.0), ("b", factor))
    ]


def comparison(lines: list[JournalLine], *, interim: bool = False, **changes: object) -> Comparison:
    wanted = {k: changes.pop(k) for k in ("gates", "margins", "aa") if k in changes}
    names = changes.pop("names", ("a", "b"))
    plan = make.plan(*names, **changes)  # type: ignore[misc]
    return summarise(make.request("a:", "b:GOGC=50", **wanted), plan, lines, interim=interim)


def test_the_chosen_metrics_are_judged_and_the_others_listed() -> None:
    found = comparison(make.journal(measured()))
    assert [(e.metric, e.verdict, e.family) for e in found.effects] == [("rss", "worse", "chosen")]
    assert [(e.metric, e.family) for e in found.listed] == [("cpu", "listed")]
    assert found.counted_runs == 16


def test_rows_of_an_interrupted_or_repeated_block_are_kept_and_not_used() -> None:
    whole = comparison(make.journal(measured()))
    lines = make.journal(measured())
    wild = [make.run(v, 0, {"rss": 5e9}, id=f"wild-{v}", attempt=1) for v in "ab"]
    for status in ("repeat", "interrupted"):
        torn = [*lines, *wild, BlockEnd(block=0, attempt=1, status=status)]  # type: ignore[arg-type]
        found = comparison(torn)
        assert found.effects == whole.effects and found.counted_runs == 16
    assert comparison([*lines, *wild]).effects == whole.effects, "a killed session leaves runs without an end"


def test_pilots_and_warm_ups_do_not_count() -> None:
    lines = make.journal(measured())
    early: list[JournalLine] = [
        make.run(v, 0, {"rss": 5e9}, id=f"{kind}-{v}", kind=kind) for v in "ab" for kind in ("pilot", "warmup")
    ]
    assert comparison([*early, *lines]).effects == comparison(lines).effects


def test_blocks_that_an_earlier_plan_judged_do_not_count_again() -> None:
    lines = make.journal(measured(blocks=16))
    found = comparison(lines, pairs=16, first_block=8)
    assert found.counted_runs == 16 and found.effects[0].pairs == 8
    assert any("the first 8 blocks were judged before" in note for note in found.notes)


def test_outcomes_count_every_run_and_the_first_failure_is_told() -> None:
    runs = measured()
    runs[3] = make.run("b", 1, {}, outcome="timeout", signal="SIGKILL", message="still running after 5 s")
    runs[7] = make.run("b", 3, {}, outcome="exit", exit_code=3, message="panic: no\n")
    found = comparison(make.journal(runs), gates=("rss<=+50%",))
    base, candidate = found.variants
    assert base.outcomes == {"ok": 8, "exit": 0, "signal": 0, "oom": 0, "timeout": 0}
    assert base.first_failure is None
    assert candidate.outcomes == {"ok": 6, "exit": 1, "signal": 0, "oom": 0, "timeout": 1}
    assert candidate.first_failure == "timeout: still running after 5 s"
    assert found.gates[0].outcome == "broken", "a candidate with a failed run breaks its gates"


def test_a_failing_base_does_not_break_the_gates_of_a_candidate() -> None:
    runs = measured(1.0)
    runs[0] = make.run("a", 0, {}, outcome="exit", exit_code=3, message="panic: no\n")
    found = comparison(make.journal(runs), gates=("rss<=+5%",))
    assert found.variants[0].first_failure == "exit 3: panic: no"
    assert found.gates[0].outcome == "held"


def test_the_second_copy_of_the_base_is_judged_beside_the_family_and_gates_pass_it_by() -> None:
    runs = measured() + [make.run("A/A", b, {"rss": 1e8 * (1 + 1e-4 * (-1) ** b)}) for b in range(8)]
    found = comparison(make.journal(runs), names=("a", "b", "A/A"), aa=True, gates=("rss<=+50%",))
    alone = comparison(make.journal(measured()))
    assert [(e.candidate, e.verdict) for e in found.effects] == [("b", "worse"), ("A/A", "equivalent")]
    assert found.effects[0].p_adjusted == alone.effects[0].p_adjusted
    assert found.aa_variant == "A/A" and [g.candidate for g in found.gates] == ["b"]


def test_the_runs_left_alone_give_the_times_and_the_held_ones_the_memory() -> None:
    names = ("a", "b", "a · times", "b · times")
    alone = [
        make.run(f"{r.variant} · times", r.block, {"rss": 7.0, "cpu": 0.5 if r.variant == "b" else 0.2})
        for r in measured()
    ]
    lines = make.journal(measured() + alone)
    found = comparison(lines, names=names, metrics=("rss", "cpu"), times_apart=True,
                       built=(make.variant("a"), make.variant("b")))  # fmt: skip
    assert {e.metric: e.candidate_value for e in found.effects}["cpu"] == 0.5
    assert found.effects[0].ratio == comparison(make.journal(measured())).effects[0].ratio
    assert {e.candidate for e in (*found.effects, *found.listed)} == {"b"}


def test_a_plan_is_finished_when_each_of_its_blocks_is_complete() -> None:
    lines = make.journal(measured())
    assert finished(make.plan("a", "b"), lines)
    assert not finished(make.plan("a", "b", pairs=9), lines)
    assert not finished(make.plan("a", "b"), make.journal(measured(), status="repeat"))


def test_nothing_but_a_session_gives_an_interim_answer_without_numbers() -> None:
    found = comparison([Session(started_at=1.0, host_name="host")], interim=True)
    assert found.interim and found.counted_runs == 0
    assert [(e.verdict, e.ratio) for e in found.effects] == [("undetermined", None)]


def test_the_same_journal_gives_the_same_document() -> None:
    lines = make.journal(measured())
    assert msgspec.json.encode(comparison(lines)) == msgspec.json.encode(comparison(lines))
