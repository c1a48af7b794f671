"""What does not build is told in few words: the variant first, then what the compiler said, or one line of advice."""

from __future__ import annotations

import pytest

from whence.evidence.variant import parse_variant
from whence.golang.build import BuildError, Source, UnbuildableVariant
from whence.golang.installation import Toolchain

pytestmark = pytest.mark.real

MOD = "module example.com/app\n\ngo 1.21\n"
HELLO = 'package main\n\nfunc main() { println("hello") }\n'


def old(version: str, bench) -> Toolchain:
    """A release that is never run: what is refused here is refused before any process starts."""
    return Toolchain(version=version, goroot=bench.go.goroot, go=bench.go.go, origin="module")


def test_the_compilers_first_lines_are_shown_behind_the_variant(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": "package main\n\nfunc main() {\n\ta\n\tb\n\tc\n\td\n\te\n}\n"})
    with pytest.raises(BuildError) as caught:
        bench.build("new:tags=x")
    lines = str(caught.value).splitlines()
    assert lines[0] == f"variant new does not build with Go {bench.go.version}:"
    assert lines[1] == "  ./main.go:4:2: undefined: a"
    assert len(lines) == 4 and caught.value.exit_code == 2


def test_a_failed_build_leaves_nothing_in_the_cache_and_is_tried_again(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": "package main\n\nfunc main() { broken() }\n"})
    for _ in range(2):
        with pytest.raises(BuildError, match="undefined: broken"):
            bench.build()
    assert not [p for p in (bench.cache / "builds").rglob("*") if p.is_file() and not p.name.endswith(".lock")]


def test_a_package_that_is_no_program_is_refused(bench):
    bench.files({"app/go.mod": MOD, "app/lib.go": "package lib\n"})
    with pytest.raises(UnbuildableVariant, match=r"holds no program"):
        bench.build()


def test_a_package_without_tests_is_refused(bench):
    bench.files({"app/go.mod": MOD, "app/lib.go": "package lib\n"})
    with pytest.raises(UnbuildableVariant, match=r"has no tests"):
        bench.build(kind="test")


def test_a_directory_outside_any_module_is_refused(bench):
    bench.files({"app/main.go": HELLO})
    with pytest.raises(UnbuildableVariant, match=r"is in no Go module\. Run `go mod init"):
        bench.build()


def test_a_go_line_newer_than_the_toolchain_names_both_and_the_ways_out(bench):
    bench.files({"app/go.mod": "module example.com/app\n\ngo 1.25\n", "app/main.go": HELLO})
    with pytest.raises(UnbuildableVariant) as caught:
        bench.build("v:", go=old("1.24.3", bench))
    assert str(caught.value) == (
        "variant v: the module example.com/app asks for go 1.25, which Go 1.24.3 is too old for. "
        "Use go=1.25 or newer, or add goline=1.24."
    )


@pytest.mark.parametrize(
    ("version", "spec", "said"),
    [
        ("1.20.14", "goline=1.24", r"goline=1\.24 is newer than its toolchain, Go 1\.20\.14"),
        ("1.20.14", "goline=1.18.2", r"reads no go line 1\.18\.2\. Write goline=1\.18\."),
        ("1.15.15", "overlay=o.json", r"overlay= needs Go 1\.16 or newer, not 1\.15\.15"),
        ("1.17.13", "goamd64=v3", r"goamd64= needs Go 1\.18"),
        ("1.19.13", "pgo=x.pgo", r"pgo= needs Go 1\.20"),
        ("1.10.8", "mod.example.com/x=v1.0.0", r"needs Go 1\.11"),
        ("1.10.8", "tags=x", r"Go 1\.10\.8 knows no modules"),
    ],
)
def test_what_a_release_does_not_have_is_refused(bench, version, spec, said):
    bench.files({"app/go.mod": "module example.com/app\n\ngo 1.11\n", "app/main.go": HELLO})
    with pytest.raises(UnbuildableVariant, match=said):
        bench.build(spec, go=old(version, bench))


def test_a_workspace_that_asks_for_a_newer_go_is_refused(bench):
    bench.files({"go.work": "go 1.25\n\nuse ./app\n", "app/go.mod": MOD, "app/main.go": HELLO})
    with pytest.raises(UnbuildableVariant, match=r"go\.work asks for go 1\.25, which Go 1\.24\.3 is too old for"):
        bench.build(go=old("1.24.3", bench))
    with pytest.raises(UnbuildableVariant, match=r"lib/go\.mod asks for go 1\.25"):
        bench.files({"go.work": "go 1.25\n\nuse (\n\t./app\n\t./lib\n)\n"})
        bench.files({"lib/go.mod": "module example.com/lib\n\ngo 1.25\n"})
        bench.build("goline=1.20", go=old("1.24.3", bench))


def test_runtime_metrics_are_refused_where_the_runtime_has_no_exit_hook(bench):
    bench.files({"app/go.mod": "module example.com/app\n\ngo 1.11\n", "app/main.go": HELLO})
    with pytest.raises(UnbuildableVariant, match=r"Go 1\.19\.13 has no exit hook.*Use rss"):
        bench.build(go=old("1.19.13", bench), runtime_metrics=True)


def test_sources_that_change_during_the_build_are_not_kept_under_the_wrong_name(bench, monkeypatch):
    bench.files({"app/go.mod": MOD, "app/main.go": HELLO})
    from whence.golang.build import compile as compiling

    run_go = compiling.run_go

    def edit_while_building(*arguments, **keywords):
        bench.files({"app/main.go": HELLO.replace("hello", "changed")})
        return run_go(*arguments, **keywords)

    monkeypatch.setattr(compiling, "run_go", edit_while_building)
    source = Source(kind="main", directory=bench.user / "app")
    with pytest.raises(UnbuildableVariant, match=r"changed while it was being built"):
        bench.builder.build(parse_variant("base:"), source, bench.go)
