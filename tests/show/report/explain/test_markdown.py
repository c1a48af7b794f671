"""The Markdown form of hand-made answers, read back by a real parser: every verdict, what is not known, odd names."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from whence.evidence.attribution import (
    Attribution,
    AttributionVerdict,
    Cause,
    Dependence,
    JointEffect,
    Leftover,
    Point,
    RejectedRemedy,
    Remedy,
    Spent,
    Step,
    Total,
    Undoing,
)
from whence.show.report.explain import markdown

from . import cases

NOTHING = Total(
    ratio=None, low=None, high=None, base_value=None, candidate_value=None, delta=None, delta_low=None, delta_high=None
)
VERDICTS: tuple[AttributionVerdict, ...] = AttributionVerdict.__args__  # pyright: ignore[reportAttributeAccessIssue]
PLAN = Spent(builds=2, runs=20, seconds=60)
MARKUP = "*a* **b** _c_ __d__ `e` [f](http://g) ![h](i) <b>j</b> <http://k> | l | \\ # m ~~n~~ &lt; <!-- o"


def total(ratio: float, half: float | None = 0.01) -> Total:
    ends = (None, None) if half is None else (ratio - half, ratio + half)
    return Total(
        ratio=ratio,
        low=ends[0],
        high=ends[1],
        base_value=100e6,
        candidate_value=ratio * 100e6,
        delta=(ratio - 1) * 100e6,
        delta_low=None,
        delta_high=None,
    )


def answer(verdict: AttributionVerdict, **fields: object) -> Attribution:
    made = {"subject": "exec:", "seed": 1, "metric": "rss", "unit": "B", "total": total(1.2), "plan": PLAN}
    return Attribution(**{**made, "verdict": verdict, **fields})  # type: ignore[arg-type]


class Read(HTMLParser):
    """What a reader of the rendered document sees: headings, paragraphs, items, tables as cells, and all tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.tables: list[list[list[str]]] = []
        self._open: list[str] = []
        self.feed(MarkdownIt("commonmark").enable("table").render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag in ("p", "h3", "li", "code"):
            self.texts.setdefault(tag, []).append("")
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self._open or "th" in self._open:
            self.tables[-1][-1][-1] += data
        for tag in ("p", "h3", "li", "code"):
            if tag in self._open:
                self.texts[tag][-1] += data

    @property
    def heading(self) -> str:
        (heading,) = self.texts["h3"]
        return heading


def read(attribution: Attribution) -> Read:
    text = markdown.render(attribution)
    assert text.endswith("\n") and not text.endswith("\n\n")
    return Read(text)


HEADINGS: dict[AttributionVerdict, str] = {
    "explained": "swissmap carries it.",
    "partly-explained": "swissmap (+20.0 %) carries a part of it.",
    "none-of-the-switches": "No switch carries it; the release itself does.",
    "layout": "It is code layout, not the code.",
    "no-effect": "No effect: the two are equivalent within 21 %.",
    "build-break": "Only one side builds: swissmap breaks it.",
    "undetermined": "No cause can be singled out: more runs are needed.",
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_heading_says_how_much_and_why(verdict: AttributionVerdict) -> None:
    told = answer(verdict, causes=(cases.cause("swissmap", math.log(1.2), blamed=True),))
    assert read(told).heading == f"Resident memory +20.0 % [+19.0, +21.0]. {HEADINGS[verdict]}"


WITHOUT: dict[AttributionVerdict, str] = {
    "explained": "what carries it stands below.",
    "partly-explained": "A part of it has a name.",
    "none-of-the-switches": "The release itself carries it.",
    "layout": "It is code layout, not the code.",
    "no-effect": "No effect: the two are equivalent.",
    "build-break": "Only one side builds.",
    "undetermined": "No answer.",
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_an_answer_in_which_nothing_is_known_has_a_heading_and_no_tables(verdict: AttributionVerdict) -> None:
    seen = read(answer(verdict, total=NOTHING, plan=Spent(builds=0, runs=0, seconds=None)))
    assert seen.heading.removeprefix("Resident memory: no ratio. ") == WITHOUT[verdict]
    assert seen.tables == [] and seen.texts["p"] == ["0 builds, 0 runs, –"]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_no_value_that_is_missing_is_written_as_a_word_of_the_language(verdict: AttributionVerdict) -> None:
    bare = cases.cause("a", None, part_of="lost", undo=Undoing(change="GOGC=50", ratio=0.9, low=None, high=None))
    text = markdown.render(
        answer(
            verdict,
            total=total(1.2, None),
            causes=(cases.cause("b", 0.1, None, blamed=True), bare),
            unexplained=Leftover(share=None, low=None, high=None),
            path=(Step(release="1.24.0", outcome="undecided"),),
            depends_on=(Dependence(parameter="arg.n", crossover=None, low=None, high=None, points=(NO_POINT,)),),
            remedies=(Remedy(change="GOGC=50", measured=True), Remedy(change="rewrite it", measured=False)),
            rejected_remedies=(RejectedRemedy(change="GOGC=60", why=""),),
        )
    )
    assert not re.search(r"\b(None|nan|inf|null)\b", text, re.IGNORECASE)


NO_POINT = Point(value="3", ratio=None, low=None, high=None)


def test_the_parts_stand_in_a_table_with_closer_looks_below_their_part() -> None:
    undo = Undoing(change="experiment=noswissmap", ratio=0.9, low=0.89, high=0.91)
    seen = read(
        answer(
            "partly-explained",
            causes=(
                cases.cause("1.24.3", math.log(1.2) / 2, kind="toolchain", blamed=True),
                cases.cause("swissmap", math.log(1.2) / 2, blamed=True, undo=undo, entangled_with=("aliastypeparams",)),
                cases.cause("runtime/a.go:f:7", 0.05, kind="source", part_of="1.24.3", blamed=True),
            ),
            unexplained=Leftover(share=0.0, low=-0.01, high=0.01),
        )
    )
    (table,) = seen.tables
    assert table == [
        ["part", "kind", "share, % of the base", "undone ÷ candidate"],
        ["go1.24.3", "release", "+10.0 ± 0.2", ""],
        ["↳ runtime/a.go:f:7", "source", "+5.5 ± 0.2", ""],
        ["swissmap", "switch, tied to aliastypeparams", "+10.0 ± 0.2", "×0.90 [0.89, 0.91]"],
        ["unexplained", "", "0.0 ± 1.1", ""],
    ]
    assert seen.tags.count("strong") == 2, "what is blamed is bold, a closer look at it is not"


def test_causes_without_any_share_are_no_table() -> None:
    broken = (Cause(kind="toolchain-patch", name="1.21.0", blamed=True, evidence=("undefined: x",)),)
    seen = read(answer("build-break", total=NOTHING, causes=broken))
    assert seen.heading == "Only one side builds: go1.21.0 breaks it."
    assert seen.tables == [] and "undefined: x" in seen.texts["p"]


def test_joint_effects_are_told_only_where_they_are_established() -> None:
    def joint(other: str, real: bool) -> JointEffect:
        return JointEffect(between=("a", other), share=0.05, low=0.04, high=0.06, real=real)

    told = answer(
        "explained",
        causes=tuple(cases.cause(n, math.log(1.2) / 3) for n in "abc"),
        interactions=(joint("b", True), joint("c", False)),
    )
    assert [t for t in read(told).texts["p"] if "together" in t] == ["a and b together: +5.5 ± 1.1 beyond each alone"]


def test_a_dependence_is_a_sentence_and_a_row_for_every_value() -> None:
    points = (
        Point(value="16", ratio=0.5, low=0.5, high=0.5, delta=-1e6, shares={"a": (math.log(0.5), None, None)}),
        NO_POINT,
        Point(value="64", ratio=2.0, low=1.9, high=2.1, delta=3e6),
    )
    swept = Dependence(parameter="arg.n", crossover=40.0, low=32.0, high=48.0, points=points, depends=True)
    seen = read(answer("explained", depends_on=(swept,)))
    (table,) = seen.tables
    assert table[0] == ["arg.n", "candidate ÷ base", "difference", "shares"]
    assert table[1:] == [
        ["16", "×0.500 exact", "−1 MB", "a −50.0 (no interval)"],
        ["3", "–", "", ""],
        ["64", "×2.00 [1.90, 2.10]", "+3 MB", ""],
    ]
    assert "The effect depends on arg.n: it changes its sign at 40 [32, 48] (×0.5 at 16, ×2 at 64)." in seen.texts["p"]


def test_remedies_stand_with_their_verdicts_the_good_ones_first() -> None:
    seen = read(
        answer(
            "explained",
            candidate="go=1.24.3",
            remedies=(
                Remedy(change="go=1.24.13", measured=True, ratio=1.0, low=0.99, high=1.01, price={"cpu": 0.8}),
                Remedy(change="reuse the buffer", measured=False, why="it escapes"),
            ),
            rejected_remedies=(
                RejectedRemedy(change="GOGC=50", why="the difference stays", ratio=1.2, low=1.1, high=1.3),
                RejectedRemedy(change="GOGC=60", why="both sides alike", palliative=True),
            ),
        )
    )
    (table,) = seen.tables
    assert table == [
        ["remedy", "verdict"],
        ["upgrade to go1.24.13: ×1.00 [0.99, 1.01] of the base; cpu ×0.8", "accepted"],
        ["reuse the buffer: it escapes", "not measured"],
        ["GOGC=50: the difference stays (×1.20 [1.10, 1.30] of the base)", "rejected"],
        ["GOGC=60: both sides alike", "palliative"],
    ]


def test_remedies_that_all_failed_are_still_told() -> None:
    seen = read(answer("explained", rejected_remedies=(RejectedRemedy(change="GOGC=50", why="changes nothing here"),)))
    assert seen.tables == [[["remedy", "verdict"], ["GOGC=50: changes nothing here", "rejected"]]]


def test_where_it_came_and_went_and_what_was_odd_are_told() -> None:
    seen = read(
        answer(
            "none-of-the-switches",
            introduced_in="1.24.0",
            fixed_in="1.24.6",
            path=(Step(release="1.23.9", outcome="base"), Step(release="1.24.0", outcome="carries", ratio=1.2)),
            notes=("one run of 20 failed", "the host was busy"),
        )
    )
    assert "Introduced in 1.24.0 · fixed in 1.24.6" in seen.texts["p"]
    assert any("1.23.9\u00a0○  1.24.0\u00a0▲" in t for t in seen.texts["p"])
    assert seen.texts["li"] == ["one run of 20 failed", "the host was busy"]


def test_the_cost_stands_last_with_the_command_that_asks_again() -> None:
    seen = read(answer("no-effect", command="whence explain a b --subject 'workload:x?a=1'"))
    assert seen.texts["p"][-1] == "2 builds, 20 runs, 1 min. whence explain a b --subject 'workload:x?a=1'"
    assert seen.texts["code"] == ["whence explain a b --subject 'workload:x?a=1'"]


@pytest.mark.parametrize("text", [MARKUP, "|", "\\|", "`", "``` a", "a\n\nb\n# c\n- d\n| e |", "</td></tr></table>"])
def test_what_users_wrote_is_text_and_not_markup(text: str) -> None:
    plain, odd = read(cases.nasty("plain")), read(cases.nasty(text))
    assert odd.tags == plain.tags
    assert [[len(row) for row in table] for table in odd.tables] == [[len(r) for r in t] for t in plain.tables]


@pytest.mark.parametrize("text", ["*a* _b_ [c](d) <b>e</b> | f \\ g", "a|b", "swiss_map_2", "[x]", "a\\*b\\|c\\"])
def test_a_name_is_read_as_it_was_written(text: str) -> None:
    seen = read(answer("explained", causes=(cases.cause(text, math.log(1.2), blamed=True),), notes=(text,)))
    assert seen.heading.endswith(f"{text} carries it.")
    assert seen.tables[0][1][0] == text
    assert seen.texts["li"] == [text]


def test_controls_that_could_reorder_text_are_gone() -> None:
    text = markdown.render(cases.nasty("a\x1b[2Jb\x07\u202ec\r\nd"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_an_interrupted_search_says_so_in_its_heading() -> None:
    told = answer("undetermined", interim=True, causes=(cases.cause("a", math.log(1.2), blamed=True),))
    assert read(told).heading.endswith("Interrupted. So far: a carries it.")
    assert read(answer("undetermined", interim=True)).heading.endswith("Interrupted before a cause was known.")
