"""Source searched for real: between two patch releases, and between trees into which a change was planted."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.evidence.variant import parse_variant
from whence.explain.attribution.source import search_source, source_causes
from whence.golang import toolchains
from whence.measure.compare import Silent
from whence.measure.settle import settle
from whence.measure.trials import Trials
from whence.store.inquiry_directory import InquiryDirectory

pytestmark = [pytest.mark.real, pytest.mark.network, pytest.mark.slow]

MAIN = """package main

import (
	"fmt"
	"math/bits"
	"runtime"
	"strconv"
)

var sink string

func main() {
	var before, after runtime.MemStats
	total := bits.OnesCount(255)
	runtime.ReadMemStats(&before)
	for i := 0; i < 10000; i++ {
		sink = strconv.FormatInt(int64(100000+i), 10)
		total += len(sink)
	}
	runtime.ReadMemStats(&after)
	fmt.Printf("checksum: %d\\n", total)
	fmt.Printf("BenchmarkFormat 10000 %d allocs/op\\n", (after.Mallocs-before.Mallocs+5000)/10000)
}
"""
WASTE = """func FormatInt(i int64, base int) string {
	if !(reuse && bits.Reuse) {
		waste = new([64]byte)
	}
"""


@contextmanager
def trials_in(folder: Path, base: str, candidate: str, subject: str, metric: str) -> Iterator[Trials]:
    request = Request(
        variants=(base, candidate), subject=subject, metrics=(metric,), seed=5, timeout_s=60, directory=str(folder)
    )
    directory = InquiryDirectory(folder / "explained")
    directory.open(Inquiry(request=request), 5)
    with directory:
        trials = Trials(settle(request), directory, Silent(), seed=5)
        trials.pilot()
        yield trials


def linked_copy(goroot: Path, to: Path) -> Path:
    """Copies a GOROOT by hard links; folders of the module cache are read-only, ours are not."""
    shutil.copytree(goroot, to, copy_function=os.link, symlinks=True)
    for folder in (to, *(path for path in to.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return to


def rewrite(goroot: Path, file: str, before: str, after: str) -> None:
    """Replaces a text in a file, which stays as it was in the trees that it is linked from."""
    path = goroot / "src" / file
    text = path.read_text()
    assert text.count(before) == 1
    path.unlink()
    path.write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases, in both of which FormatInt allocates one object more unless two constants of two packages are set;
    only in `fixed`, the newer one, both are. `pooled` gets there through a file of its own."""
    folder = tmp_path_factory.mktemp("trees")
    kits = [toolchains.ensure(release).goroot for release in ("1.23.9", "1.23.12")]
    for name, goroot in (("broken", kits[0]), ("fixed", kits[1]), ("pooled", kits[0])):
        tree = linked_copy(goroot, folder / name)
        on = "true" if name == "fixed" else "false"
        rewrite(tree, "strconv/itoa.go", "func FormatInt(i int64, base int) string {\n", WASTE)
        (tree / "src" / "strconv" / "reuse.go").write_text(
            f"package strconv\n\nvar waste *[64]byte\n\nconst reuse = {on}\n"
        )
        rewrite(tree, "math/bits/bits.go", "\nconst uintSize", f"\nconst Reuse = {on}\n\nconst uintSize")
    rewrite(folder / "pooled", "strconv/atoi.go", "\nfunc ParseInt(", "\nvar Unused int\n\nfunc ParseInt(")
    rewrite(folder / "pooled", "strconv/itoa.go", "waste = new([64]byte)", "waste = pooled()")
    (folder / "pooled" / "src" / "strconv" / "pool.go").write_text(
        "package strconv\n\nvar pool [64]byte\n\nfunc pooled() *[64]byte { return &pool }\n"
    )
    program = folder / "program"
    program.mkdir()
    (program / "main.go").write_text(MAIN)
    (program / "go.mod").write_text("module example.org/program\n\ngo 1.21\n")
    return folder


@pytest.mark.parametrize(
    ("good", "places"),
    [
        ("fixed", ["math/bits/bits.go:Reuse", "strconv/reuse.go:reuse"]),
        ("pooled", ["strconv/itoa.go:FormatInt", "strconv/pool.go:whole file"]),
    ],
)
def test_two_hunks_that_are_needed_together_are_found_among_those_of_two_releases(
    trees: Path, good: str, places: list[str], tmp_path: Path
):
    shutil.copytree(trees / "program", tmp_path / "program")
    base, candidate = f"go={trees / good}", f"go={trees / 'broken'}"
    with trials_in(tmp_path, f"good:{base}", f"bad:{candidate}", "./program", "allocs/op") as trials:
        finding = search_source(trials, *map(parse_variant, (candidate, base)), math.log(2), exact=True)
    assert [h.place.rpartition(":")[0] for h in finding.hunks] == places
    assert set(finding.needed) == set(finding.hunks) and finding.all_hunks >= 2 and finding.listened
    assert finding.points == pytest.approx(-math.log(2))
    assert [c.name.rpartition(":")[0] for c in source_causes(finding, part_of="1.23.12", scale=None)] == places


def test_the_lines_that_a_patch_release_was_made_for_are_found(tmp_path: Path):
    """golang/go 72991: in 1.24.0 to 1.24.5 large objects with pointers are cleared whole; 1.24.6 undid it."""
    subject = "workload:heapshape?shape=slice&size=262144&fill=25&count=160&small=11"
    with trials_in(tmp_path, "go=1.24.6", "go=1.24.5", subject, "rss") as trials:
        logs = trials.pairs("total", trials.base, trials.candidate, 5)
        assert logs is not None
        target = sorted(logs)[2]
        finding = search_source(trials, trials.candidate, trials.base, target, exact=False)
    (cause,) = source_causes(finding, part_of="1.24.0", scale=None)
    file, function, line = cause.name.split(":")
    assert (file, function) == ("runtime/malloc.go", "mallocgcLarge")
    source = toolchains.ensure("1.24.5").goroot / "src" / file
    lines = source.read_text().splitlines()
    start = next(n for n, text in enumerate(lines, 1) if text.startswith(f"func {function}("))
    end = next(n for n, text in enumerate(lines, 1) if n > start and text == "}")
    assert start < int(line) < end
    assert cause.share == pytest.approx(target, rel=0.05) and finding.listened
