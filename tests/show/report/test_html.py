"""The HTML report: one file, nothing from outside, whatever names hold is text, and it stays small."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from whence.evidence.comparison import Comparison
from whence.evidence.run import Run
from whence.show.report import dots, evidence, html

from . import factories as make
from .test_twins import COMPARISONS

NASTY = """</script><script>alert(1)</script><img src=x onerror=alert(2)> " ' ` <!-- href=//evil.example @import"""
OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""")


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text of scripts by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._script: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._script = dict(attrs).get("id") or "code"

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data

    @property
    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.elements if a.get("id")]  # type: ignore[misc]


def demo_page() -> tuple[str, Page]:
    text = html.render(make.demo(), make.journal(make.demo()))
    return text, Page(text)


def nasty() -> Comparison:
    variants = (
        make.variant("base", spec=NASTY),
        make.variant(NASTY, first_failure=NASTY, outcomes={"ok": 1, "exit": 2}),
    )
    effect = make.effect(metric=NASTY, unit=NASTY, candidate=NASTY, benchmark=NASTY, warnings=(NASTY,))
    gate = make.gate(rule=NASTY, candidate=NASTY, reason=NASTY)
    return make.comparison(effect, variants=variants, subject=NASTY, command=NASTY, notes=(NASTY,), gates=(gate,))


def test_nothing_comes_from_outside() -> None:
    text, page = demo_page()
    assert not OUTSIDE.search(text)
    assert "@import" not in text and "url(" not in text
    assert not [tag for tag, _ in page.elements if tag in {"iframe", "object", "embed", "img", "base", "form"}]
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv"))
    assert policy is not None and "default-src 'none'" in policy


def test_only_the_reports_own_script_may_run() -> None:
    text, page = demo_page()
    digest = base64.b64encode(hashlib.sha256(page.scripts["code"].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_names_are_text_wherever_they_stand() -> None:
    plain = html.render(nasty(), make.journal(nasty()))
    page = Page(plain)
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert not [attributes for _, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    assert not OUTSIDE.search(plain) and "@import" not in plain
    data = json.loads(page.scripts["payload"])
    assert json.loads(data["files"]["comparison.json"]["text"])["subject"] == NASTY


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(COMPARISONS)
def test_any_comparison_gives_a_page(comparison: Comparison) -> None:
    page = Page(html.render(comparison))
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    json.loads(page.scripts["payload"])


def test_the_sections_stand_in_the_order_in_which_they_are_read() -> None:
    _, page = demo_page()
    order = ["answer", "command", "effects", "runs", "memory", "odd", "method", "data"]
    assert [identity for identity in page.ids if identity in order] == order


def test_ids_are_unique_and_every_link_inside_has_a_place_to_go() -> None:
    _, page = demo_page()
    assert len(set(page.ids)) == len(page.ids)
    links = [a["href"] for t, a in page.elements if t in {"a", "use"} and a.get("href")]
    assert {link[1:] for link in links if link} <= set(page.ids)


def test_every_run_is_a_mark_and_unused_runs_are_hollow() -> None:
    text, _ = demo_page()
    panel = text[text.index('id="runs-rss"') : text.index('id="runs-rss-peak"')]
    assert len(set(re.findall(r'data-r="(\d+)"', panel))) == 60
    hollow = "".join(re.findall(r'<g class="s\d spare".*?</g>', panel))
    assert hollow.count("data-r=") == 10


def test_verdicts_have_mark_and_word_beside_colour() -> None:
    text, _ = demo_page()
    rows = re.findall(r'<tr class="(\w+)"><th scope="row".*?</tr>', text)
    assert rows
    for mark, word in (("▲", "worse"), ("▼", "better"), ("&#61;", "equivalent"), ("?", "not enough data")):
        assert re.search(rf'<span class="mark">{re.escape(mark)}</span> {word}', text)


def test_the_same_result_gives_the_same_bytes() -> None:
    assert demo_page()[0] == demo_page()[0]


def test_a_hundred_thousand_runs_stay_small_and_the_page_says_what_it_left_out() -> None:
    comparison = make.demo()
    lines = make.journal(comparison, blocks=200)
    many = [line for _ in range(100) for line in lines]
    text = html.render(comparison, many)
    assert len(text) <= html.LARGEST
    assert f"of {sum(hasattr(line, 'kind') for line in many):,} runs: whole blocks, evenly spaced" in text


def test_many_benchmarks_stay_small() -> None:
    comparison = make.benchmarks(150)
    assert len(html.render(comparison, make.journal(comparison, blocks=100))) <= html.LARGEST


def test_a_report_without_runs_or_effects_still_says_what_it_knows() -> None:
    bare = Comparison(subject="s", seed=1, variants=(), host=make.comparison().host, effects=())
    page = Page(html.render(bare))
    assert "runs" not in page.ids and "memory" not in page.ids and "answer" in page.ids


def test_a_failed_run_is_a_cross_not_a_gap() -> None:
    import msgspec

    comparison = make.comparison()
    lines = [
        msgspec.structs.replace(line, outcome="signal", signal="SIGSEGV", samples=(), message="panic")
        if hasattr(line, "kind") and line.block == 3 and line.variant == "new"  # type: ignore[union-attr]
        else line
        for line in make.journal(comparison)
    ]
    text = html.render(comparison, lines)
    failed = "".join(re.findall(r'<g class="s1 failed".*?</g>', text[text.index('id="runs-rss"') :]))
    assert 'href="#x"' in failed


def test_benchmarks_whose_metric_carries_their_name_are_rows_of_one_unit() -> None:
    import msgspec

    plain = make.benchmarks()
    named = msgspec.structs.replace(
        plain, effects=tuple(msgspec.structs.replace(e, metric=f"{e.benchmark}:{e.metric}") for e in plain.effects)
    )
    page = Page(html.render(named))
    files = json.loads(page.scripts["payload"])["files"]
    assert html.render(named).count('scope="rowgroup"') == 2
    # The embedded JSON keeps the names of the contract.
    assert json.loads(files["comparison.json"]["text"])["effects"][0]["metric"] == "Decode/size=1:ns/op"


def test_gos_own_metrics_are_found_on_the_line_of_a_benchmark() -> None:
    import msgspec

    comparison = make.comparison(make.effect(metric="runtime-total"))
    lines = [
        msgspec.structs.replace(line, samples=tuple(msgspec.structs.replace(s, benchmark="Main") for s in line.samples))
        if isinstance(line, Run)
        else line
        for line in make.journal(comparison)
    ]
    assert evidence.shown(comparison, lines).metrics[0] == ("runtime-total", None)
    assert evidence.shown(comparison, lines).median("runtime-total", "base") is not None


def test_a_spin_is_held_against_the_median_of_its_session_until_then() -> None:
    import msgspec

    comparison = make.demo()
    lines = make.journal(comparison, repeated=0)
    later = [
        msgspec.structs.replace(
            line,
            calibration_before_s=(line.calibration_before_s or 0) / 3,
            calibration_after_s=(line.calibration_after_s or 0) / 3,
        )
        if isinstance(line, Run) and line.block >= 5
        else line
        for line in lines
    ]
    # A host that becomes quiet makes no earlier block a slow one.
    assert not any(spin.slow for spin in dots.dots(comparison, evidence.shown(comparison, later)).spins)


def test_whole_blocks_are_kept_when_runs_are_thinned() -> None:
    comparison = make.comparison()
    of = evidence.shown(comparison, make.journal(comparison, blocks=2000, repeated=0))
    counted = [run for run in of.runs if run.kind == "counted"]
    blocks = {run.block for run in counted}
    assert len(counted) == 2 * len(blocks) and len(of.runs) <= evidence.MOST_RUNS + 4
    assert max(blocks) == 1999 and min(blocks) < 5


@pytest.mark.parametrize("reading", ["rss-anon", "rss-lazyfree", "rss-file"])
def test_memory_by_kind_adds_up_with_lazily_freed_pages_taken_out_of_anonymous_ones(reading: str) -> None:
    from whence.show.report import memory

    comparison = make.comparison(make.effect(metric="cpu", unit="s"))
    of = evidence.shown(comparison, make.journal(comparison))
    found = memory.memory(comparison, of)
    assert found is not None and found.heads == ("anonymous", "lazy-free", "file")
    assert of.median(reading, "base") is not None
    for stack in found.stacks:
        parts = [float(text) for text in stack.numbers]
        assert sum(parts[:-1]) == pytest.approx(parts[-1], rel=0.02)
