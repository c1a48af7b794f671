"""A set of hunks as files for `go build -overlay`: what is written, where, and what stays as it is."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest

from whence.golang.source_diff import Hunk, hunks_between, write_overlay
from whence.golang.source_diff.overlays import patched

OLD = """package sort

func one() int {
	return 1
}

func two() int {
	x := 2
	return x
}

func three() int {
	return 3
}
"""
CHANGES = (
    ("return 1", "return 10"),
    ("\tx := 2\n\treturn x\n", "\treturn 2\n"),
    ("return 3\n", "print()\n\treturn 3\n"),
)


def new(which: tuple[int, ...] = (0, 1, 2)) -> str:
    """The file with some of the changes made."""
    text = OLD
    for number in which:
        text = text.replace(*CHANGES[number])
    return text


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    return folder


def trees(root: Path, old: dict[str, str], new: dict[str, str]) -> tuple[Path, tuple[Hunk, ...]]:
    first, second = tree(root / "a", old), tree(root / "b", new)
    return first, hunks_between(first, second)


def replaced(path: Path) -> dict[str, str]:
    document = msgspec.json.decode(path.read_bytes())
    assert list(document) == ["Replace"]
    return document["Replace"]


@pytest.mark.parametrize("which", [c for n in range(1, 4) for c in itertools.combinations(range(3), n)])
def test_any_set_of_hunks_makes_these_changes_and_no_other(tmp_path: Path, which: tuple[int, ...]):
    first, hunks = trees(tmp_path, {"sort/sort.go": OLD}, {"sort/sort.go": new()})
    assert len(hunks) == len(CHANGES)
    written = replaced(write_overlay([hunks[n] for n in which], first, tmp_path / "overlay"))
    assert Path(written["$GOROOT/src/sort/sort.go"]).read_text() == new(which)


def test_the_order_of_the_hunks_does_not_matter(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD, "b/b.go": OLD}, {"a/a.go": new(), "b/b.go": new()})
    for number, order in enumerate((hunks, hunks[::-1], hunks[::2] + hunks[1::2])):
        written = replaced(write_overlay(order, first, tmp_path / f"overlay{number}"))
        assert list(written) == ["$GOROOT/src/a/a.go", "$GOROOT/src/b/b.go"]
        assert {Path(path).read_text() for path in written.values()} == {new()}


def test_only_files_with_a_hunk_in_the_set_are_replaced(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD, "b/b.go": OLD}, {"a/a.go": new(), "b/b.go": new()})
    path = write_overlay([h for h in hunks if h.file == "b/b.go"], first, tmp_path / "overlay")
    assert list(replaced(path)) == ["$GOROOT/src/b/b.go"]
    assert sorted(p.name for p in path.parent.rglob("*") if p.is_file()) == ["b.go", "overlay.json"]


def test_the_trees_stay_as_they_are(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD, "a/gone.go": OLD}, {"a/a.go": new()})
    write_overlay(hunks, first, tmp_path / "overlay")
    assert (first / "src" / "a" / "a.go").read_text() == OLD
    assert (first / "src" / "a" / "gone.go").read_text() == OLD


def test_no_hunks_is_an_overlay_of_nothing(tmp_path: Path):
    assert replaced(write_overlay([], tmp_path, tmp_path / "deep" / "overlay")) == {}


def test_files_are_named_absolutely_and_the_tree_by_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first, hunks = trees(tmp_path, {"a/a.go": OLD}, {"a/a.go": new()})
    monkeypatch.chdir(tmp_path)
    ((name, target),) = replaced(write_overlay(hunks, first, Path("overlay"))).items()
    assert name == "$GOROOT/src/a/a.go"
    assert Path(target).is_absolute() and Path(target).is_file()


def test_files_of_one_name_in_two_packages_do_not_overwrite_each_other(tmp_path: Path):
    other = OLD.replace("package sort", "package slices")
    first, hunks = trees(
        tmp_path, {"x/same.go": OLD, "y/same.go": other}, {"x/same.go": new((0,)), "y/same.go": other + "var z int\n"}
    )
    written = replaced(write_overlay(hunks, first, tmp_path / "overlay"))
    assert Path(written["$GOROOT/src/x/same.go"]).read_text() == new((0,))
    assert Path(written["$GOROOT/src/y/same.go"]).read_text() == other + "var z int\n"


def test_a_file_that_is_gone_is_replaced_by_nothing(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD, "a/gone.go": OLD}, {"a/a.go": OLD})
    path = write_overlay(hunks, first, tmp_path / "overlay")
    assert replaced(path) == {"$GOROOT/src/a/gone.go": ""}
    assert [p.name for p in path.parent.iterdir()] == ["overlay.json"]


def test_a_file_that_is_new_comes_whole_though_the_first_tree_has_no_such_folder(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD}, {"a/a.go": OLD, "b/c/new.go": "package c\n"})
    ((name, target),) = replaced(write_overlay(hunks, first, tmp_path / "overlay")).items()
    assert name == "$GOROOT/src/b/c/new.go"
    assert Path(target).read_text() == "package c\n"


@pytest.mark.parametrize(
    ("old", "text"),
    [
        pytest.param("package p\n\nvar a = 1", "package p\n\nvar a = 2", id="no last line end"),
        pytest.param("package p\n\nvar a = 1", "package p\n\nvar a = 1\nvar b = 2\n", id="a last line end that comes"),
        pytest.param("package p\n\nvar a = 1\nvar b = 2\n", "package p\n\nvar a = 1", id="a last line end that goes"),
        pytest.param("package p\r\n\r\nvar a = 1\r\n", "package p\r\n\r\nvar a = 2\r\n", id="carriage returns"),
        pytest.param('package p\n\nvar a = "\udcff"\n', 'package p\n\nvar a = "\udcfe"\n', id="no UTF-8"),
        pytest.param("package p\n\nvar a = `\f\x1c\u2028`\n", "package p\n\nvar a = `\f\x1c`\n", id="odd line ends"),
        pytest.param("package p\n", "package q\n\nimport _ `os`\n", id="the first line"),
        pytest.param("package p\nvar a = 1\n", "package p\n", id="the last line"),
    ],
)
def test_every_byte_of_the_second_file_comes_through(tmp_path: Path, old: str, text: str):
    first, hunks = trees(tmp_path, {"p/p.go": old}, {"p/p.go": text})
    target = replaced(write_overlay(hunks, first, tmp_path / "overlay"))["$GOROOT/src/p/p.go"]
    assert Path(target).read_bytes() == text.encode("utf-8", errors="surrogateescape")


def test_what_is_only_added_stands_before_the_line_it_was_added_at(tmp_path: Path):
    file = tmp_path / "a.go"
    file.write_text("1\n2\n3\n")

    def hunk(start: int, end: int, *lines: str) -> Hunk:
        return Hunk(file="a.go", start=start, end=end, old=("",) * (end - start), new=lines, declaration="")

    assert patched(file, [hunk(1, 1, "a\n", "b\n"), hunk(1, 2, "c\n")]) == "1\na\nb\nc\n3\n"
    assert patched(file, [hunk(3, 3, "end\n"), hunk(0, 0, "start\n")]) == "start\n1\n2\n3\nend\n"
    assert patched(file, []) == "1\n2\n3\n"


def test_writing_again_replaces_what_was_written(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD}, {"a/a.go": new()})
    write_overlay(hunks, first, tmp_path / "overlay")
    written = replaced(write_overlay(hunks[:1], first, tmp_path / "overlay"))
    assert Path(written["$GOROOT/src/a/a.go"]).read_text() == new((0,))


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path):
    first, hunks = trees(tmp_path, {"a/a.go": OLD}, {"a/a.go": new()})
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError):
        write_overlay(hunks, first, tmp_path / "file" / "overlay")
    assert (tmp_path / "file").read_text() == "mine"
