"""A diff as text: the sentence first, what differs, what moved where, and the unmapped share always."""

from __future__ import annotations

from whence.evidence.profile_diff import (
    FunctionChange,
    FunctionVerdict,
    Match,
    ProfileDiff,
    RoleChange,
    ShareChange,
    SideTotals,
)
from whence.show.report.profile import diff_text


def share(base: float, candidate: float, verdict: FunctionVerdict = "not-different") -> ShareChange:
    ratio = candidate / base if base and candidate else None
    return ShareChange(
        base=base * 1e9,
        candidate=candidate * 1e9,
        base_share=base,
        candidate_share=candidate,
        ratio=ratio,
        low=ratio and ratio * 0.9,
        high=ratio and ratio * 1.1,
        p=0.001,
        p_adjusted=0.01,
        events=100.0,
        verdict=verdict,
    )


def function(name: str, base: float, candidate: float, verdict: FunctionVerdict, **told: object) -> FunctionChange:
    own = share(base, candidate, verdict)
    return FunctionChange(name=name, flat=own, cum=own, verdict=verdict, **told)  # type: ignore[arg-type]


def found(*functions: FunctionChange, sentence: str = "main.hot grew.") -> ProfileDiff:
    side = SideTotals(runs=1, value=1e9, events=1000.0, seconds=10.0, runtime_share=0.25, unmapped_share=0.0123)
    return ProfileDiff(
        sample_type="cpu",
        unit="nanoseconds",
        mode="one-run-a-side",
        alpha=0.05,
        seed=1,
        sentence=sentence,
        base=side,
        candidate=side,
        functions=functions,
        roles=(
            RoleChange(role="malloc", flat=share(0.1, 0.2, "grew")),
            RoleChange(role="panic", flat=share(0.0001, 0.0001)),
        ),
        judged=5,
        spread=0.0,
        common_factor=0.91,
        matches=(Match(base="p.old", candidate="p.new", rule="renamed"),),
        notes=("one run a side",),
    )


def test_the_sentence_comes_first_and_the_unmapped_share_is_always_there() -> None:
    text = diff_text.terminal(found())
    assert text.startswith("main.hot grew.\n")
    assert "of that 1.23 and 1.23 % have no role (unmapped)" in text
    assert "note: one run a side" in text


def test_only_what_differs_is_listed_with_ratio_and_interval() -> None:
    text = diff_text.terminal(
        found(
            function("main.hot", 0.02, 0.04, "grew"),
            function("main.quiet", 0.5, 0.5, "not-different"),
            function("main.new", 0.0, 0.01, "grew"),
        )
    )
    hot = next(line for line in text.splitlines() if "main.hot" in line and "▲" in line)
    assert "×2.00" in hot and "[1.80, 2.20]" in hot
    assert "main.quiet" not in text
    assert "new" in next(line for line in text.splitlines() if line.endswith("main.new"))


def test_what_moved_says_where_to() -> None:
    moved = function("p.old", 0.1, 0.01, "moved", moved_to=("p.new",), moved_under="p.parse")
    renamed = function("p.b", 0.1, 0.2, "grew", base_name="p.a", matched_by="renamed")
    for text in (diff_text.terminal(found(moved, renamed)), diff_text.markdown(found(moved, renamed))):
        assert "p.old: to p.new under p.parse" in text
        assert "was p.a" in text


def test_rows_beyond_the_limit_are_counted() -> None:
    many = [function(f"main.f{i}", 0.01, 0.02, "grew") for i in range(5)]
    assert "3 further functions" in diff_text.terminal(found(*many), rows=2)
    assert "further" not in diff_text.terminal(found(*many), rows=0)


def test_roles_too_small_to_matter_are_left_out() -> None:
    text = diff_text.terminal(found())
    assert "malloc" in text and "panic" not in text


def test_names_cannot_become_markup_or_control_the_terminal() -> None:
    evil = function("main.\x1b[31m<b>|*x*", 0.1, 0.3, "grew")
    assert "\x1b" not in diff_text.terminal(found(evil))
    row = next(line for line in diff_text.markdown(found(evil)).splitlines() if "b\\>" in line)
    assert "<b>" not in row and "\\|" in row


def test_matches_are_listed_with_their_rule() -> None:
    assert diff_text.matches(found()).splitlines()[1].split() == ["renamed", "p.old", "p.new"]
