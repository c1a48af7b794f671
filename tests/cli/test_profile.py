"""`whence profile` from the command line: twins, filters, several values behind an option, one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from whence.cli.profile import spread

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
HEAP, MUTEX, LOG = (str(EXAMPLES / name) for name in ("heap.pb.gz", "mutex.pb.gz", "gctrace.log"))


def whence(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "whence"), "profile", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def document(*words: str, cwd: Path) -> dict:
    done = whence(*words, "--json", "-", "--quiet", cwd=cwd)
    assert not done.stderr
    return json.loads(done.stdout)


def test_the_twin_of_top_holds_every_function_in_the_unit_of_the_profile(tmp_path: Path) -> None:
    found = document("top", HEAP, cwd=tmp_path)
    assert found["schema"] == "whence.profile-top/1"
    assert (found["sample_type"], found["unit"]) == ("inuse_space", "bytes")
    assert sum(row["flat"] for row in found["functions"]) == found["total"]
    assert all(row["flat"] <= row["cum"] for row in found["functions"])
    chosen = document("top", HEAP, "--sample-type", "alloc_objects", cwd=tmp_path)
    assert chosen["sample_type"] == "alloc_objects" and chosen["unit"] == "count"


def test_several_files_are_added_up(tmp_path: Path) -> None:
    once, twice = document("top", HEAP, cwd=tmp_path), document("top", HEAP, HEAP, cwd=tmp_path)
    assert twice["total"] == 2 * once["total"]
    whence("merge", HEAP, HEAP, "-o", "sum.pb.gz", "--quiet", cwd=tmp_path)
    assert document("top", "sum.pb.gz", cwd=tmp_path) == twice
    whence("merge", "sum.pb.gz", "--less", HEAP, "-o", "rest.pb.gz", cwd=tmp_path)
    assert document("top", "rest.pb.gz", cwd=tmp_path)["functions"] == once["functions"]


def test_standard_input_is_read(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "whence"), "profile", "top", "-", "--json", "-"]
    done = subprocess.run(command, input=Path(HEAP).read_bytes(), capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout) == document("top", HEAP, cwd=tmp_path)


@pytest.mark.parametrize("name", ["x.folded", "x.speedscope.json", "x.otlp", "x.pb.gz"])
def test_every_format_that_is_written_is_read_with_the_same_values(name: str, tmp_path: Path) -> None:
    whence("convert", HEAP, "-o", name, "--sample-type", "inuse_space", cwd=tmp_path)
    one, other = document("top", HEAP, cwd=tmp_path), document("top", name, cwd=tmp_path)
    assert other["functions"] == one["functions"]


def test_show_writes_one_page_that_loads_nothing_and_prints_where(tmp_path: Path) -> None:
    done = whence("show", HEAP, cwd=tmp_path)
    page = (tmp_path / "whence-profile.html").read_text()
    assert "Report   whence-profile.html" in done.stdout
    assert "default-src 'none'" in page and "main.fill" in page
    peeked = document("show", HEAP, "--peek", "main.main$", cwd=tmp_path)["functions"][0]
    assert peeked["name"] == "main.main"
    assert [n["name"] for n in peeked["callers"]] == ["runtime.main"]
    tree = document("show", HEAP, "--tree", "--smallest", "0", cwd=tmp_path)
    assert tree["left_out"] == 0
    assert sum(node["self_value"] for node in tree["nodes"]) == tree["total"]


def test_diff_of_a_profile_with_itself_finds_nothing(tmp_path: Path) -> None:
    found = document("diff", "--base", HEAP, "--candidate", HEAP, cwd=tmp_path)
    assert found["schema"] == "whence.profile-diff/1"
    assert {row["verdict"] for row in found["functions"]} <= {"not-different", "too-few"}


def test_sites_and_gc_have_twins_and_pages(tmp_path: Path) -> None:
    assert document("sites", HEAP, cwd=tmp_path)["schema"] == "whence.profile-sites/1"
    assert document("gc", LOG, cwd=tmp_path)["schema"] == "whence.profile-gc/1"
    whence("sites", HEAP, "--html", "s.html", "--markdown", "s.md", cwd=tmp_path)
    whence("gc", LOG, "--html", "g.html", "--markdown", "g.md", cwd=tmp_path)
    for name in ("s.html", "g.html", "s.md", "g.md"):
        assert (tmp_path / name).stat().st_size > 500


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["top", "missing.pb.gz"], "missing.pb.gz"),
        (["top", "."], "directory"),
        (["top", HEAP, "--sample-type", "cpu"], "no sample type cpu"),
        (["top", HEAP, "--by", "colour"], "cannot be grouped by colour"),
        (["top", HEAP, "--by", "label:pod"], "no sample has the label pod"),
        (["top", HEAP, "--focus", "("], "--focus ( is no regular expression"),
        (["top", HEAP, "--sort", "name"], "neither flat nor cum"),
        (["top", HEAP, "--json", "/proc/nowhere"], "cannot be written"),
        (["show", HEAP, "--peek", "nothing-like-it"], "matches nothing-like-it"),
        (["show", HEAP, "--peek", "x", "--tree"], "two views"),
        (["merge", HEAP, MUTEX, "-o", "no.pb.gz"], "have no sum"),
        (["diff", HEAP], "two files"),
        (["diff", "--base", HEAP], "both sides"),
        (["diff", HEAP, MUTEX], "no sample type"),
        (["convert", HEAP], "does not say a format"),
        (["convert", HEAP, "--to", "perfetto"], "no time line"),
        (["sites", MUTEX], "not what was allocated"),
        (["gc", MUTEX], "no line of a collection"),
        (["gc", LOG, "--gogc", "much"], "no percentage"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(words: list[str], said: str, tmp_path: Path) -> None:
    done = whence(*words, cwd=tmp_path, code=2)
    assert said in done.stderr and done.stderr.count("\n") == 1
    assert not done.stdout and not list(tmp_path.iterdir())


def test_an_option_takes_every_value_up_to_the_next_option() -> None:
    shell = ["profile", "diff", "--base", "a", "b", "--candidate", "c", "d", "--seed", "3", "--quiet"]
    each = ["--base", "a", "--base", "b", "--candidate", "c", "--candidate", "d", "--seed", "3", "--quiet"]
    assert spread(shell) == ["profile", "diff", *each]
    assert spread(["compare", "--base", "a", "b"]) == ["compare", "--base", "a", "b"]
    assert spread(["profile", "diff", "a", "b"]) == ["profile", "diff", "a", "b"]
