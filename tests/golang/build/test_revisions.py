"""`ref=` builds another revision, and leaves nothing in the repository."""

from __future__ import annotations

import subprocess

import pytest

from whence.golang.build import UnbuildableVariant

pytestmark = pytest.mark.real

MOD = "module example.com/app\n\ngo 1.21\n"


def program(word: str) -> str:
    return f'package main\n\nfunc main() {{ println("{word}") }}\n'


def git(where, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *identity, *arguments], cwd=where, check=True, capture_output=True, text=True).stdout


def commit(bench, files: dict[str, str]) -> str:
    bench.files(files)
    if not (bench.user / ".git").exists():
        git(bench.user, "init", "--quiet", "--initial-branch=main")
    git(bench.user, "add", "--all")
    git(bench.user, "commit", "--quiet", "-m", "change")
    return git(bench.user, "rev-parse", "HEAD").strip()


def test_each_revision_is_built_and_the_working_tree_stays_what_it_is(bench):
    first = commit(bench, {"app/go.mod": MOD, "app/main.go": program("first")})
    commit(bench, {"app/main.go": program("second")})
    bench.files({"app/main.go": program("uncommitted")})
    assert bench.says(f"ref={first}") == "first"
    assert bench.says("ref=main") == "second"
    assert bench.says("ref=HEAD~1") == "first"
    assert bench.says() == "uncommitted"
    assert git(bench.user, "worktree", "list").count("\n") == 1


def test_a_checkout_is_made_once_a_commit(bench):
    commit(bench, {"app/go.mod": MOD, "app/main.go": program("first")})
    bench.build("ref=HEAD")
    (checkout,) = (bench.cache / "checkouts").glob("??/*/tree")
    before = (checkout / "app/main.go").stat().st_ino
    assert bench.build("ref=main").cached
    assert (checkout / "app/main.go").stat().st_ino == before


def test_a_damaged_checkout_is_made_again(bench):
    commit(bench, {"app/go.mod": MOD, "app/main.go": program("first")})
    bench.build("ref=HEAD")
    (checkout,) = (bench.cache / "checkouts").glob("??/*/tree")
    (checkout / "app/main.go").write_text(program("tampered"))
    assert bench.says("ref=HEAD") == "first"


def test_modules_beside_it_come_from_the_revision_and_others_from_where_they_are(bench, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "go.mod").write_text("module example.com/outside\n")
    (outside / "o.go").write_text('package outside\n\nconst Word = "outside"\n')
    mod = MOD + "\nrequire (\n\texample.com/lib v0.0.0\n\texample.com/outside v0.0.0\n)\n"
    mod += "\nreplace (\n\texample.com/lib => ../lib\n\texample.com/outside => ../../outside\n)\n"
    main = """package main

import (
	"example.com/lib"
	"example.com/outside"
)

func main() { println(lib.Word, outside.Word) }
"""
    files = {"app/go.mod": mod, "app/main.go": main, "lib/go.mod": "module example.com/lib\n"}
    commit(bench, files | {"lib/lib.go": 'package lib\n\nconst Word = "old"\n'})
    commit(bench, {"lib/lib.go": 'package lib\n\nconst Word = "new"\n'})
    assert bench.says("ref=HEAD~1") == "old outside"
    assert bench.says("ref=HEAD") == "new outside"


def test_a_workspace_of_the_revision_applies(bench):
    main = 'package main\n\nimport "example.com/lib"\n\nfunc main() { println(lib.Word) }\n'
    files = {"go.work": "go 1.21\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod": MOD, "app/main.go": main}
    files |= {"lib/go.mod": "module example.com/lib\n"}
    commit(bench, files | {"lib/lib.go": 'package lib\n\nconst Word = "old"\n'})
    bench.files({"lib/lib.go": 'package lib\n\nconst Word = "new"\n'})
    assert bench.says("ref=HEAD") == "old"
    assert bench.says() == "new"


def test_a_revision_that_is_not_there_is_refused(bench):
    commit(bench, {"other/go.mod": MOD, "other/main.go": program("other")})
    commit(bench, {"app/go.mod": MOD, "app/main.go": program("app")})
    with pytest.raises(UnbuildableVariant, match=r"ref=nowhere is no revision"):
        bench.build("ref=nowhere")
    with pytest.raises(UnbuildableVariant, match=r"ref=HEAD~1 has no directory app"):
        bench.build("ref=HEAD~1")


def test_a_tree_without_git_is_refused(bench):
    bench.files({"app/go.mod": MOD, "app/main.go": program("app")})
    with pytest.raises(UnbuildableVariant, match=r"needs a git repository"):
        bench.build("ref=HEAD")
