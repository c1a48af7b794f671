"""A Go installation made of a shell script, so that finding and fetching are tested without Go and without network."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

SCRIPT = """#!/bin/sh
root="$(cd "$(dirname "$0")/.." && pwd)"
if [ "$1" = env ]; then exec cat "$root/env.json"; fi
if [ "$1" = list ]; then env > "$root/environment"; cat "$root/versions"; exit 0; fi
if [ "$GOTOOLCHAIN" = local ]; then echo "go version $(head -n 1 "$root/VERSION") linux/amd64"; exit 0; fi
env > "$root/environment"; pwd > "$root/folder"
if [ -s "$root/complaint" ]; then cat "$root/complaint" >&2; exit 1; fi
to="$GOMODCACHE/golang.org/toolchain@v0.0.1-$GOTOOLCHAIN.linux-amd64"
mkdir -p "$to/bin"; echo "$GOTOOLCHAIN" > "$to/VERSION"; cp "$0" "$to/bin/go"
"""


class FakeGo:
    """A GOROOT whose go command fetches by making a folder, or complains with what `complain` was given."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.module_cache = root / "modules"
        self.install(root, version)
        settings = {
            "GOROOT": str(root),
            "GOVERSION": f"go{version}",
            "GOHOSTOS": "linux",
            "GOHOSTARCH": "amd64",
            "GOPATH": str(root / "gopath"),
            "GOMODCACHE": str(self.module_cache),
            "GOPROXY": "https://proxy.example",
            "GOSUMDB": "sum.golang.org",
        }
        (root / "env.json").write_text(json.dumps(settings))

    def install(self, folder: Path, version: str, *, executable: bool = True) -> Path:
        """Puts a release into a folder; without `executable` as `go mod download` leaves it."""
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "VERSION").write_text(f"go{version}\ntime 2025-01-01T00:00:00Z\n")
        (folder / "bin" / "go").write_text(SCRIPT)
        (folder / "bin" / "go").chmod(0o755 if executable else 0o644)
        return folder

    def install_module(self, version: str, *, executable: bool = True) -> Path:
        folder = self.module_cache / "golang.org" / f"toolchain@v0.0.1-go{version}.linux-amd64"
        return self.install(folder, version, executable=executable)

    def complain(self, text: str) -> None:
        (self.root / "complaint").write_text(text)

    def environment_of_last_fetch(self) -> dict[str, str]:
        lines = (self.root / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def fake_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    """Go 1.26.8 on PATH with an empty module cache; Whence's own cache is empty too."""
    for name in [name for name in os.environ if name.startswith("GO")]:
        monkeypatch.delenv(name)
    go = FakeGo(tmp_path / "go", "1.26.8")
    monkeypatch.setenv("PATH", f"{go.root / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("WHENCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return go
