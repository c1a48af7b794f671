"""Builds a test program around k8s.io/kubernetes/pkg/kubelet/eviction through the Go module proxy."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
VERSION = "v1.34.2"
PROXY = "https://proxy.golang.org/k8s.io/kubernetes/@v/"


def environment() -> dict[str, str]:
    return {**os.environ, "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def module_file(kubernetes: str) -> str:
    """Returns a go.mod that takes every k8s.io module at the release that belongs to `kubernetes` (a go.mod's text)."""
    staging = sorted(set(re.findall(r"^\s*(?:replace )?(k8s\.io/[\w./-]+) => \./staging/", kubernetes, re.M)))
    release = "v0" + VERSION[2:]
    if not staging:  # since workspaces are used, the staged modules are required at v0.0.0 and replaced nowhere
        staging = sorted(set(re.findall(r"^\s*(k8s\.io/[\w./-]+) v0\.0\.0", kubernetes, re.M)))
    lines = ["module play", "go 1.25", "require k8s.io/kubernetes " + VERSION]
    lines += [f"replace {name} => {name} {release}" for name in staging]
    return "\n".join(lines) + "\n"


def build(folder: Path, go: str) -> Path:
    """Returns the test program, built under `folder` unless it is there. Some minutes and 2 GB the first time."""
    program = folder / f"kubelet-{VERSION}.test"
    if program.exists():
        return program
    source = folder / "play"
    source.mkdir(parents=True, exist_ok=True)
    (source / "play_test.go").write_text((HERE / "play_test.go.in").read_text())
    with urllib.request.urlopen(PROXY + VERSION + ".mod", timeout=60) as answer:
        (source / "go.mod").write_text(module_file(answer.read().decode()))
    for arguments in (["mod", "tidy"], ["test", "-c", "-vet=off", "-p", "1", "-o", str(program), "."]):
        subprocess.run([go, *arguments], cwd=source, env=environment(), check=True, capture_output=True, text=True)
    return program
