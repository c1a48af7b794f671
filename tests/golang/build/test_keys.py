"""The key of a build changes exactly when something does that the program depends on."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whence.evidence.variant import parse_variant
from whence.golang.build import Builder, Source
from whence.golang.build.source_hash import SourceHasher
from whence.golang.installation import Toolchain

GO = Toolchain(version="1.26.8", goroot=Path("/nowhere"), go=Path("/nowhere/bin/go"), origin="module")
FILES = {
    "go.work": "go 1.21\n\nuse ./app\n",
    "app/go.mod": "module example.com/app\n\ngo 1.21\n\nreplace example.com/lib => ../lib\n",
    "app/go.sum": "",
    "app/main.go": 'package main\n\nimport "embed"\n\n//go:embed page.html static all:hidden\nvar x embed.FS\n',
    "app/page.html": "<p>",
    "app/static/a.css": "a",
    "app/static/deep/b.css": "b",
    "app/hidden/.c": "c",
    "app/internal/part/part.go": "package part\n",
    "app/code.s": "",
    "app/default.pgo": "profile",
    "app/main_test.go": "package main\n",
    "app/README.md": "words",
    "app/notes.txt": "words",
    "app/whence-runs/1/journal.jsonl": "{}",
    "app/.git/HEAD": "ref",
    "app/.cache/x.go": "package x\n",
    "app/nested/go.mod": "module example.com/nested\n",
    "app/nested/n.go": "package nested\n",
    "lib/go.mod": "module example.com/lib\n",
    "lib/lib.go": "package lib\n",
    "lib/lib_test.go": "package lib\n",
    "lib/doc.md": "words",
    "other/other.go": "package other\n",
    "o.json": '{"Replace": {"app/code.s": "replacement.s"}}',
    "replacement.s": "",
    "x.pgo": "profile",
}
PART_OF_THE_PROGRAM = frozenset(
    {
        "go.work", "app/go.mod", "app/go.sum", "app/main.go", "app/page.html", "app/static/a.css",
        "app/static/deep/b.css", "app/hidden/.c", "app/internal/part/part.go", "app/code.s", "app/default.pgo",
        "lib/go.mod", "lib/lib.go", "replacement.s", "x.pgo",
    }
)  # fmt: skip
SPEC = "v:overlay=o.json,pgo=x.pgo"


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch):
    for name in [n for n in os.environ if n.startswith(("GO", "CGO_", "CC"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOENV", "off")
    monkeypatch.setattr(subprocess, "Popen", None)  # A key is found without starting anything.


def tree(root: Path) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def key(root: Path, spec: str = SPEC, *, kind: str = "main", where: str = "app", go=GO, **keywords) -> str:
    source = Source(kind=kind, directory=root / where)  # type: ignore[arg-type]
    return Builder(root / "cache", directory=root).key(parse_variant(spec), source, go, **keywords)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(FILES)), text=st.text("ab{}\n /", min_size=1, max_size=9))
def test_the_key_follows_the_files_of_the_program_and_no_others(tmp_path, name, text):
    root = tree(tmp_path)
    before = key(root)
    path = root / name
    if name.endswith(("go.mod", "go.work", "main.go")):
        path.write_text(FILES[name] + "// " + text.replace("\n", " ") + "\n")
    elif name != "o.json":
        path.write_text(FILES[name] + text)
    assert (key(root) != before) == (name in PART_OF_THE_PROGRAM)
    path.write_text(FILES[name])
    assert key(root) == before


def test_files_that_come_and_go_count_as_changes(tmp_path):
    root = tree(tmp_path)
    keys = [key(root)]
    (root / "app/new.go").write_text("package main\n")
    keys.append(key(root))
    (root / "app/new.go").rename(root / "app/renamed.go")
    keys.append(key(root))
    (root / "app/static/c.css").write_text("c")
    keys.append(key(root))
    assert len(set(keys)) == 4


def test_only_the_packages_own_tests_count_for_a_test_binary(tmp_path):
    root = tree(tmp_path)
    before = key(root, kind="test")
    (root / "lib/lib_test.go").write_text("package lib // changed\n")
    assert key(root, kind="test") == before
    (root / "app/main_test.go").write_text("package main // changed\n")
    assert key(root, kind="test") != before


SPECS = [
    "v:", "v:goline=1.20", "v:goline=1.22", "v:experiment=a", "v:experiment=a+b", "v:gcflags=-N", "v:ldflags=-s",
    "v:ldflags=", "v:tags=a", "v:tags=a+b", "v:goamd64=v3", "v:pgo=off", "v:pgo=x.pgo", "v:overlay=o.json",
]  # fmt: skip


def test_every_build_setting_has_a_key_of_its_own(tmp_path):
    root = tree(tmp_path)
    keys = {spec: key(root, spec) for spec in SPECS}
    keys |= {f"seed {n}": key(root, "v:", layout_seed=n) for n in (1, 2)}
    keys["test"] = key(root, "v:", kind="test")
    keys["release"] = key(root, "v:", go=msgspec.structs.replace(GO, version="1.26.7"))
    keys["package"] = key(root, "v:", where="app/internal/part")
    assert len(set(keys.values())) == len(keys), json.dumps(keys, indent=1)


def test_settings_of_the_run_have_no_part_in_the_key(tmp_path):
    root = tree(tmp_path)
    expected = key(root, "v:")
    for spec in ("other:", "GOGC=50", "debug.gctrace=1", "cpu=0.5,memory=256MiB", "arg.size=3", "tags="):
        assert key(root, spec) == expected


def test_the_users_build_settings_are_in_the_key_and_others_are_not(tmp_path, monkeypatch):
    root = tree(tmp_path)
    expected = key(root, "v:")
    for name, value in (("GOFLAGS", "-v"), ("GOPROXY", "off"), ("GOTOOLCHAIN", "auto"), ("TZ", "UTC"), ("GOGC", "5")):
        monkeypatch.setenv(name, value)
    assert key(root, "v:") == expected
    for name, value in (("GOFLAGS", "-tags=x"), ("CGO_CFLAGS", "-O3"), ("GOAMD64", "v2"), ("CPATH", "/opt/include")):
        monkeypatch.setenv("CGO_ENABLED", "1")
        with_cgo = key(root, "v:")
        with monkeypatch.context() as patched:
            patched.setenv(name, value)
            assert key(root, "v:") != with_cgo, name


def test_where_the_tree_lies_matters_only_to_programs_that_can_hold_it(tmp_path, monkeypatch):
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert key(one, "v:") == key(two, "v:")
    monkeypatch.setenv("GOFLAGS", "-trimpath=false")
    assert key(one, "v:") != key(two, "v:")
    monkeypatch.delenv("GOFLAGS")
    for root in (one, two):
        (root / "app/c.go").write_text('package main\n\n// int x;\nimport "C"\n')
    assert key(one, "v:") != key(two, "v:")


def test_a_go_that_a_person_can_edit_is_known_by_its_files(tmp_path):
    root = tree(tmp_path)
    goroot = tmp_path / "goroot"
    for name in ("src/runtime/malloc.go", "bin/go", "pkg/tool/linux_amd64/compile"):
        (goroot / name).parent.mkdir(parents=True, exist_ok=True)
        (goroot / name).write_text("x")
    mine = Toolchain(version="1.26.8", goroot=goroot, go=goroot / "bin/go", origin="goroot")
    before = key(root, "v:", go=mine)
    assert key(root, "v:", go=mine) == before != key(root, "v:")
    (goroot / "src/runtime/malloc.go").write_text("edited")
    assert key(root, "v:", go=mine) != before


def test_a_hash_is_not_computed_twice_for_an_unchanged_file(tmp_path, monkeypatch):
    root = tree(tmp_path)
    hasher = SourceHasher()
    first = hasher.scan([root / "app"])
    read: list[Path] = []
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self) or b"")
    assert hasher.scan([root / "app"]) == first and read == []
