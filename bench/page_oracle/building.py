"""Builds the runtime's test of a release with the player in it, and lets it play."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from bench.page_oracle.drivers import driver

HERE = Path(__file__).parent
FIRST_WITH_OVERLAY = 16


def _kept(name: str) -> bool:
    return not name.endswith("_test.go") or name.startswith("export_")


def build(root: Path, minor: int, folder: Path) -> Path:
    """Returns the player for the toolchain at `root`, built under `folder` unless it is there already."""
    program = folder / f"play-{root.name}.test"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        files = {"play_export_test.go": driver(minor), "play_test.go": (HERE / "play_test.go.txt").read_text()}
        compile_tests(root, minor, folder, program, files)
    return program


def compile_tests(root: Path, minor: int, folder: Path, program: Path, files: dict[str, str]) -> None:
    """Compiles the runtime's test of the toolchain at `root` with `files` for its test files.

    Its other tests are left out, which makes the build short. Up to 1.15, which know no overlays, the toolchain's tree
    is copied. Raises subprocess.CalledProcessError with the compiler's words.
    """
    sources = root / "src/runtime"
    unwanted = [path.name for path in sources.iterdir() if not _kept(path.name)]
    settings = {"GOENV": "off", "GOFLAGS": "", "GO111MODULE": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    # Newer go commands refuse overlays beneath the module cache, which is where fetched toolchains lie.
    environment = {**os.environ, **settings, "GOMODCACHE": str(folder / "modules")}
    command = ["test", "-c", "-vet=off", "-p", "1", "-o", str(program)]
    if minor >= FIRST_WITH_OVERLAY:
        replace = {str(sources / name): "" for name in unwanted}
        for name, text in files.items():
            (folder / f"{root.name}-{name}").write_text(text)
            replace[str(sources / name)] = str(folder / f"{root.name}-{name}")
        overlay = folder / f"{root.name}.json"
        overlay.write_text(json.dumps({"Replace": replace}))
        command += ["-overlay", str(overlay)]
    else:
        root = _copied(root, folder / f"root-{root.name}")
        for name in unwanted:
            (root / "src/runtime" / name).unlink()
        for name, text in files.items():
            (root / "src/runtime" / name).write_text(text)
    environment["GOROOT"] = str(root)
    subprocess.run(
        [str(root / "bin/go"), *command, "runtime"], env=environment, check=True, capture_output=True, text=True
    )


def _copied(root: Path, copy: Path) -> Path:
    """Returns a copy of a toolchain that can be written to and run."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("test", "api", "doc", "misc"), symlinks=True)
    for path in [copy, *copy.rglob("*")]:
        runs = path.is_dir() or "bin" in path.parts or "tool" in path.parts
        path.chmod(path.stat().st_mode | (0o300 if runs else 0o200))
    return copy


def play(program: Path, out: Path, *, seed: int, shape: int, chunks: int, operations: int) -> dict[str, object]:
    """Returns the script that the runtime played, in the form `oracle.pagealloc/1`."""
    settings = {"SEED": seed, "SHAPE": shape, "CHUNKS": chunks, "OPS": operations}
    environment = {
        **os.environ,
        **{f"PLAY_{name}": str(value) for name, value in settings.items()},
        "PLAY_OUT": str(out),
    }
    command = [str(program), "-test.run", "TestPlayPages"]
    subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
    return json.loads(out.read_text())
