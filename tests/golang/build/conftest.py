"""A user's tree to build from, a module proxy in a folder, and a builder whose cache is new but whose compiled
standard library is shared by all sessions (it depends on nothing but the toolchain)."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from whence.evidence.variant import parse_variant
from whence.golang import toolchains
from whence.golang.build import Builder, Built, Source
from whence.golang.cache import cache_root
from whence.golang.installation import Toolchain


def write_files(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def fingerprint(root: Path) -> str:
    """Everything about a tree that a build could leave behind: names, kinds, modes, contents, times; .git included."""
    total = hashlib.sha256()
    for directory, folders, names in os.walk(root):
        folders.sort()
        for name in sorted([*names, *folders]):
            path = Path(directory, name)
            status = path.lstat()
            total.update(f"{path}\0{status.st_mode}\0{status.st_mtime_ns}\0".encode())
            if path.is_file():
                total.update(path.read_bytes())
    return total.hexdigest()


@contextmanager
def untouched(root: Path) -> Iterator[None]:
    before = fingerprint(root)
    yield
    assert fingerprint(root) == before, f"{root} was touched"


class Workbench:
    """Builds in a tree and runs what was built."""

    def __init__(self, user: Path, cache: Path, go: Toolchain) -> None:
        self.user = user
        self.cache = cache
        self.go = go
        self.heard: list[str] = []

    def files(self, files: dict[str, str]) -> Path:
        return write_files(self.user, files)

    @property
    def builder(self) -> Builder:
        """A new builder each time: what one remembers must not be what makes a second build cheap."""
        return Builder(self.cache, self.heard.append, gocache=cache_root() / "go-build", directory=self.user)

    def build(
        self,
        spec: str = "base:",
        where: str = "app",
        *,
        kind: str = "main",
        go: Toolchain | None = None,
        layout_seed: int | None = None,
        runtime_metrics: bool = False,
    ) -> Built:
        """Builds one variant; the whole of the user's tree must stay as it is."""
        source = Source(kind=kind, directory=self.user / where)  # type: ignore[arg-type]
        toolchain = go or self.go
        variant = parse_variant(spec)
        with untouched(self.user):
            builder = self.builder
            builder.check(variant, source, toolchain)
            return builder.build(variant, source, toolchain, layout_seed=layout_seed, runtime_metrics=runtime_metrics)

    def says(self, spec: str = "base:", where: str = "app", *, go: Toolchain | None = None) -> str:
        """Builds and runs, and returns what the program wrote (println writes to standard error)."""
        return run(self.build(spec, where, go=go).path)

    def key(self, spec: str = "base:", where: str = "app", *, kind: str = "main") -> str:
        source = Source(kind=kind, directory=self.user / where)  # type: ignore[arg-type]
        return self.builder.key(parse_variant(spec), source, self.go)


def run(*command: Path | str, **environment: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, **environment}, timeout=60
    )
    return (done.stdout + done.stderr).strip()


@pytest.fixture(scope="session")
def local_go() -> Toolchain:
    found = toolchains.find("local")
    if found is None:
        pytest.skip("SKIPPED no Go on PATH")
    return found


@pytest.fixture(scope="session")
def release() -> Callable[[str], Toolchain]:
    """Returns a release by name; it is fetched when it is missing and there is network."""

    def get(name: str) -> Toolchain:
        try:
            return toolchains.ensure(name)
        except toolchains.MissingToolchain as error:
            pytest.skip(f"SKIPPED go{name} is missing: {error}")

    return get


@pytest.fixture
def bench(tmp_path: Path, local_go: Toolchain, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    for name in [n for n in os.environ if n.startswith(("GOFLAGS", "GOWORK", "GOENV", "CGO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOENV", "off")
    (tmp_path / "user").mkdir()
    return Workbench(tmp_path / "user", tmp_path / "cache", local_go)


class Proxy:
    """A module proxy that is a folder, as GOPROXY=file:///… reads it, and a module cache of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def publish(self, path: str, version: str, files: dict[str, str]) -> None:
        folder = self.root / path / "@v"
        folder.mkdir(parents=True, exist_ok=True)
        mod = files.setdefault("go.mod", f"module {path}\n\ngo 1.20\n")
        (folder / f"{version}.mod").write_text(mod)
        (folder / f"{version}.info").write_text(json.dumps({"Version": version, "Time": "2024-01-01T00:00:00Z"}))
        with zipfile.ZipFile(folder / f"{version}.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(f"{path}@{version}/{name}", text)
        listed = folder / "list"
        listed.write_text((listed.read_text() if listed.exists() else "") + f"{version}\n")


@pytest.fixture
def proxy(tmp_path: Path, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Proxy:
    monkeypatch.setenv("GOPROXY", f"file://{tmp_path / 'proxy'}")
    monkeypatch.setenv("GONOSUMDB", "corp.example")
    monkeypatch.setenv("GOFLAGS", "-modcacherw")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modcache"))
    proxy = Proxy(tmp_path / "proxy")
    for version, greeting in (("v1.0.0", "one"), ("v1.1.0", "two"), ("v1.2.0", "three")):
        body = f'package greet\n\nfunc Hello() string {{ return "{greeting}" }}\n'
        proxy.publish("corp.example/greet", version, {"greet.go": body})
    return proxy
