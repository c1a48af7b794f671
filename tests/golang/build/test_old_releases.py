"""Releases without -modfile (1.11 to 1.13) and without modules (before 1.11) build from a copy."""

from __future__ import annotations

import subprocess

import pytest

from whence.evidence.variant import parse_variant
from whence.golang.build import Source

pytestmark = [pytest.mark.real, pytest.mark.network]

HELLO = 'package main\n\nfunc main() { println("hello") }\n'


def test_a_program_of_one_package_is_built_without_modules(bench, release):
    bench.files({"app/go.mod": "module example.com/app\n\ngo 1.11\n", "app/main.go": HELLO})
    source = Source(kind="main", directory=bench.user / "app", legacy_ok=True)
    go = release("1.10.8")
    first = bench.builder.build(parse_variant("tags=x,ldflags=-s -w"), source, go, layout_seed=3)
    assert subprocess.run([first.path], capture_output=True, text=True).stderr == "hello\n"
    assert first.layout_seed is None and first.toolchain == "1.10.8"
    assert bench.builder.build(parse_variant("tags=x,ldflags=-s -w"), source, go, layout_seed=4).cached


def test_a_module_is_built_from_a_copy_with_its_replacements(bench, release):
    mod = "module example.com/app\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n"
    main = 'package main\n\nimport "example.com/lib"\n\nfunc main() { println(lib.Name()) }\n'
    bench.files({"app/go.mod": mod, "app/cmd/main.go": main})
    bench.files({"lib/go.mod": "module example.com/lib\n", "lib/lib.go": "package lib\n\n"})
    bench.files({"lib/lib.go": 'package lib\n\nfunc Name() string { return "old lib" }\n'})
    assert bench.says(where="app/cmd", go=release("1.11.13")) == "old lib"
    assert bench.says("goline=1.11", where="app/cmd", go=release("1.11.13")) == "old lib"


def test_go119_from_the_module_cache_finds_the_main_modules_own_package(bench, release):
    bench.files({"app/go.mod": "module example.com/app\n\ngo 1.19\n", "app/main.go": HELLO})
    assert bench.says(go=release("1.19.13")) == "hello"
