"""A simulated comparison and a recommendation as text, Markdown and HTML: well formed, escaped, nothing left out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest

from whence.evidence.comparison import Effect, HostReport, VariantResult
from whence.evidence.simulation import (
    Choice,
    Recommendation,
    RunColumns,
    SimulatedComparison,
    SimulatedValue,
    SimulationRun,
)
from whence.show.report.simulate import (
    recommend_html,
    recommend_markdown,
    recommend_terminal,
    run_html,
    run_markdown,
    run_picture,
    run_terminal,
)

EVIL = "<b>x</b>|`"
ROWS = 60


def columns(cycles: int = 10) -> RunColumns:
    live = tuple(10_000_000 + 1_000_000 * (i % 6) for i in range(ROWS))
    return RunColumns(
        seconds=tuple(float(i) for i in range(ROWS)), heap_live=live, heap_goal=(16_000_000,) * ROWS,
        heap_inuse=tuple(v + 500_000 for v in live), rss=(20_000_000,) * ROWS,
        released=tuple(10_000 * i for i in range(ROWS)), cycles=tuple(cycles * i // (ROWS - 1) for i in range(ROWS)),
        scavenged=tuple(20_000 * i for i in range(ROWS)),
    )  # fmt: skip


def run(name: str, **changes: object) -> SimulationRun:
    totals = (
        SimulatedValue(metric="rss", unit="B", value=20e6, low=18e6, high=23e6),
        SimulatedValue(metric="rss-peak", unit="B", value=21e6, low=18e6, high=24e6),
        SimulatedValue(metric="gc-cycles", unit="count", value=10, low=8, high=12),
        SimulatedValue(metric="cpu", unit="s", value=1.5, low=1.0, high=2.0),
        SimulatedValue(metric="pause-max", unit="s", value=4e-5, low=1e-5, high=1e-4),
    )
    made = SimulationRun(
        name=name, spec=name, workload=EVIL, source="few-numbers", go="1.24", settings={"go": "1.24", "GOGC": "100"},
        mode="fluid", seed=1, replicas=8, totals=totals, columns=columns(),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def comparison(*runs: SimulationRun) -> SimulatedComparison:
    variants = tuple(
        VariantResult(name=r.name, spec=r.spec, go="1.24", binary_sha256=None, outcomes={"ok": 8}) for r in runs
    )
    effects = tuple(
        Effect(
            metric="rss", unit="B", base=runs[0].name, candidate=one.name, base_value=20e6, candidate_value=15e6,
            ratio=0.75, low=0.7, high=0.8, verdict="better", differs=True, exact=False, pairs=8,
        )
        for one in runs[1:]
    )  # fmt: skip
    return SimulatedComparison(
        subject=EVIL, seed=1, variants=variants, host=HostReport(cpus=2, calibration={}), effects=effects,
        simulations=runs, notes=("a note",), command=f"whence simulate run {EVIL}",
    )  # fmt: skip


def test_the_picture_is_well_formed_and_names_its_lines() -> None:
    picture = run_picture.over_time(run(EVIL, settings={"memory": "22000000"}, oom_seconds=12.0))
    tree = ElementTree.fromstring(picture)
    texts = [node.text or "" for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    for word in ("resident", "heap goal", "heap", "given back", "container", "memory exceeded at 12 s"):
        assert word in texts
    assert "collections (10 cycles)" in texts
    numbers = [float(n) for path in tree.iter("{http://www.w3.org/2000/svg}path")
               for n in re.findall(r"-?\d+\.?\d*", path.attrib["d"])]  # fmt: skip
    assert all(-1000 < number < 2000 for number in numbers)


def test_many_collections_become_bars_of_their_rate() -> None:
    picture = run_picture.over_time(run("a", columns=columns(5900)))
    assert "sr-bar" in picture
    assert ">100/s<" in picture  # 5,900 collections in 59 s


def test_a_goal_that_means_never_does_not_flatten_the_picture() -> None:
    off = msgspec.structs.replace(columns(), heap_goal=(1 << 60,) * ROWS)
    assert run_picture.most_memory(run("a", columns=off)) < 30e6


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("width", [60, 110, 160])
def test_the_terminal_begins_with_the_answer_and_keeps_its_width(count: int, width: int) -> None:
    text = run_terminal.render(comparison(*[run(f"v{i}") for i in range(count)]), width=width)
    assert text.startswith("Simulated, not measured: ")
    assert "peak resident memory" in text
    assert "[18" in text
    assert "from a few numbers" in text


def test_html_and_markdown_hold_names_as_text() -> None:
    found = comparison(run("base"), run("new"))
    page = run_html.render(found)
    assert "<b>x</b>" not in page
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert "Simulated, not measured" in page
    text = run_markdown.render(found)
    assert "<b>" not in re.sub(r"``.*?``", "", text)
    assert "| peak resident memory | 21 MB [18, 24]" in text


def choice(gogc: int | None, limit: int | None, request: int, cpu: float, cost: float, **changes: object) -> Choice:
    made = Choice(
        gogc=gogc, memory_limit=limit, request=request, limit=request + (32 << 20), memory=request, memory_low=request,
        memory_high=request, cpu=cpu, cpu_low=cpu * 0.8, cpu_high=cpu * 1.3, memory_regret=request - (64 << 20),
        cpu_regret=cpu - 0.1, cost=cost, cost_regret=cost - 1.0, on_front=True, fits=True,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def recommendation() -> Recommendation:
    chosen = choice(200, 100 << 20, 96 << 20, 0.1, 1.0)
    choices = (
        chosen, choice(200, None, 96 << 20, 0.1, 1.0), choice(100, None, 64 << 20, 0.3, 1.24),
        choice(400, None, 256 << 20, 0.1, 1.4, fits=False),
    )  # fmt: skip
    return Recommendation(
        subject=EVIL, source="profile", go="1.27", processors=2, cpu=1.0, given_limit=128 << 20, core_costs_gib=6.0,
        risk=0.01, seed=1, replicas=8, chosen=chosen, variant="go=1.27,GOGC=200,GOMEMLIMIT=100MiB",
        confidence=0.75, confidence_word="fair", default_choice=choices[2], choices=choices, sentence="Request 96 MiB",
    )  # fmt: skip


def test_a_recommendation_shows_the_choice_first_its_regrets_and_its_confidence(recommendation: Recommendation) -> None:
    text = recommend_terminal.render(recommendation, width=110)
    assert text.startswith("Request 96 MiB")
    rows = [line for line in text.splitlines() if line.startswith("▸")]
    assert len(rows) == 1
    assert "100 MiB" in rows[0]
    assert "too much" in text
    assert "+24.0 %" in text
    assert "Confidence fair: in 75 %" in text
    table = text.split("\n\n")[1].splitlines()
    assert len(table) == 1 + 3  # what comes to the same without a limit that never acts is no row of its own
    page = recommend_html.render(recommendation)
    assert "<b>x</b>" not in page
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert svg is not None
    ElementTree.fromstring(svg[0])
    assert "<b>" not in recommend_markdown.render(recommendation)
