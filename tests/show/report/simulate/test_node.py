"""A simulated node as text, Markdown and HTML: numbers with intervals, names escaped, pictures that are well formed."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest

from whence.evidence.node_simulation import (
    Answer,
    Difference,
    Loss,
    Moment,
    NodeSimulation,
    NodeVariant,
    Order,
    Protection,
    Range,
    Step,
)
from whence.show.report.simulate import node_html, node_markdown, node_picture, node_terminal, node_words

EVIL = "<b>x</b>|`"
ORDER = Order(
    memory_high=94_371_840, memory_max=104_857_600, go_memory_limit=90_000_000, resident_at_go_limit=95_000_000,
    first="memory.high", margin=628_160, crosses_at_age_s=0.094, sleep_s=2.4,
)  # fmt: skip
PROTECTION = Protection(
    memory_min=0, memory_low=5_000_000, effective_min=0, effective_low=3_000_000, resident=7_000_000
)


def variant(name: str) -> NodeVariant:
    answers = (
        Answer(name="resident-mean", words="memory", unit="B", range=Range(value=7.7e9, low=7.6e9, high=7.8e9)),
        Answer(name="amplification", words="held for each", unit="1", range=Range(value=15.6, low=15.6, high=15.6)),
        Answer(name="never-scanned", words="never met", unit="1", range=Range(value=0.45, low=0.44, high=0.46)),
        Answer(name="refused", words="refused", unit="1/h", range=Range(value=6000, low=5000, high=7000)),
        Answer(name="psi-full", words="all asleep", unit="1", range=Range(value=0, low=0, high=0)),
    )
    moments = tuple(
        Moment(
            from_s=60.0 * index, resident=1e9 * index, most=2e9 * index, live=1e7, scanned=None if index % 2 else 1e9,
            evicted=index % 3 == 0, killed=index, refused=0, stalled=0.5, pressure=0.3, some_avg10=3.0,
        )
        for index in range(10)
    )  # fmt: skip
    loss = Loss(at_s=61.5, pod=EVIL, how="evicted-hard", age_s=None, held=0, seen=None, available=90_000_000)
    return NodeVariant(
        name=name, spec="limit=1", qos="Burstable", answers=answers, moments=moments, losses=(loss,), losses_left_out=7,
        process=(Step(age_s=0, resident=3_000_000, live=0), Step(age_s=1, resident=70_000_000, live=4_000_000)),
        order=ORDER, protection=PROTECTION, events=10,
    )  # fmt: skip


@pytest.fixture
def simulation() -> NodeSimulation:
    less = Difference(
        name="resident-mean", base="base", candidate=EVIL, unit="B", range=Range(value=-1e9, low=-2e9, high=-5e8)
    )
    return NodeSimulation(
        sentence="Pods hold much.", seed=1, replicas=20, simulated_s=600, memory_bytes=8 << 30, pods=110, pass_s=10,
        scan_s=10, variants=(variant("base"), variant(EVIL)), differences=(less,), notes=("Note.",),
    )  # fmt: skip


def test_the_terminal_says_the_sentence_first_and_numbers_with_intervals(simulation: NodeSimulation) -> None:
    text = node_terminal.render(simulation, width=160)
    assert text.startswith("Pods hold much.\n")
    assert "7.70 GB [7.60 GB, 7.80 GB]" in text
    assert "×15.6" in text
    assert "45 % [44 %, 46 %]" in text
    assert "evicted, not started, holds 0 B, nothing known of it" in text
    assert "and 7 more" in text
    assert "all asleep" not in text  # zero everywhere
    assert "\x1b" not in text


def test_narrow_terminals_take_one_block_a_variant(simulation: NodeSimulation) -> None:
    text = node_terminal.render(simulation, width=60)
    assert max(len(line) for line in text.splitlines()) <= 60
    assert text.count("memory ") >= 2


def test_limits_and_protection_are_told_in_words() -> None:
    assert node_words.order_text(ORDER).startswith("memory.high acts first: memory.high 94.4 MB, memory.max 105 MB")
    assert "sleeps 2.4 s" in node_words.order_text(ORDER)
    assert node_words.protection_text(PROTECTION) == "memory.low 5 MB protects 3 MB of 7 MB"


def test_markdown_cells_cannot_break_the_table(simulation: NodeSimulation) -> None:
    text = node_markdown.render(simulation)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows and "<b>" not in text
    heads = {len(re.findall(r"(?<!\\)\|", row)) for row in rows if "evicted" not in row and "at |" not in row}
    assert heads == {4}


def test_the_page_is_closed_in_itself_and_names_are_escaped(simulation: NodeSimulation) -> None:
    page = node_html.render(simulation, command="whence simulate node")
    assert "<b>x</b>" not in page
    assert "<script" not in page and "http://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "&quot;whence.node-simulation/1&quot;" in page
    assert page.count("<svg") == 4


def test_pictures_are_well_formed_and_hold_their_lines(simulation: NodeSimulation) -> None:
    for each in simulation.variants:
        for text in (node_picture.over_time(simulation, each), node_picture.one_pod(each)):
            root = ElementTree.fromstring(text)
            words = {element.text for element in root.iter() if element.tag.endswith("text")}
            assert {"held", "alive"} <= words
            assert "NaN" not in text
    ElementTree.fromstring(node_picture.over_time(simulation, simulation.variants[0]))


def test_names_of_lines_never_cover_one_another(simulation: NodeSimulation) -> None:
    flat = tuple(
        msgspec.structs.replace(m, resident=1.0, most=1.0, live=1.0, scanned=1.0)
        for m in simulation.variants[0].moments
    )
    text = node_picture.over_time(simulation, msgspec.structs.replace(simulation.variants[0], moments=flat), high=1e9)
    places = [float(y) for y in re.findall(r'<text x="855" y="([\d.]+)">', text)]
    assert len(places) == 4
    assert min(b - a for a, b in zip(sorted(places), sorted(places)[1:], strict=False)) >= 14


def test_nothing_simulated_draws_nothing(simulation: NodeSimulation) -> None:
    bare = msgspec.structs.replace(simulation.variants[0], moments=(), process=())
    assert node_picture.over_time(simulation, bare) == ""
    assert node_picture.one_pod(bare) == ""
