"""Every verdict, made by hand with all that can be unknown left unknown, through terminal, HTML and JSON."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from whence.evidence.attribution import (
    Attribution,
    AttributionVerdict,
    CauseKind,
    Dependence,
    JointEffect,
    Leftover,
    MemoryPart,
    Point,
    RejectedRemedy,
    Remedy,
    Spent,
    Step,
    Total,
    Undoing,
)
from whence.show.report.explain import as_json, html, terminal

from ..test_html import OUTSIDE, Page
from . import cases

VERDICTS: tuple[AttributionVerdict, ...] = AttributionVerdict.__args__  # pyright: ignore[reportAttributeAccessIssue]
NOTHING = Total(
    ratio=None, low=None, high=None, base_value=None, candidate_value=None, delta=None, delta_low=None, delta_high=None
)
PLAN = Spent(builds=0, runs=0, seconds=None)
WORDS_OF_THE_LANGUAGE = re.compile(r"\b(None|nan|inf|null|True|False)\b")


def least(verdict: AttributionVerdict) -> Attribution:
    """Nothing is known but the verdict."""
    return Attribution(subject="exec:", seed=1, metric="rss", unit="B", total=NOTHING, plan=PLAN, verdict=verdict)


def half_known(verdict: AttributionVerdict) -> Attribution:
    """Everything is there, and nothing of it has a number that it can do without."""
    undo = Undoing(change="GOGC=50", ratio=0.9, low=None, high=None)
    point = Point(value="3", ratio=None, low=None, high=None)
    return cases.changed(
        least(verdict),
        total=msgspec.structs.replace(NOTHING, ratio=1.2),
        causes=(
            cases.cause("a", 0.1, None, blamed=True, undo=undo),
            cases.cause("b", None, entangled_with=("c",), evidence=("it was seen",)),
            cases.cause("x.go:f:1", None, kind="source", part_of="lost"),
        ),
        interactions=(JointEffect(between=("a", "b"), share=0.1, low=None, high=None, real=True),),
        unexplained=Leftover(share=None, low=None, high=None),
        path=(Step(release="1.24.0", outcome="undecided"), Step(release="1.24.1", outcome="unmeasurable")),
        depends_on=(Dependence(parameter="arg.n", crossover=None, low=None, high=None, points=(point,)),),
        memory=(MemoryPart(name="rss-anon", base_value=0.0, candidate_value=0.0),),
        remedies=(Remedy(change="GOGC=50", measured=True), Remedy(change="rewrite it", measured=False)),
        rejected_remedies=(RejectedRemedy(change="GOGC=60", why=""),),
    )


MADE = [*(pytest.param(least(v), id=f"{v}, least") for v in VERDICTS)] + [
    pytest.param(half_known(v), id=f"{v}, half known") for v in VERDICTS
]


def seen(text: str) -> str:
    """What a reader of the page sees: without scripts, styles and tags."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL))


@pytest.mark.parametrize("attribution", MADE)
def test_the_terminal_has_a_sentence_a_cost_and_no_word_of_the_language(attribution: Attribution) -> None:
    text = terminal.render(attribution, width=90)
    assert text.split("\n", 1)[0].strip() and "Cost       0 builds, 0 runs, –" in text
    assert not WORDS_OF_THE_LANGUAGE.search(text)


@pytest.mark.parametrize("attribution", MADE)
def test_the_page_stands_alone_and_says_nothing_in_a_word_of_the_language(attribution: Attribution) -> None:
    text = html.render(attribution)
    page = Page(text)
    assert not OUTSIDE.search(text)
    assert not WORDS_OF_THE_LANGUAGE.search(seen(text))
    assert len(set(page.ids)) == len(page.ids)
    links = [a["href"] for tag, a in page.elements if tag == "a" and a.get("href")]
    assert {link[1:] for link in links if link} <= set(page.ids)


@pytest.mark.parametrize("attribution", MADE)
def test_the_answer_is_inside_the_page_as_it_was(attribution: Attribution) -> None:
    files = json.loads(Page(html.render(attribution)).scripts["payload"])["files"]
    text = files["attribution.json"]["text"]
    assert msgspec.json.decode(text, type=Attribution) == attribution
    assert json.loads(text) == json.loads(as_json.render(attribution))


@pytest.mark.parametrize("verdict", VERDICTS)
def test_terminal_and_page_say_the_same_sentence(verdict: AttributionVerdict) -> None:
    attribution = half_known(verdict)
    sentence = terminal.render(attribution, width=400).split("\n", 1)[0]
    assert sentence in " ".join(seen(html.render(attribution)).split())


def test_the_page_without_journals_has_no_table_of_runs() -> None:
    files = json.loads(Page(html.render(least("no-effect"), {"total": ()})).scripts["payload"])["files"]
    assert list(files) == ["attribution.json"]


@pytest.mark.parametrize("kind", CauseKind.__args__)
def test_every_kind_of_cause_has_a_word(kind: str) -> None:
    told = cases.changed(half_known("explained"), causes=(cases.cause("thing", 0.1, kind=kind, blamed=True),))
    assert "thing" in terminal.render(told) and "thing" in seen(html.render(told))


@pytest.mark.parametrize(
    ("better", "ratio", "tone"),
    [("lower", 1.2, "worse"), ("lower", 0.8, "better"), ("higher", 1.2, "better"), ("higher", 0.8, "worse")],
)
def test_the_page_is_coloured_by_what_the_change_means_for_the_user(better: str, ratio: float, tone: str) -> None:
    total = msgspec.structs.replace(NOTHING, ratio=ratio)
    told = cases.changed(least("explained"), total=total, better=better)
    (section,) = [a for _, a in Page(html.render(told)).elements if a.get("id") == "answer"]
    assert section["class"] == f"answer {tone}"


@pytest.mark.parametrize(
    ("verdict", "tone"),
    [
        ("no-effect", "equivalent"),
        ("layout", "equivalent"),
        ("build-break", "worse"),
        ("undetermined", "undetermined"),
        ("explained", "worse"),
    ],
)
def test_a_verdict_that_is_no_change_has_a_colour_of_its_own(verdict: AttributionVerdict, tone: str) -> None:
    (section,) = [a for _, a in Page(html.render(half_known(verdict))).elements if a.get("id") == "answer"]
    assert section["class"] == f"answer {tone}"


def test_a_broken_build_is_worse_though_there_is_no_ratio() -> None:
    (section,) = [a for _, a in Page(html.render(least("build-break"))).elements if a.get("id") == "answer"]
    assert section["class"] == "answer worse"
