"""Which line allocates anew: real compilers, one program that has each of the known reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from whence.evidence.attribution import Cause
from whence.evidence.errors import WhenceError
from whence.evidence.variant import Variant, parse_variant
from whence.explain.attribution.compiler import changed_functions, declared_name, heap_lines
from whence.golang import toggles, toolchains
from whence.golang.build import Builder, Built, Source
from whence.golang.cache import cache_root
from whence.golang.toolchains import Toolchain

INNER = """package inner

//go:noinline
func Fill(b []byte) int {
	for i := range b {
		b[i] = byte(i)
	}
	return len(b)
}
"""
MAIN = """package main

import "example.org/escapes/inner"

//go:noinline
func large(n int) int {
	var block [200 << 10]byte
	return inner.Fill(block[:n])
}

//go:noinline
func small(n int) int {
	buffer := make([]byte, n)
	return inner.Fill(buffer)
}

type table struct{ total int }

//go:noinline
func (t *table) grow(n int) int {
	var all []int
	for i := 0; i < n; i++ {
		all = append(all, i)
	}
	for _, v := range all {
		t.total += v
	}
	return t.total
}

//go:noinline
func handed(n int) []int {
	var all []int
	for i := 0; i < n; i++ {
		all = append(all, i)
	}
	return all
}

var kept *int

//go:noinline
func points(n int) {
	for i := 0; i < n; i++ {
		kept = &i
	}
}

func main() {
	points(3)
	println(large(10), small(3), new(table).grow(3), len(handed(4)))
}
"""
LARGE, SMALL, GROW, HANDED, POINTS = (
    "main.go:large:7",
    "main.go:small:13",
    "main.go:table.grow:23",
    "main.go:handed:35",
    "main.go:points:44",
)


class _Compilers:
    """As much of the lab as building takes."""

    def __init__(self, root: Path) -> None:
        app = root / "app"
        (app / "inner").mkdir(parents=True)
        (app / "go.mod").write_text("module example.org/escapes\n\ngo 1.21\n")
        (app / "main.go").write_text(MAIN)
        (app / "inner" / "inner.go").write_text(INNER)
        self.source = Source(kind="main", directory=app, without_cgo=True)
        self._builder = Builder(root / "cache", gocache=cache_root() / "go-build")
        self.notes: list[str] = []

    def toolchain(self, variant: Variant) -> Toolchain:
        try:
            return toolchains.ensure(variant.get("go") or "local")
        except toolchains.MissingToolchain as error:
            pytest.skip(f"SKIPPED {variant.spec}: {error}")

    def decisions(self, variant: Variant) -> str:
        return self._builder.decisions(variant, self.source, self.toolchain(variant))

    def build(self, variant: Variant, *, layout: int | None = 0) -> Built:
        return self._builder.build(variant, self.source, self.toolchain(variant))

    def failure(self, variant: Variant) -> str | None:
        try:
            toggles.check_variant(variant, self.toolchain(variant))
            self.build(variant)
        except WhenceError as error:
            return str(error)
        return None

    def note(self, text: str) -> None:
        self.notes.append(text)

    def lines(self, base: str, candidate: str, *, grew: bool) -> tuple[Cause, ...]:
        sides = parse_variant(base), parse_variant(candidate)
        return heap_lines(self, *sides, part_of="x", grew=grew)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def compilers(tmp_path_factory: pytest.TempPathFactory) -> _Compilers:
    return _Compilers(tmp_path_factory.mktemp("compilers"))


@pytest.mark.real
@pytest.mark.network
@pytest.mark.parametrize(
    ("base", "candidate", "grew", "names"),
    [
        ("go=1.23.9", "go=1.24.3", True, {LARGE}),
        ("go=1.24.3", "go=1.23.9", False, {LARGE}),
        ("go=1.24.3", "go=1.25.5", False, {SMALL, GROW}),
        ("go=1.25.5", "go=1.26.3", False, {HANDED}),
        ("go=1.25.5", "go=1.25.5,gcflags=-d=variablemakehash=n", True, {SMALL, GROW}),
        ("go=1.24.3", "go=1.24.3,goline=1.22", True, {POINTS}),
        ("go=1.24.3", "go=1.24.3,experiment=nospinbitmutex", True, set[str]()),
    ],
)
def test_the_line_that_allocates_on_one_side_only(
    compilers: _Compilers, base: str, candidate: str, grew: bool, names: set[str]
) -> None:
    causes = compilers.lines(base, candidate, grew=grew)
    assert {c.name for c in causes} == names
    assert all(c.kind == "compiler-limit" and c.part_of == "x" and c.share is None for c in causes)


@pytest.mark.real
@pytest.mark.network
def test_the_evidence_says_which_side_and_in_the_compilers_words(compilers: _Compilers) -> None:
    (cause,) = compilers.lines("go=1.23.9", "go=1.24.3", grew=True)
    assert cause.evidence == ("main.go:7: the compiler says of the candidate only: moved to heap: block",)


@pytest.mark.real
@pytest.mark.network
def test_functions_with_other_instructions_are_those_of_the_program(compilers: _Compilers) -> None:
    base, candidate = parse_variant("go=1.25.5"), parse_variant("go=1.25.5,gcflags=-d=variablemakehash=n")
    told = changed_functions(compilers, base, candidate)  # type: ignore[arg-type]
    assert told == "other instructions in main.(*table).grow, main.small"
    base, other = parse_variant("go=1.24.3"), parse_variant("go=1.24.3,experiment=nospinbitmutex")
    told = changed_functions(compilers, base, other)  # type: ignore[arg-type]
    assert told is not None and told.startswith("no function of the program itself has other instructions")


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("main.grow", "grow"),
        ("main.(*table).grow", "table.grow"),
        ("main.table.grow", "table.grow"),
        ("example.org/app/inner.Fill", "Fill"),
        ("main.loops.func1", "loops"),
        ("main.loops.func1.2", "loops"),
        ("main.(*table).grow-fm", "table.grow"),
        ("main.walk-range1", "walk"),
        ("main.run.deferwrap1", "run"),
        ("main.sum[go.shape.int]", "sum"),
    ],
)
def test_a_symbol_is_read_as_the_function_that_a_person_wrote(symbol: str, name: str) -> None:
    assert declared_name(symbol) == name
