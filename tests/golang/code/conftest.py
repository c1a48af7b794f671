"""Small programs built for real; compiled packages are shared with all sessions, programs are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.variant import parse_variant
from whence.golang import toolchains
from whence.golang.build import Builder, Source
from whence.golang.cache import cache_root

PROGRAM = """package main

import "fmt"

type entry struct {
	name string
	count int
}

func work(table map[string]int, n int) int {
	for i := 0; i < n; i++ {
		table[fmt.Sprint("key", i)] += i
	}
	var all []entry
	for name, count := range table {
		all = append(all, entry{name, count})
	}
	return len(all)
}

func main() { fmt.Println(work(map[string]int{"a": 1}, 100), "/", ",") }
"""
Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Builds a variant of a program, by default of `PROGRAM`."""
    root = tmp_path_factory.mktemp("code")
    builder = Builder(root / "cache", gocache=cache_root() / "go-build")

    def get(spec: str, program: str = PROGRAM) -> Path:
        app = root / f"app{abs(hash(program))}"
        app.mkdir(exist_ok=True)
        (app / "go.mod").write_text("module app\n\ngo 1.18\n")
        (app / "main.go").write_text(program)
        variant = parse_variant(spec)
        try:
            toolchain = toolchains.ensure(variant.get("go") or "local")
        except toolchains.MissingToolchain as error:
            pytest.skip(f"SKIPPED {spec}: {error}")
        return builder.build(variant, Source(kind="main", directory=app, without_cgo=True), toolchain).path

    return get
