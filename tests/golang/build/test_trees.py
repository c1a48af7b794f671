"""Every kind of tree is built as Go builds it, and left exactly as it was (the workbench compares it)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from whence.golang.build import BuildError

pytestmark = pytest.mark.real

HELLO = 'package main\n\nfunc main() { println("hello") }\n'
MOD = "module example.com/app\n\ngo 1.21\n"
GREETING = 'package main\n\nimport "corp.example/greet"\n\nfunc main() { println(greet.Hello()) }\n'
USES_LIB = 'package main\n\nimport "example.com/lib"\n\nfunc main() { println(lib.Name()) }\n'
LIB = 'package lib\n\nfunc Name() string { return "NAME" }\n'
LIB_MOD = "module example.com/lib\n\ngo 1.20\n"
REPLACED = MOD + "\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n"
NEEDS_GREET = MOD + "\nrequire corp.example/greet v1.0.0\n"


def test_a_plain_module_is_built_and_a_second_build_starts_no_go(bench, monkeypatch):
    bench.files({"app/go.mod": MOD, "app/main.go": HELLO})
    first = bench.build()
    assert not first.cached and first.toolchain == bench.go.version and first.size_bytes > 100_000
    monkeypatch.setattr(subprocess, "run", None)
    monkeypatch.setattr(subprocess, "Popen", None)
    second = bench.build()
    assert second.cached and (second.path, second.sha256) == (first.path, first.sha256)


def test_a_module_without_go_sum_gets_none(bench, proxy, monkeypatch):
    monkeypatch.setenv("GOFLAGS", "-modcacherw -mod=mod")
    bench.files({"app/go.mod": NEEDS_GREET, "app/main.go": GREETING})
    assert bench.says() == "one"
    assert not (bench.user / "app/go.sum").exists()


def test_what_go_refuses_for_a_missing_sum_is_refused_in_its_words(bench, proxy):
    bench.files({"app/go.mod": NEEDS_GREET, "app/main.go": GREETING})
    with pytest.raises(BuildError, match=r"missing go\.sum entry"):
        bench.build()


def test_a_relative_replace_leads_where_it_led(bench):
    bench.files({"app/go.mod": REPLACED, "app/main.go": USES_LIB})
    bench.files({"lib/go.mod": LIB_MOD, "lib/lib.go": LIB})
    assert bench.says() == "NAME"
    bench.files({"lib/lib.go": LIB.replace("NAME", "changed")})
    assert bench.says() == "changed"


def test_a_workspace_joins_its_modules(bench):
    bench.files({"go.work": "go 1.21\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod": MOD, "app/main.go": USES_LIB})
    bench.files({"lib/go.mod": LIB_MOD, "lib/lib.go": LIB})
    assert bench.says() == "NAME"
    bench.files({"lib/lib.go": LIB.replace("NAME", "changed")})
    assert bench.says() == "changed"


def test_a_workspace_gets_no_go_work_sum(bench, proxy):
    bench.files({"go.work": "go 1.21\n\nuse ./app\n", "app/go.mod": NEEDS_GREET, "app/main.go": GREETING})
    assert bench.says() == "one"
    assert not (bench.user / "go.work.sum").exists()
    assert bench.says("mod.corp.example/greet=v1.2.0") == "three"


def test_the_users_gowork_is_respected(bench, monkeypatch):
    bench.files({"go.work": "go 1.21\n\nuse ./lib\n", "app/go.mod": REPLACED, "app/main.go": USES_LIB})
    bench.files({"lib/go.mod": LIB_MOD, "lib/lib.go": LIB})
    with pytest.raises(BuildError, match=r"go\.work"):
        bench.build()
    monkeypatch.setenv("GOWORK", "off")
    assert bench.says() == "NAME"


def test_a_vendor_directory_is_built_from(bench, proxy):
    bench.files({"app/go.mod": NEEDS_GREET, "app/main.go": GREETING})
    bench.files({"app/vendor/modules.txt": "# corp.example/greet v1.0.0\n## explicit; go 1.20\ncorp.example/greet\n"})
    vendored = 'package greet\n\nfunc Hello() string { return "vendored" }\n'
    bench.files({"app/vendor/corp.example/greet/greet.go": vendored})
    assert bench.says() == "vendored"
    assert bench.says("goline=1.20") == "vendored"
    bench.files({"app/vendor/corp.example/greet/greet.go": vendored.replace("vendored", "patched")})
    assert bench.says() == "patched"


def test_another_version_of_a_vendored_module_comes_from_the_proxy(bench, proxy):
    bench.files({"app/go.mod": NEEDS_GREET, "app/main.go": GREETING})
    bench.files({"app/vendor/modules.txt": "# corp.example/greet v1.0.0\n## explicit; go 1.20\ncorp.example/greet\n"})
    bench.files({"app/vendor/corp.example/greet/greet.go": "package greet\n"})
    assert bench.says("mod.corp.example/greet=v1.1.0") == "two"


def test_a_vendored_workspace_is_built_from_its_vendor_directory(bench):
    bench.files({"go.work": "go 1.22\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod": MOD, "app/main.go": USES_LIB})
    bench.files({"lib/go.mod": LIB_MOD, "lib/lib.go": LIB, "vendor/modules.txt": "## workspace\n"})
    assert bench.says() == "NAME"


def test_embedded_files_belong_to_the_program_and_others_do_not(bench):
    program = (
        'package main\n\nimport _ "embed"\n\n//go:embed data/*.txt\nvar text string\n\nfunc main() { print(text) }\n'
    )
    bench.files({"app/go.mod": MOD, "app/main.go": program, "app/data/a.txt": "first", "app/README.md": "x"})
    assert bench.says() == "first"
    bench.files({"app/README.md": "y", "app/whence-runs/1/journal.jsonl": "{}"})
    assert bench.build().cached
    bench.files({"app/data/a.txt": "second"})
    assert bench.says() == "second"


def test_cgo_is_built_with_the_users_c_compiler(bench):
    if shutil.which("gcc") is None:
        pytest.skip("SKIPPED no C compiler")
    program = """package main

// #include "answer.h"
import "C"

func main() { println(int(C.answer())) }
"""
    bench.files({"app/go.mod": MOD, "app/main.go": program, "app/answer.h": "int answer(void);\n"})
    bench.files({"app/answer.c": '#include "answer.h"\nint answer(void) { return 41; }\n'})
    assert bench.says() == "41"
    bench.files({"app/answer.c": '#include "answer.h"\nint answer(void) { return 42; }\n'})
    assert bench.says() == "42"


def test_a_private_module_is_fetched_from_its_own_repository(bench, tmp_path, monkeypatch):
    repository = tmp_path / "remote"
    files = {"go.mod": "module corp.example/secret.git\n\ngo 1.20\n", "secret.go": "package secret\n\nconst Word = 7\n"}
    for name, text in files.items():
        repository.mkdir(exist_ok=True)
        (repository / name).write_text(text)
    git(repository, "init", "--quiet")
    commit_all(repository, "one")
    git(repository, "tag", "v1.0.0")
    configuration = tmp_path / "gitconfig"
    configuration.write_text(f'[url "file://{repository}"]\n\tinsteadOf = https://corp.example/secret\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https:file")
    monkeypatch.setenv("GOPROXY", "https://proxy.invalid")
    monkeypatch.setenv("GOPRIVATE", "corp.example")
    monkeypatch.setenv("GOFLAGS", "-modcacherw -mod=mod")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modcache"))
    bench.files({"app/go.mod": MOD + "\nrequire corp.example/secret.git v1.0.0\n"})
    bench.files(
        {"app/main.go": 'package main\n\nimport "corp.example/secret.git"\n\nfunc main() { println(secret.Word) }\n'}
    )
    assert bench.says() == "7"


def test_a_toolchain_line_does_not_switch_the_toolchain(bench, monkeypatch):
    monkeypatch.setenv("GOTOOLCHAIN", "go1.99.0")
    bench.files({"app/go.mod": MOD + "\ntoolchain go1.99.0\n", "app/main.go": HELLO})
    assert bench.build().toolchain == bench.go.version


def test_the_test_binary_of_a_package_is_built_with_its_test_files(bench):
    test = 'package lib\n\nimport "testing"\n\nfunc BenchmarkName(b *testing.B) { _ = Name() }\n'
    bench.files({"lib/go.mod": LIB_MOD, "lib/lib.go": LIB, "lib/lib_test.go": test})
    built = bench.build(where="lib", kind="test")
    said = subprocess.run([built.path, "-test.bench=.", "-test.run=^$"], capture_output=True, text=True, check=True)
    assert "BenchmarkName" in said.stdout
    bench.files({"lib/lib_test.go": test.replace("BenchmarkName", "BenchmarkOther")})
    assert not bench.build(where="lib", kind="test").cached


def git(where: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *identity, *arguments], cwd=where, check=True, capture_output=True, text=True).stdout


def commit_all(where: Path, message: str) -> str:
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "-m", message)
    return git(where, "rev-parse", "HEAD").strip()
