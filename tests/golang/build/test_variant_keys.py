"""Every build key of a variant does to the program what it says, and nothing to the tree."""

from __future__ import annotations

import json
import platform

import pytest

from whence.evidence.variant import parse_variant
from whence.golang.build import BuildError, Source, UnbuildableVariant

pytestmark = pytest.mark.real

MOD = "module example.com/app\n\ngo 1.21\n"
HELLO = 'package main\n\nfunc main() { println("hello") }\n'
GREETING = 'package main\n\nimport "corp.example/greet"\n\nfunc main() { println(greet.Hello()) }\n'
LOOP = """package main

func main() {
	var calls []func() int
	for i := 0; i < 3; i++ {
		calls = append(calls, func() int { return i })
	}
	println(calls[0]())
}
"""


def needs_greet(bench, proxy, version="v1.1.0"):
    bench.files({"app/go.mod": f"{MOD}\nrequire corp.example/greet {version}\n", "app/main.go": GREETING})


def test_goline_changes_the_language_and_drops_the_toolchain_line(bench):
    bench.files({"app/go.mod": MOD + "\ntoolchain go1.21.3\n", "app/main.go": LOOP})
    assert bench.says() == "3"
    assert bench.says("goline=1.22") == "0"


def test_goline_changes_the_language_in_a_workspace(bench):
    bench.files({"go.work": "go 1.21\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod": MOD, "app/main.go": LOOP})
    bench.files({"lib/go.mod": "module example.com/lib\n\ngo 1.20\n", "lib/lib.go": "package lib\n"})
    assert bench.says() == "3"
    assert bench.says("goline=1.22") == "0"


def test_goline_that_a_required_module_forbids_is_refused(bench, proxy):
    newer = "module corp.example/newer\n\ngo 1.23\n"
    proxy.publish("corp.example/newer", "v1.0.0", {"go.mod": newer, "newer.go": "package newer\n"})
    bench.files({"app/go.mod": "module example.com/app\n\ngo 1.24\n\nrequire corp.example/newer v1.0.0\n"})
    bench.files({"app/main.go": 'package main\n\nimport _ "corp.example/newer"\n\nfunc main() {}\n'})
    with pytest.raises(BuildError, match=r"goline=1\.22.*\n.*1\.23"):
        bench.build("goline=1.22")


@pytest.mark.parametrize(
    ("version", "said"), [("v1.2.0", "three"), ("v1.0.0", "one"), ("latest", "three")], ids=["up", "down", "query"]
)
def test_mod_takes_another_version_of_a_module(bench, proxy, version, said):
    needs_greet(bench, proxy)
    assert bench.says(f"mod.corp.example/greet={version}") == said
    assert bench.build(f"mod.corp.example/greet={version}").cached


def test_mod_overrules_a_replacement(bench, proxy):
    bench.files({"local/go.mod": "module corp.example/greet\n", "local/greet.go": "package greet\n"})
    bench.files({"app/main.go": GREETING})
    bench.files({"app/go.mod": MOD + "\nrequire corp.example/greet v1.0.0\n\nreplace corp.example/greet => ../local\n"})
    assert bench.says("mod.corp.example/greet=v1.1.0") == "two"


def test_mod_that_cannot_be_had_is_told_with_gos_words(bench, proxy):
    needs_greet(bench, proxy)
    with pytest.raises(BuildError, match=r"variant mod\.corp\.example/greet=v9\.9\.9 cannot have") as caught:
        bench.build("mod.corp.example/greet=v9.9.9")
    assert "v9.9.9" in str(caught.value).splitlines()[1] and len(str(caught.value).splitlines()) <= 4


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("mod.corp.example/other=v1.0.0", r"does not depend on it \(it requires corp\.example/greet\)"),
        ("mod.corp.example/greet=1.0.0", r"Write mod\.corp\.example/greet=v1\.0\.0"),
        ("mod.example.com/app=v1.0.0", r"own module"),
    ],
)
def test_mod_without_effect_is_refused(bench, proxy, spec, said):
    needs_greet(bench, proxy)
    with pytest.raises(UnbuildableVariant, match=said):
        bench.build(spec)


def test_tags_select_files(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": "package main\n\nfunc main() { println(one, two) }\n"})
    for name in ("one", "two"):
        bench.files({f"app/{name}.go": f"//go:build {name}\n\npackage main\n\nconst {name} = true\n"})
        bench.files({f"app/no{name}.go": f"//go:build !{name}\n\npackage main\n\nconst {name} = false\n"})
    assert bench.says() == "false false"
    assert bench.says("tags=one") == "true false"
    assert bench.says("tags=one+two") == bench.says("tags=one\\,two") == "true true"


def test_the_users_goflags_hold_where_the_variant_is_silent(bench, monkeypatch):
    bench.files({"app/go.mod": MOD, "app/main.go": 'package main\n\nvar word = "-"\n\nfunc main() { println(word) }\n'})
    monkeypatch.setenv("GOFLAGS", "'-ldflags=-X main.word=flags' -v -buildvcs=true")
    assert bench.says() == "flags"
    assert bench.says("ldflags=-X main.word=variant") == "variant"
    assert bench.says("ldflags=") == "-"


def test_ldflags_live_beside_a_random_layout(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": 'package main\n\nvar word = "-"\n\nfunc main() { println(word) }\n'})
    from_seed = {seed: bench.build("ldflags=-X main.word=set -s -w", layout_seed=seed) for seed in (None, 1, 2)}
    assert len({built.sha256 for built in from_seed.values()}) == 3
    assert {run_program(built) for built in from_seed.values()} == {"set"}
    assert [built.layout_seed for built in from_seed.values()] == [None, 1, 2]


def test_gcflags_reach_the_compiler(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": "package main\n\nfunc main() { println(f()) }\n"})
    bench.files({"app/f.go": "package main\n\nfunc f() int { return 1 }\n"})
    assert bench.build("gcflags=-N -l").sha256 != bench.build().sha256
    with pytest.raises(BuildError, match=r"flag provided but not defined"):
        bench.build("gcflags=-nosuchflag")


def test_overlay_replaces_files_of_the_program_and_of_the_toolchain(bench):
    program = 'package main\n\nimport "container/ring"\n\nfunc main() { println(word, ring.New(3).Len()) }\n'
    bench.files({"app/go.mod": MOD, "app/main.go": program, "app/word.go": 'package main\n\nconst word = "old"\n'})
    bench.files({"new/word.go": 'package main\n\nconst word = "new"\n'})
    ring = (bench.go.goroot / "src/container/ring/ring.go").read_text()
    bench.files({"new/ring.go": ring.replace("func (r *Ring) Len() int {", "func (r *Ring) Len() int {\n\treturn 77")})
    bench.files({"o.json": json.dumps({"Replace": {"app/word.go": "new/word.go"}})})
    bench.files({"goroot.json": json.dumps({"Replace": {"$GOROOT/src/container/ring/ring.go": "new/ring.go"}})})
    assert bench.says() == "old 3"
    assert bench.says("overlay=o.json") == "new 3"
    assert bench.says("overlay=goroot.json") == "old 77"
    bench.files({"new/word.go": 'package main\n\nconst word = "newer"\n'})
    assert bench.says("overlay=o.json") == "newer 3"


@pytest.mark.parametrize(
    ("spec", "content", "said"),
    [
        ("overlay=none.json", None, r"overlay=\S+none\.json cannot be read"),
        ("overlay=o.json", "{]", r"overlay=\S+o\.json is not"),
        ("overlay=o.json", '{"Replace": {"app/main.go": "gone.go"}}', r"no file gone\.go"),
        ("pgo=none.pgo", None, r"pgo=\S+none\.pgo: there is no such profile"),
        ("goamd64=v9", None, r"goamd64=v9 is no level"),
    ],
)
def test_files_that_are_not_there_are_refused_before_a_build(bench, spec, content, said):
    bench.files({"app/go.mod": MOD, "app/main.go": HELLO})
    if content is not None:
        bench.files({"o.json": content})
    with pytest.raises(UnbuildableVariant, match=said):
        bench.build(spec)


@pytest.mark.slow
def test_switches_that_compile_the_library_anew(bench, tmp_path):
    """experiment=, goamd64= and pgo= each build the runtime once more, some ten seconds."""
    bench.files({"app/go.mod": MOD, "app/main.go": "package main\n\nfunc main() { println(level, tea) }\n"})
    bench.files({"app/v1.go": "//go:build !amd64.v3\n\npackage main\n\nconst level = 1\n"})
    bench.files({"app/v3.go": "//go:build amd64.v3\n\npackage main\n\nconst level = 3\n"})
    bench.files({"app/a.go": "//go:build goexperiment.fieldtrack\n\npackage main\n\nconst tea = true\n"})
    bench.files({"app/b.go": "//go:build !goexperiment.fieldtrack\n\npackage main\n\nconst tea = false\n"})
    assert bench.says("experiment=fieldtrack") == "1 true"
    if platform.machine() == "x86_64":
        built = bench.build("goamd64=v3")
        assert b"GOAMD64=v3" in built.path.read_bytes()
    (bench.user / "empty.pgo").write_bytes(b"")
    assert bench.says("pgo=empty.pgo") == "1 false"
    assert bench.key("pgo=empty.pgo") != bench.key("pgo=off")


def run_program(built):
    import subprocess

    return subprocess.run([built.path], capture_output=True, text=True, check=True).stderr.strip()


def test_layouts_are_linked_together_and_come_back_in_order(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": HELLO})
    source = Source(kind="main", directory=bench.user / "app")
    variant = parse_variant("base:")
    built = bench.builder.link_layouts(variant, source, bench.go, [3, 1, 2, 1])
    assert [b.layout_seed for b in built] == [3, 1, 2, 1]
    assert built[1] == built[3] and len({b.sha256 for b in built}) == 3
    assert [text for text in bench.heard if "layout" in text] == ["base: layout 2 of 3", "base: layout 3 of 3"]
    assert bench.builder.build(variant, source, bench.go, layout_seed=2).cached
    assert bench.builder.binary_size(variant, source, bench.go) == bench.build().size_bytes
