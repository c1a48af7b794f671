"""Which releases are meant, what stands in for one that is missing, and that no network is one line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.explain.lineage import asking
from whence.explain.lineage.asking import LineageRequest, gather, parse_releases, wanted_versions
from whence.golang.toolchains import MissingToolchain, Toolchain


def toolchain(version: str) -> Toolchain:
    return Toolchain(version=version, goroot=Path("/go"), go=Path("/go/bin/go"), origin="module")


def test_without_releases_every_line_from_1_2_to_1_27_is_meant_by_its_last_patch() -> None:
    versions = wanted_versions(LineageRequest())
    assert len(versions) == 26
    assert versions[0] == "1.2.2"
    assert "1.10.8" in versions
    assert list(versions).index("1.9.7") < list(versions).index("1.10.8")


def test_quick_means_six_lines_and_a_minute() -> None:
    request = LineageRequest(quick=True)
    assert len(wanted_versions(request)) == 6
    assert request.wait_s == 60.0


def test_time_is_limited_unless_a_number_of_blocks_is_asked_for() -> None:
    assert LineageRequest().budget_s == 40 * 60
    assert LineageRequest(quick=True).budget_s == 8 * 60
    assert LineageRequest(blocks=8).budget_s == math.inf


def test_releases_are_parsed_once_each_and_an_exact_patch_stays_exact() -> None:
    names = parse_releases("1.2, go1.24.3,1.2,")
    assert names == ("1.2", "1.24.3")
    assert wanted_versions(LineageRequest(releases=names)) == ("1.2.2", "1.24.3")


@pytest.mark.parametrize("text", ["", " , ", "1.1", "2.0", "lots", "1.99"])
def test_releases_that_cannot_be_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        wanted_versions(LineageRequest(releases=parse_releases(text)))
    assert "\n" not in str(refused.value)


def test_a_request_goes_on_with_more_blocks_but_not_with_other_releases() -> None:
    stored = LineageRequest(releases=("1.2",), blocks=6, seed=7)
    assert LineageRequest(releases=("1.2",), blocks=8).differences(stored) == ()
    assert LineageRequest(releases=("1.3",), blocks=6).differences(stored) == ("releases",)
    assert LineageRequest(releases=("1.2",), blocks=4, seed=8).differences(stored) == ("blocks", "seed")


def test_the_command_repeats_the_request() -> None:
    request = LineageRequest(releases=("1.2", "1.5"), quick=True, blocks=3)
    assert request.command(out=Path("x y")) == "whence lineage --quick --releases 1.2,1.5 --blocks 3 --out 'x y'"


def offline(monkeypatch: pytest.MonkeyPatch, here: dict[str, Toolchain]) -> list[str]:
    tried: list[str] = []

    def ensure(version: str, announce: object = None) -> Toolchain:
        tried.append(version)
        raise MissingToolchain(f"go{version} is not here, and there is no network to fetch it")

    monkeypatch.setattr(asking.toolchains, "find", here.get)
    monkeypatch.setattr(asking.toolchains, "ensure", ensure)
    monkeypatch.setattr(asking.toolchains, "present", lambda: tuple(here.values()))
    return tried


def test_offline_what_is_missing_is_told_and_only_one_fetch_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = offline(monkeypatch, {"1.5.4": toolchain("1.5.4")})
    found, missing, notes = gather(("1.2.2", "1.5.4", "1.8.7"), lambda text: None)
    assert [t.version for t in found] == ["1.5.4"]
    assert [m.version for m in missing] == ["1.2.2", "1.8.7"]
    assert tried == ["1.2.2"]
    assert notes == ()


def test_offline_another_patch_of_the_line_stands_in_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offline(monkeypatch, {"1.25.5": toolchain("1.25.5"), "1.25.3": toolchain("1.25.3")})
    found, missing, notes = gather(("1.25.14",), lambda text: None)
    assert [t.version for t in found] == ["1.25.5"]
    assert missing == ()
    assert "1.25.5 stands in for go1.25.14" in notes[0]


def test_with_no_toolchain_at_all_one_line_names_them_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    offline(monkeypatch, {})
    with pytest.raises(MissingToolchain) as refused:
        gather(("1.2.2", "1.5.4"), lambda text: None)
    assert "1.2.2, 1.5.4" in str(refused.value)
    assert "\n" not in str(refused.value)
