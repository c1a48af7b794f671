"""`whence simulate run` and `recommend` from the command line: twins, grammar, one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from whence.cli.main import main

NUMBERS = ("--alloc-rate", "50MB/s", "--live", "10MB", "--duration", "5s", "--replicas", "8")


def whence(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "whence"), "simulate", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done


def test_variants_give_a_comparison_and_its_twins(tmp_path: Path) -> None:
    words = ("go=1.24.3", "go=1.27.4,GOGC=63", "--explain", "--json", "-", "--html", "a.html", "--markdown", "a.md")
    done = whence("run", *NUMBERS, *words, "--quiet", cwd=tmp_path)
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["schema"] == "whence.comparison/1"
    assert document["simulated"] is True
    assert [v["name"] for v in document["variants"]] == ["go=1.24.3", "go=1.27.4,GOGC=63"]
    assert document["attributions"][0]["schema"] == "whence.attribution/1"
    assert (tmp_path / "a.html").read_text().count("<svg") >= 2
    assert "peak resident memory" in (tmp_path / "a.md").read_text()


def test_the_short_form_holds_one_variant_against_the_release(tmp_path: Path) -> None:
    done = whence("run", *NUMBERS, "--go", "1.27", "GOGC=63", "--json", "-", "-q", cwd=tmp_path)
    assert [v["name"] for v in json.loads(done.stdout)["variants"]] == ["go=1.27", "GOGC=63"]
    assert not list(tmp_path.iterdir())


def test_a_built_in_workload_is_an_input(tmp_path: Path) -> None:
    words = ("workload:alloc?live=4&n=200000", "go=1.24", "go=1.24,arg.live=16")
    done = whence("run", *words, "--replicas", "6", "-q", cwd=tmp_path)
    assert done.stdout.startswith("Simulated, not measured: ")
    assert (tmp_path / "whence-runs" / "simulate" / "run.html").exists()


def test_a_recommendation_is_one_document(tmp_path: Path) -> None:
    words = (*NUMBERS, "--go", "1.27", "--limit", "64MiB", "--cpu", "1", "--json", "-", "-q")
    document = json.loads(whence("recommend", *words, cwd=tmp_path).stdout)
    assert document["schema"] == "whence.recommendation/1"
    assert document["chosen"]["limit"] == 64 << 20
    assert document["simulated"] is True


def test_record_without_anything_to_record_prints_the_steps(tmp_path: Path) -> None:
    assert "curl -o" in whence("record", cwd=tmp_path).stdout
    assert "traceallocfree=1" in whence("record", "--by", "trace", cwd=tmp_path).stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "absent.prof", "go=1.24"),
        ("run", "empty", "go=1.24"),
        ("run", "noise", "go=1.24"),
        ("run", "cpu.txt", "go=1.24", "--duration", "1s"),
        ("run", "--alloc-rate", "1MB/s"),
        ("run", *NUMBERS, "go=1.28"),
        ("run", *NUMBERS, "experiment=x"),
        ("run", *NUMBERS, "GOMEMLIMIT=1GiB,memory=512MiB"),
        ("run", *NUMBERS, "--metrics", "empty"),
        ("run", *NUMBERS, "--measured", "GOGC=50"),
        ("run", *NUMBERS, "--mode", "magic"),
        ("run", *NUMBERS, "--html", "/proc/no/file.html"),
        ("run", "workload:httpd"),
        ("run", "workload:alloc?live=4", "--live", "3MB"),
        ("recommend", *NUMBERS, "--limit", "5MiB"),
        ("record", "--by", "magic"),
        ("record", "--url", "http://127.0.0.1:1"),
    ],
)
def test_bad_input_is_one_line_and_exit_2_and_nothing_is_written(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "noise").write_bytes(bytes(range(7, 200)) * 9)
    (tmp_path / "cpu.txt").write_text("main;work 10\nmain;rest 5\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *words, "--quiet"])
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    assert printed.err.startswith("whence: ")
    assert printed.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before
