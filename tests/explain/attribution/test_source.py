"""The smallest set of hunks, in a made-up lab that reads the overlays it is given; the real thing is in
test_source_real.py."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.explain.made_up_lab import MadeUpLab

from whence.evidence.variant import Variant, parse_variant
from whence.explain.attribution.source import SourceFinding, search_source, source_causes
from whence.golang.build import Built
from whence.golang.toolchains import Toolchain

COST = math.log(1.3)
FILES = {
    "runtime/malloc.go": ["mallocgc", "large", "small", "tiny"],
    "runtime/proc.go": ["schedule", "findRunnable", "wake"],
    "sort/sort.go": ["Sort", "Stable"],
    "strconv/quote.go": ["Quote", "Unquote"],
}
Overlaid = Mapping[str, str]


def text(names: list[str], word: str) -> str:
    return "package p\n" + "".join(f"\nfunc {n}() {{\n\tone()\n\t{word}{n}()\n\ttwo()\n}}\n" for n in names)


class PatchedLab(MadeUpLab):
    """Two GOROOTs that differ in one line of each function: `bad…()` in the first is `good…()` in the second."""

    def __init__(
        self,
        folder: Path,
        cheap: Callable[[str], float],
        *,
        builds: Callable[[str], bool] = lambda source: True,
        says: Callable[[str], str | None] = lambda source: "checksum: 1",
        version: str = "1.24.5",
    ) -> None:
        self.folder, self.cheap, self.builds, self.says, self.version = folder, cheap, builds, says, version
        super().__init__("GOGC=1", "GOGC=2", lambda s: 100 * math.exp(COST - cheap(self.source_of(s))), noise=0.005)
        self._scratch = folder / "scratch"
        for release, word in (("a", "bad"), ("b", "good")):
            for name, functions in FILES.items():
                path = folder / release / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text(functions, word))
        (folder / "program").write_bytes(b"".join(b"\0" + name.encode() + b"\0" for name in FILES))

    def source_of(self, settings: Overlaid) -> str:
        """Returns all that a program is built from, as one text."""
        files = {name: (self.folder / "a" / "src" / name).read_text() for name in FILES}
        if "overlay" in settings:
            replaced = json.loads(Path(settings["overlay"]).read_bytes())["Replace"]
            files |= {name.removeprefix("$GOROOT/src/"): Path(path).read_text() for name, path in replaced.items()}
        return "".join(files.values())

    def toolchain(self, variant: Variant) -> Toolchain:
        release = variant.get("go") or ""
        goroot = self.folder / ("a" if release == "1.24.5" else "b")
        return Toolchain(version=self.version, goroot=goroot, go=goroot / "bin" / "go", origin="goroot")

    def build(self, variant: Variant, *, layout: int | None = 0) -> Built:
        return Built(
            path=self.folder / "program", sha256="", size_bytes=0, seconds=0.0, cached=True, layout_seed=None,
            toolchain=self.version,
        )  # fmt: skip

    def failure(self, variant: Variant) -> str | None:
        fine = self.builds(self.source_of({s.key: s.value for s in variant.settings}))
        return None if fine else f"variant {variant.name}: undefined: x"

    def output(self, variant: Variant) -> str | None:
        return self.says(self.source_of({s.key: s.value for s in variant.settings}))


def search(lab: PatchedLab, **more: Callable[[], bool]) -> SourceFinding:
    return search_source(lab, parse_variant("go=1.24.5"), parse_variant("go=1.24.6"), COST, exact=False, **more)


def cheap_with(*names: str) -> Callable[[str], float]:
    """The change is gone when all of these functions are the second tree's."""
    return lambda source: COST * all(f"good{name}()" in source for name in names)


def found_places(finding: SourceFinding) -> list[str]:
    return [hunk.place for hunk in finding.hunks]


def test_one_line_is_found_among_files_and_functions(tmp_path: Path):
    finding = search(PatchedLab(tmp_path, cheap_with("large")))
    assert found_places(finding) == ["runtime/malloc.go:large:11"]
    assert finding.needed == finding.hunks and finding.all_hunks == 11 and finding.notes == ()
    assert finding.points is not None and abs(finding.points + COST) < 0.02
    assert finding.low is not None and finding.high is not None and finding.low <= finding.points <= finding.high
    assert finding.tried <= 12


@pytest.mark.parametrize("names", [("Stable", "wake"), ("mallocgc", "tiny"), ("small", "Unquote", "Sort")])
def test_hunks_that_are_needed_together_are_found_together(tmp_path: Path, names: tuple[str, ...]):
    finding = search(PatchedLab(tmp_path, cheap_with(*names)))
    assert {h.declaration for h in finding.hunks} == set(names)
    assert set(finding.needed) == set(finding.hunks)


def test_what_a_hunk_needs_to_build_comes_with_it(tmp_path: Path):
    def builds(source: str) -> bool:
        return "goodwake()" not in source or "goodlarge()" in source

    finding = search(PatchedLab(tmp_path, cheap_with("wake"), builds=builds))
    assert {h.declaration for h in finding.hunks} == {"wake", "large"}
    assert set(finding.needed) == set(finding.hunks) and finding.notes == ()


def test_a_set_that_changes_what_the_program_says_never_counts(tmp_path: Path):
    """`Quote` makes the program cheap by making it wrong; the true cause is `tiny`."""

    def cheap(source: str) -> float:
        return COST * ("goodtiny()" in source or "goodQuote()" in source)

    def says(source: str) -> str | None:
        broken = "goodQuote()" in source and "goodUnquote()" not in source
        return None if "goodSort()" in source and "goodStable()" not in source else f"checksum: {broken}"

    finding = search(PatchedLab(tmp_path, cheap, says=says))
    chosen = {h.declaration for h in finding.hunks}
    assert chosen in ({"tiny"}, {"Quote", "Unquote"}) and finding.listened


def test_a_change_that_no_hunk_reaches_is_said_to_lie_elsewhere(tmp_path: Path):
    finding = search(PatchedLab(tmp_path, lambda source: 0.0))
    assert finding.hunks == () and "such as the compiler" in finding.notes[0] and finding.tried == 1


def test_where_all_together_do_not_build_groups_are_tried_alone(tmp_path: Path):
    lab = PatchedLab(tmp_path, cheap_with("Stable"), builds=lambda source: "goodschedule()" not in source)
    assert found_places(search(lab)) == ["sort/sort.go:Stable:11"]


def test_why_nothing_can_be_measured_is_told(tmp_path: Path):
    finding = search(PatchedLab(tmp_path, cheap_with("Stable"), builds=lambda source: "good" not in source))
    assert finding.hunks == () and finding.notes[0].endswith("cannot be measured together: undefined: x")


def test_a_part_of_the_change_is_told_as_a_part(tmp_path: Path):
    finding = search(PatchedLab(tmp_path, lambda source: 0.7 * COST * ("goodwake()" in source)))
    assert found_places(finding) == ["runtime/proc.go:wake:17"]
    assert re.search(r"take (6[789]|7[0123]) % of the change away", "".join(finding.notes))


def test_the_end_of_the_time_leaves_what_was_found(tmp_path: Path):
    lab, asked = PatchedLab(tmp_path, cheap_with("large")), iter(range(100))
    finding = search(lab, enough=lambda: next(asked) > 4)
    assert "large" in {h.declaration for h in finding.hunks}
    assert any("the time was up" in note for note in finding.notes)
    nothing = search(PatchedLab(tmp_path / "again", cheap_with("large")), enough=lambda: True)
    assert nothing.hunks == () and "the time was up" in nothing.notes[0]


@pytest.mark.parametrize("output", ["", None])
def test_a_program_that_says_nothing_cannot_vouch_for_an_overlay(tmp_path: Path, output: str | None):
    finding = search(PatchedLab(tmp_path, cheap_with("large"), says=lambda source: output))
    assert found_places(finding) == ["runtime/malloc.go:large:11"]
    assert not finding.listened and "cannot tell a broken overlay" in finding.notes[0]


def test_releases_without_overlays_and_equal_sources_are_refused_with_a_reason(tmp_path: Path):
    assert "1.16" in search(PatchedLab(tmp_path, cheap_with("large"), version="1.15.15")).notes[0]
    lab = PatchedLab(tmp_path / "equal", cheap_with("large"))
    same = search_source(lab, parse_variant("go=1.24.5"), parse_variant("go=1.24.5"), COST, exact=False)
    assert "it lies in the tools" in same.notes[0]


def test_functions_that_carry_it_together_are_causes_of_one_share(tmp_path: Path):
    finding = search(PatchedLab(tmp_path, cheap_with("Stable", "wake")))
    first, second = source_causes(finding, part_of="1.24.0", scale=1000.0)
    assert (first.name, first.entangled_with) == ("runtime/proc.go:wake:17", ("sort/sort.go:Stable:11",))
    assert first.part_of == second.part_of == "1.24.0" and first.share == second.share
    assert first.share is not None and first.low is not None and first.high is not None
    assert first.low <= first.share <= first.high and first.delta == pytest.approx(1000 * first.share)
    assert first.share == pytest.approx(COST, abs=0.01)
    assert first.evidence[0].endswith("line 17")
    assert any("overlay=" in told for told in first.evidence)
