"""The sentence by verdict, shares as percent of the base, remedies as people would ask for them."""

from __future__ import annotations

import math

import msgspec
import pytest

from whence.evidence.attribution import Point, Remedy, Undoing
from whence.show.report.explain import remedies, sentence, shares, stages, words

from . import cases

SENTENCES = {
    "heap": "Resident memory +247.24 % [+247.21, +247.27]. No switch of 1.24 carries it; the release itself does.",
    "headers": "Heap in use +19.8 %. allocheaders carries it.",
    "stream": "B/rt +19.10 % [+19.09, +19.11]. google.golang.org/grpc carries it, not Go.",
    "switches": "CPU time −11.4 % [−11.9, −10.8]. greenteagc (−7.6 %) and sizespecializedmalloc (−4.9 %) carry it.",
    "masked": "CPU time +2.3 % [+1.9, +2.7]. fastpath (+5.1 %), gcflags (−4.9 %) and GOGC (+2.1 %) work against one "
    "another.",
    "partly": "CPU time +9.4 % [+9.0, +9.9]. example.org/wire (+6.3 %) carries a part of it; "
    "go1.24.0 (+3.1 %) the rest.",
    "no-effect": "CPU time 0.0 % [−0.2, +0.3]. No effect: the two are equivalent within 0.3 %.",
    "layout": "Time per operation (ns/op) +7.2 % [+6.2, +8.1]. It is code layout, not the code.",
    "build-break": "Only one side builds: go1.21.0 breaks it.",
    "undetermined": "CPU time +1.2 % [−0.9, +3.3]. Not enough data to say whether it changed: "
    "about 96 pairs would tell.",
    "interim": "CPU time +5.1 % [+4.7, +5.5]. Interrupted. So far: swissmap carries it.",
    "bare": "my-unit: no ratio. No answer.",
}  # fmt: skip


@pytest.mark.parametrize("name", cases.NAMES)
def test_each_verdict_has_its_sentence(name: str) -> None:
    assert sentence.headline(cases.load(name)) == SENTENCES[name]


def test_a_change_without_a_cause_says_what_it_would_take() -> None:
    told = cases.changed(
        cases.load("switches"), verdict="undetermined", takes="about 300 runs would tell the shares apart"
    )
    assert sentence.why(told) == "No cause can be singled out: about 300 runs would tell the shares apart."


def test_what_cannot_be_varied_alone_is_named_with_what_it_is_tied_to() -> None:
    tied = cases.cause("swissmap", 0.05, blamed=True, entangled_with=("spinbitmutex",))
    told = cases.changed(cases.load("interim"), causes=(tied,), verdict="explained", interim=False)
    assert sentence.why(told) == "swissmap with spinbitmutex carries it."
    assert words.kind_text(shares.tree(told)[0]) == "switch, tied to spinbitmutex"


def test_a_release_alone_is_told_without_switches() -> None:
    only = cases.cause("1.24.3", 0.05, kind="toolchain", blamed=True)
    told = cases.changed(cases.load("interim"), causes=(only,), verdict="none-of-the-switches", interim=False)
    assert sentence.why(told) == "The release itself carries it."
    flag = cases.cause("gcflags", 0.0, kind="flag")
    assert sentence.why(cases.changed(told, causes=(only, flag))).startswith("Nothing else that differs carries it")


def test_where_it_came_and_went_and_the_amounts_stand_below() -> None:
    amounts, where, *_ = sentence.story(cases.load("heap"))
    assert amounts == "81.4 MB → 282.7 MB (+201 MB)"
    assert where.startswith("Introduced in 1.24.0 · fixed in 1.24.6 · runtime/malloc.go (mallocgcLarge, line 15")
    assert "still there in 1.27.4" in " ".join(sentence.story(cases.load("partly")))


def test_several_things_break_a_build() -> None:
    causes = (cases.cause("1.20.14", None, kind="toolchain-patch"), cases.cause("before 1.20", None, kind="go-line"))
    told = sentence.why(cases.changed(cases.load("build-break"), causes=causes))
    assert told == "Only one side builds: go1.20.14 and a go line before 1.20 break it."


def test_layout_and_a_broken_build_show_their_evidence_below() -> None:
    assert any("random link orders" in text for text in sentence.story(cases.load("layout")))
    assert "./main.go:7:2: undefined: strconv.oldName" in sentence.story(cases.load("build-break"))


@pytest.mark.parametrize(
    ("percent", "low", "high", "text"),
    [
        (12.93, 12.6, 13.26, "+12.9 ± 0.3"),
        (247.2847, 247.2735, 247.2959, "+247.28 ± 0.01"),
        (-0.004, -0.106, 0.098, "0.0 ± 0.1"),
        (5.0, 4.9, 6.4, "+5.0 [+4.9, +6.4]"),
        (18.17562, 18.17562, 18.17562, "+18.2 exact"),
        (0.0112, 0.0112, 0.0112, "+0.011 exact"),
        (-1e-14, -1e-14, -1e-14, "0.0 exact"),
        (3.0, None, None, "+3.0 (no interval)"),
        (None, None, None, "–"),
        (1.0, 1.0 - 2e-6, 1.0 + 2e-6, "+1.0000 ± 0.0001"),
    ],
)
def test_a_share_has_as_many_decimals_as_its_interval_is_worth(
    percent: float | None, low: float | None, high: float | None, text: str
) -> None:
    assert shares.share_text(percent, low, high) == text


@pytest.mark.parametrize("name", cases.NAMES)
def test_the_parts_add_up_to_the_whole_change(name: str) -> None:
    attribution = cases.load(name)
    own = [p.percent for p in shares.own_parts(attribution) if p.percent is not None]
    if own and attribution.total.ratio is not None:
        assert math.fsum(own) == pytest.approx(100 * (attribution.total.ratio - 1), abs=1e-6)


@pytest.mark.parametrize("name", cases.NAMES)
def test_every_cause_stands_once_in_the_tree(name: str) -> None:
    attribution = cases.load(name)
    assert sorted(p.cause.name for p in shares.tree(attribution)) == sorted(c.name for c in attribution.causes)


def test_closer_looks_stand_below_what_they_look_at_even_in_a_circle() -> None:
    tree = shares.tree(cases.load("partly"))
    assert [(p.cause.name, p.depth) for p in tree[1:]] == [
        ("1.24.0", 0), ("main.go:decode:41", 1), ("runtime/a.go:f:1", 2), ("orphan", 0),
    ]  # fmt: skip
    circle = (cases.cause("a", 0.1, part_of="b"), cases.cause("b", 0.1, part_of="a"))
    assert len(shares.tree(cases.changed(cases.load("bare"), causes=circle))) == 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("go=1.24.13", "upgrade to go1.24.13"),
        ("go=1.23.9", "stay on go1.23.9"),
        ("go=/opt/go", "go=/opt/go"),
        ("experiment=noswissmap+nospinbitmutex", "build with GOEXPERIMENT=noswissmap,nospinbitmutex"),
        ("mod.google.golang.org/grpc=v1.65.0", "google.golang.org/grpc v1.65.0"),
        ("debug.madvdontneed=1", "GODEBUG=madvdontneed=1"),
        ("goline=1.22", "go line 1.22"),
        ("GOGC=50,GOMEMLIMIT=1GiB", "GOGC=50, GOMEMLIMIT=1GiB"),
        ("set windows (a=b, c) in code", "set windows (a=b, c) in code"),
    ],
)
def test_a_change_is_told_as_people_would_ask_for_it(change: str, text: str) -> None:
    assert remedies.action(change, cases.load("heap")) == text
    assert remedies.action("go=1.24.13", cases.changed(cases.load("heap"), candidate="new:go=1.24.3")).startswith("up")


def test_a_price_tells_what_moved_and_leaves_out_kin_of_the_metric() -> None:
    assert remedies.price_text({"cpu": 1.12, "rss-peak": 0.3, "wall": 1.01}, "rss") == "cpu ×1.12"
    assert remedies.price_text({"cpu": 1.01, "wall": 0.99, "rss": 0.3}, "rss") == "cpu and wall unchanged"
    assert remedies.price_text({}, "rss") == ""


def test_an_exact_remedy_is_told_as_exact() -> None:
    remedy = Remedy(change="go=1.24.13", measured=True, ratio=1.0, low=1.0, high=1.0, price={"cpu": 1.0})
    told = remedies.remedy_text(remedy, cases.load("heap"))
    assert told == "upgrade to go1.24.13: exactly ×1.000 of the base; cpu unchanged"


def test_shares_at_a_value_are_percent_of_the_base_there() -> None:
    point = Point(value="16", ratio=2.0, low=1.9, high=2.1, shares={"a": (math.log(2.0), None, None)})
    assert words.point_shares(point) == [("a", "+100.0 (no interval)")]


def test_evidence_that_the_strip_shows_is_not_told_twice() -> None:
    groups = dict(words.evidence_groups(cases.load("heap")))
    assert "go1.24.0" not in groups
    assert any("of 11 hunks" in text for text in next(iter(groups.values())))


def test_stages_of_one_family_are_one_row_of_the_cost() -> None:
    rows = {name: runs for name, runs, _ in stages.costs(cases.load("heap"))}
    assert rows["releases along the way (7)"] == 142 and rows["cells"] == 46
    assert sum(rows.values()) == cases.load("heap").plan.runs


def test_undoing_is_shown_with_how_to_write_it() -> None:
    undo = Undoing(change="go=1.23.9", ratio=0.5, low=0.4, high=0.6)
    assert msgspec.structs.replace(cases.cause("a", 0.1), undo=undo).undo == undo
    assert words.ratio_text(undo.ratio, undo.low, undo.high) == "×0.500 [0.400, 0.600]"
