"""What the compiler says of a variant: with that variant's settings, files named from the package, nothing touched."""

from __future__ import annotations

import pytest

from whence.evidence.variant import parse_variant
from whence.golang.build import Source

from .conftest import Workbench, untouched

pytestmark = pytest.mark.real

FILES = {
    "go.mod": "module example.org/tree\n\ngo 1.22\n",
    "cmd/app/main.go": (
        'package main\n\nimport "example.org/tree/inner"\n\nfunc main() {\n\tvar at int\n\t_ = inner.Keep(&at)\n'
        "\tfor i := 0; i < 3; i++ {\n\t\t_ = inner.Keep(&i)\n\t}\n}\n"
    ),
    "cmd/app/tagged.go": "//go:build extra\n\npackage main\n\nvar extra = func() *int { n := 7; return &n }()\n",
    "inner/inner.go": (
        "package inner\n\nvar kept *int\n\nfunc Keep(p *int) *int {\n\tkept = p\n\treturn p\n}\n\n"
        "func New() *int {\n\tn := 1\n\treturn &n\n}\n"
    ),
}


def _said(bench: Workbench, spec: str) -> list[str]:
    bench.files(FILES)
    source = Source(kind="main", directory=bench.user / "cmd" / "app")
    with untouched(bench.user):
        return bench.builder.decisions(parse_variant(spec), source, bench.go).splitlines()


def test_files_are_named_from_the_package_and_other_packages_of_the_module_are_told_too(bench: Workbench) -> None:
    said = _said(bench, "base:")
    assert "main.go:6:6: moved to heap: at" in said
    assert "../../inner/inner.go:11:2: moved to heap: n" in said


def test_it_is_the_variant_that_is_compiled(bench: Workbench) -> None:
    assert not [line for line in _said(bench, "base:") if line.startswith("tagged.go")]
    assert [line for line in _said(bench, "tags=extra") if line.startswith("tagged.go")]


def test_loop_variables_of_their_own_are_told_where_the_go_line_has_them(bench: Workbench) -> None:
    told = "main.go:8:6: loop variable i now per-iteration, heap-allocated"
    assert told in _said(bench, "base:")
    assert told not in _said(bench, "goline=1.21")


def test_flags_of_the_variant_apply_to_what_is_told(bench: Workbench) -> None:
    assert any("inlining call to inner.Keep" in line for line in _said(bench, "base:"))
    assert not any("inlining call to inner.Keep" in line for line in _said(bench, "gcflags=-l"))
