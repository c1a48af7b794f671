"""`whence explain`: refusals before anything runs, the plan, where the answer goes, redrawing, interruption."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import whence.explain.explain as front
from whence.evidence.attribution import Attribution
from whence.evidence.inquiry import Inquiry
from whence.golang import toolchains
from whence.golang.build import Builder
from whence.measure.lab import process
from whence.store.inquiry_directory import InquiryDirectory

from .conftest import Whence

FIXTURES = Path(__file__).parents[1] / "show" / "report" / "explain" / "fixtures"
TWO = ("explain", "go=1.23.9", "go=1.24.3")
TREES = ("--subject", "workload:trees", "--metric", "rss", "--quiet")
Answering = Callable[..., list[Inquiry]]


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it a failure to fetch, build or run anything."""

    def started(*_: object, **__: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(toolchains, "ensure", started)
    monkeypatch.setattr(Builder, "build", started)
    monkeypatch.setattr(process, "run_process", started)


@pytest.fixture
def answering(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Makes a stored answer that of every inquiry; returns the list of what is asked."""

    def prepare(name: str, **changes: object) -> list[Inquiry]:
        asked: list[Inquiry] = []

        def explain(inquiry: Inquiry, *, out: Path | None = None, listener: object = None) -> front.ExplainResult:
            asked.append(inquiry)
            answer = msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes(), type=Attribution)
            answer = msgspec.structs.replace(answer, **changes)
            directory = InquiryDirectory(out or folder / "found")
            directory.open(inquiry, 1)
            with directory:
                directory.write_attribution(answer)
            return front.ExplainResult(attribution=answer, directory=directory.path, lines={})

        monkeypatch.setattr(front, "explain", explain)
        return asked

    return prepare


REFUSED = [
    (("explain", "go=1.24.3", *TREES), "explain takes a base and one candidate; 1 variants were given."),
    ((*TWO, "go=1.25.5", *TREES), "explain takes a base and one candidate; 3 variants were given."),
    ((*TWO, "--metric", "rss"), "explain needs --subject."),
    ((*TWO, "--subject", "workload:trees"), "explain takes one --metric"),
    ((*TWO, *TREES, "--metric", "cpu"), "explain takes one --metric"),
    (("explain", "go=1.23.9", "go=1.23.9", *TREES), "variants 'go=1.23.9' and 'go=1.23.9' are the same."),
    (("explain", "go=1.23.9", "gooo=1", *TREES), "variant 'gooo=1': unknown key 'gooo'."),
    ((*TWO, *TREES, "--budget", "soon"), "'soon' is no duration."),
    ((*TWO, *TREES, "--budget", "1s"), "--budget 1s is too short for any answer. The plan: "),
    ((*TWO, *TREES, "--timeout", "long"), "'long' is no duration."),
    ((*TWO, *TREES, "--over", "size=1,2"), "--over size=1,2: write a parameter and its values"),
    ((*TWO, *TREES, "--html", "."), ". cannot be written"),
    ((*TWO, *TREES, "--markdown", "-"), "only --json prints to standard output with -."),
    ((*TWO, *TREES, "--subject", "workload:nosuch"), "no workload 'nosuch'. Known: "),
    (("explain", "go=1.99", "go=1.24.3", *TREES), "no toolchain for go1.99; newest known"),
    ((*TWO, *TREES, "--nosuch"), "No such option"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.usefixtures("nothing_starts")
def test_it_is_refused_in_one_line_before_anything_is_run_or_written(
    here: Whence, folder: Path, words: tuple[str, ...], said: str
) -> None:
    assert here(*words).refusal.startswith(said)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("nothing_starts")
def test_the_plan_is_printed_and_nothing_is_run_or_written(here: Whence, folder: Path) -> None:
    text = here(*TWO, *TREES, "--plan").out
    assert text.startswith("Plan for rss of workload:trees: nothing was run\n  factors: ")
    assert "swissmap" in text and "builds" in text
    document = here(*TWO, *TREES, "--plan", "--json", "-").document
    assert document["schema"] == "whence.attribution-plan/1"
    assert document["plan"]["builds"] > 2 and document["plan"]["runs"] > 20  # type: ignore[index]
    assert list(folder.iterdir()) == []


def test_what_was_asked_reaches_the_search(here: Whence, folder: Path, answering: Answering) -> None:
    asked = answering("heap")
    options = ("--toggles", "swissmap", "--over", "arg.n=1,2", "--over", "arg.m=3,4", "--budget", "9m", "--seed", "5")
    load = ("--service", "--rate", "5", "--for", "3s", "--get", "/x", "--ready", "http://h/", "--prepare", "sync")
    assert here(*TWO, *TREES, *options, *load, "--margin", "rss=2%", "--", "-a", "b").code == 0
    (inquiry,) = asked
    request = inquiry.request
    assert (inquiry.toggles, inquiry.over, inquiry.budget) == ("swissmap", ("arg.n=1,2", "arg.m=3,4"), "9m")
    assert (request.variants, request.metrics, request.seed) == (("go=1.23.9", "go=1.24.3"), ("rss",), 5)
    assert (request.service, request.rate_per_second, request.load_seconds) == (True, 5.0, 3.0)
    assert (request.path, request.ready_url, request.prepare) == ("/x", "http://h/", "sync")
    assert (request.arguments, request.margins, request.directory) == (("-a", "b"), ("rss=2%",), str(folder))


def test_the_answer_goes_to_the_terminal_and_its_twins(here: Whence, folder: Path, answering: Answering) -> None:
    answering("heap")
    answer = here(*TWO, *TREES, "--json", "a.json", "--html", "deep/a.html", "--markdown", "a.md")
    assert answer.code == 0 and answer.out.startswith("Resident memory +247.24 %")
    assert "Report     deep/a.html" in answer.out
    assert json.loads((folder / "a.json").read_text())["schema"] == "whence.attribution/1"
    assert (folder / "a.md").read_text().startswith("### Resident memory")
    assert "<!doctype html>" in (folder / "deep" / "a.html").read_text()


def test_json_alone_is_all_that_is_printed(here: Whence, folder: Path, answering: Answering) -> None:
    answering("headers")
    assert here(*TWO, *TREES, "--json", "-").document["verdict"] == "explained"
    assert (folder / "found" / "report.html").exists()


@pytest.mark.parametrize("name", ["no-effect", "layout", "build-break", "undetermined", "bare"])
def test_every_verdict_is_an_answer(here: Whence, answering: Answering, name: str) -> None:
    answering(name)
    assert here(*TWO, *TREES).code == 0


def test_an_interrupted_search_ends_130_and_says_how_to_go_on(here: Whence, answering: Answering) -> None:
    answering("interim", command="whence explain a b --out found")
    answer = here(*TWO, *TREES)
    assert answer.code == 130
    assert "Next       whence explain a b --out found" in answer.out


def test_a_stored_answer_is_redrawn_without_measuring(here: Whence, folder: Path, answering: Answering) -> None:
    answering("heap")
    first = here(*TWO, *TREES, "--out", "kept")
    (folder / "kept" / "report.html").unlink()
    again = here("report", "kept", "--markdown", "a.md")
    assert again.code == 0 and again.out == first.out
    assert (folder / "kept" / "report.html").exists() and (folder / "a.md").exists()
    assert here("report", "kept", "--json", "-").document["verdict"] == "none-of-the-switches"
    assert here("report", "kept", "--csv", "a.csv").refusal.startswith("an explanation has no CSV")


def test_a_search_that_has_no_answer_yet_says_how_to_go_on(here: Whence, folder: Path, answering: Answering) -> None:
    answering("heap")
    here(*TWO, *TREES, "--out", "kept")
    (folder / "kept" / "attribution.json").unlink()
    refusal = here("report", "kept").refusal
    assert refusal.startswith("kept holds no answer yet (the search was not finished)")
    assert refusal.endswith("--metric rss --out kept")
    (folder / "kept" / "attribution.json").write_text("{")
    assert "attribution.json cannot be read" in here("report", "kept").refusal


def test_a_report_that_cannot_be_written_keeps_the_result(here: Whence, folder: Path, answering: Answering) -> None:
    answering("heap")
    here(*TWO, *TREES, "--out", "kept")
    (folder / "kept" / "report.html").unlink()
    (folder / "kept" / "report.html").mkdir()
    refusal = here(*TWO, *TREES, "--out", "kept").refusal
    assert refusal.startswith("kept/report.html cannot be written")
    assert refusal.endswith("The result is kept; redraw it with: whence report kept")


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--over", "arg.=1,2"), "--over arg.=1,2: write a parameter and its values"),
        (("--over", "arg.n="), "--over arg.n=: write a parameter and its values"),
        (("--margin", "rss=lots"), "margin 'rss=lots' is not METRIC=N%."),
        (("--seed", "x"), "Invalid value for '--seed'"),
        (("--rate", "0"), "Invalid value for '--rate'"),
    ],
)
def test_a_malformed_option_is_refused_with_or_without_a_plan(
    here: Whence, folder: Path, words: tuple[str, ...], said: str
) -> None:
    for plan in ((), ("--plan",)):
        assert here(*TWO, *TREES, *plan, *words).refusal.startswith(said)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("nothing_starts")
def test_the_plan_tells_what_was_asked_for(here: Whence) -> None:
    def plan(*words: str) -> dict[str, int]:
        return here(*TWO, *TREES, "--plan", "--json", "-", *words).document["plan"]  # type: ignore[return-value]

    none, one, swept = plan("--toggles", "none"), plan("--toggles", "swissmap"), plan("--over", "arg.depth=8,9")
    assert none["cells"] == 2 and none["builds"] == 2
    assert one["cells"] > none["cells"] and one["builds"] > none["builds"]
    assert swept["runs"] > plan()["runs"]
    assert "within 120 s" in here(*TWO, *TREES, "--plan", "--budget", "2m").out


@pytest.mark.usefixtures("nothing_starts")
def test_a_switch_that_no_release_has_is_refused_before_a_plan_is_made(here: Whence, folder: Path) -> None:
    refusal = here(*TWO, *TREES, "--plan", "--toggles", "swissmap,nosuchswitch").refusal
    assert refusal.startswith("--toggles nosuchswitch: neither release has a switch nosuchswitch")
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("nothing_starts")
def test_a_plan_of_a_command_builds_nothing(here: Whence) -> None:
    command = ("explain", "GOGC=50,A=1", "GOGC=100,A=2", "--subject", "exec:", "--metric", "rss", "--plan")
    document = here(*command, "--json", "-", "--", "true").document
    assert document["plan"]["builds"] == 0 and document["plan"]["seconds"] is None  # type: ignore[index]
    assert "builds" not in here(*command, "--", "true").out


@pytest.mark.parametrize("words", [("--csv", "a.csv"), ("--junit", "a.xml"), ("--annotations",)])
def test_forms_that_an_explanation_does_not_have_are_refused(
    here: Whence, folder: Path, answering: Answering, words: tuple[str, ...]
) -> None:
    answering("heap")
    here(*TWO, *TREES, "--out", "kept")
    refusal = here("report", "kept", *words).refusal
    assert refusal.startswith("an explanation has no CSV, JUnit or annotations.")
    assert [path.name for path in folder.iterdir()] == ["kept"]


def test_an_interrupted_answer_is_redrawn_as_one(here: Whence, answering: Answering) -> None:
    answering("interim", command="whence explain a b --out kept")
    first = here(*TWO, *TREES, "--out", "kept")
    again = here("report", "kept")
    assert (again.code, again.out) == (130, first.out)


def test_an_answer_is_redrawn_though_what_was_asked_cannot_be_read(
    here: Whence, folder: Path, answering: Answering
) -> None:
    answering("heap")
    first = here(*TWO, *TREES, "--out", "kept")
    (folder / "kept" / "inquiry.json").write_text("{")
    assert here("report", "kept").out == first.out


def test_a_folder_of_another_explanation_is_refused_in_one_line(
    here: Whence, folder: Path, answering: Answering
) -> None:
    answering("heap")
    here(*TWO, *TREES, "--out", "kept")
    before = (folder / "kept" / "attribution.json").read_bytes()
    refusal = here(*TWO, *TREES, "--toggles", "none", "--out", "kept").refusal
    assert refusal.startswith("kept holds another explanation (other toggles).")
    assert (folder / "kept" / "attribution.json").read_bytes() == before
