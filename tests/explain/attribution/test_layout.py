"""Layout as a cause: the same instructions elsewhere, and nothing that merely looks like it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from whence.evidence.variant import Setting, parse_variant
from whence.explain.attribution.layout import same_code, same_instructions, shipped_only
from whence.explain.attribution.levers import Lever, Levers
from whence.explain.attribution.total import Change, total_of
from whence.golang import toolchains
from whence.golang.build import Builder, Source
from whence.golang.cache import cache_root
from whence.golang.code import CodeDifference
from whence.stats.judge import Judgement, Question, judge_family

MAIN = "package main\n\nfunc add(a, b int) int { return a + b }\n\nfunc main() { println(add(1, 2)) }\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds programs: `first` and `second` in two link orders, `copy` of the first, `other` of another source."""
    root = tmp_path_factory.mktemp("layout")
    builder = Builder(root / "cache", gocache=cache_root() / "go-build")
    try:
        toolchain = toolchains.ensure("1.24.3")
    except toolchains.MissingToolchain as error:
        pytest.skip(f"SKIPPED go1.24.3: {error}")
    programs = {"first": ("a + b", 1), "second": ("a + b", 2), "copy": ("a + b", 1), "other": ("a - b", 1)}
    for name, (expression, order) in programs.items():
        app = root / f"source of {name}"
        app.mkdir(exist_ok=True)
        (app / "go.mod").write_text("module app\n\ngo 1.18\n")
        (app / "main.go").write_text(MAIN.replace("a + b", expression))
        source = Source(kind="main", directory=app, without_cgo=True)
        built = builder.build(parse_variant(f"ldflags=-randlayout={order}"), source, toolchain)
        (root / name).write_bytes(built.path.read_bytes())
    return root


def _between(folder: Path, base: str, candidate: str, *, more: bool = False) -> CodeDifference | None:
    settings = [(Setting("binary", name),) for name in (base, candidate)]
    levers = [Lever(name="binary", kind="program", off=settings[0], on=settings[1])]
    if more:
        levers.append(Lever(name="GOGC", kind="environment", is_build=False))
    variants = [parse_variant(f"binary={name}") for name in (base, candidate)]
    trials = SimpleNamespace(settled=SimpleNamespace(directory=folder), source=None)
    return same_code(trials, Levers(base=variants[0], candidate=variants[1], levers=tuple(levers)))  # type: ignore


@pytest.mark.real
@pytest.mark.network
def test_ready_programs_in_two_link_orders_are_the_same_instructions_elsewhere(folder: Path) -> None:
    found = _between(folder, "first", "second")
    assert found is not None and found.same and found.moved
    cause = same_instructions(found, total_of(1.2, 1.1, 1.3, 1.0, 1.2))
    assert (cause.kind, cause.blamed) == ("layout", True)
    assert cause.evidence[0].startswith("identical instructions, other addresses")


@pytest.mark.real
@pytest.mark.network
def test_other_instructions_and_the_very_same_program_are_not_called_layout(folder: Path) -> None:
    found = _between(folder, "first", "other")
    assert found is not None and found.same is False
    assert _between(folder, "first", "copy") is None


@pytest.mark.real
@pytest.mark.network
def test_where_a_setting_of_the_run_differs_too_the_code_decides_nothing(folder: Path) -> None:
    assert _between(folder, "first", "second", more=True) is None


def test_a_program_that_is_not_there_decides_nothing(tmp_path: Path) -> None:
    assert _between(tmp_path, "first", "second") is None


def _judged(base: list[float], candidate: list[float]) -> Judgement:
    question = Question(
        key=("cpu", "candidate"), base=tuple(base), candidate=tuple(candidate), declared_exact=False, better="lower",
        margin=0.03, unit="s",
    )  # fmt: skip
    return judge_family([question], alpha=0.01, spent=0.01)[0]


def test_only_as_shipped_different_is_layout_and_says_how_many_orders_are_fast() -> None:
    wobble = [1 + 0.001 * i for i in range(10)]
    shipped = _judged(wobble, [1.5 * w for w in wobble])
    base = [1.0, 1.5, 1.0, 1.5, 1.5, 1.0, 1.0, 1.5, 1.0, 1.5]
    candidate = [1.5, 1.0, 1.0, 1.0, 1.5, 1.0, 1.5, 1.5, 1.0, 1.5]
    change = Change(
        outcome="equivalent",
        judgement=_judged(base, candidate),
        logs=(),
        base_values=tuple(base),
        candidate_values=tuple(candidate),
        base_runs=(),
        candidate_runs=(),
        shipped=shipped,
    )
    found = shipped_only(change)
    assert found is not None
    total, cause = found
    assert total.ratio == pytest.approx(1.5, rel=0.01) and cause.kind == "layout"
    assert cause.evidence[0].startswith("low is base on 5 of 10 and candidate on 5 of 10 random link orders")
