"""Records a running or freshly started Go service by a recipe: windows of traces, or a heap profile with counters."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from whence.evidence.errors import BadInput, UnusableEnvironment, WhenceError
from whence.explain.simulator.inputs.process_facts import FILE_NAME, cpu_of, facts_of
from whence.explain.simulator.inputs.recipe import COUNTER_PATHS, Recipe, environment
from whence.measure.profiles.fetching import fetch
from whence.measure.profiles.readers.reading import decompressed
from whence.measure.profiles.readers.snapshot import Histogram, Snapshot
from whence.measure.profiles.readers.snapshots import read_snapshots

Announce = Callable[[str], None]
Started = subprocess.Popen[bytes] | None
READY_SECONDS = 30.0
STOP_SECONDS = 10.0


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in the folder now."""

    folder: str
    files: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()


def record(recipe: Recipe, command: Sequence[str], *, announce: Announce | None = None) -> Recorded:
    """Starts the command if there is one, records, ends it, and returns what was written; all files or none.

    Raises BadInput, and UnusableEnvironment when the service does not answer.
    """
    recipe = recipe.checked()
    tell = announce or (lambda text: None)
    out = Path(recipe.out)
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise BadInput(f"{out} is there already. Name another folder with --out.")
    process = _start(command, environment(recipe.way, os.environ.get("GODEBUG", ""))) if command else None
    try:
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="whence-record-") as folder:
            _wait_ready(recipe, process, tell)
            notes = (
                _traces(recipe, Path(folder), process, tell)
                if recipe.way == "trace"
                else _profile(recipe, Path(folder), process, tell)
            )
            out.mkdir(parents=True, exist_ok=True)
            files = sorted(path.name for path in Path(folder).iterdir())
            for name in files:
                shutil.copyfile(Path(folder) / name, out / name)
        return Recorded(folder=str(out), files=tuple(files), seconds=time.monotonic() - begin, notes=notes)
    finally:
        if process is not None:
            _stop(process)


def _start(command: Sequence[str], changes: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(list(command), env=os.environ | dict(changes), stdin=subprocess.DEVNULL)
    except OSError as error:
        raise BadInput(f"{command[0]} cannot be started ({error.strerror}). Name a program behind --.") from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(recipe: Recipe, process: subprocess.Popen[bytes] | None, tell: Announce) -> None:
    tell(f"waiting for {recipe.base}/debug/pprof")
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            fetch(f"{recipe.base}/debug/pprof/cmdline", grace_s=5.0)
            return
        except WhenceError as error:
            if process is not None and process.poll() is not None:
                raise UnusableEnvironment(
                    f"the program ended with {process.returncode} before {recipe.base} answered. Run it by itself."
                ) from error
            if process is None or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _traces(recipe: Recipe, folder: Path, process: Started, tell: Announce) -> tuple[str, ...]:
    pause = max(0.0, recipe.seconds / recipe.windows - recipe.window_seconds)
    for number in range(1, recipe.windows + 1):
        if number > 1:
            time.sleep(pause)
        tell(f"window {number} of {recipe.windows}: {recipe.window_seconds:g} s")
        content = fetch(f"{recipe.base}/debug/pprof/trace", recipe.window_seconds)
        (folder / f"window-{number}.trace").write_bytes(content)
    return ("windows are independent of each other: simulate each, and compare what they say.",)


def _profile(recipe: Recipe, folder: Path, process: Started, tell: Announce) -> tuple[str, ...]:
    source = _counters_source(recipe)
    notes: list[str] = []
    begin, cpu = time.monotonic(), 0.0 if process is None else cpu_of(process.pid)
    if source is None:
        notes.append("the service offers no counters, so rates need --alloc-rate or --duration when it is simulated.")
    else:
        first = _counters(source)
        tell(f"counters from {source}; again in {recipe.seconds:g} s")
        time.sleep(recipe.seconds)
        text = b"\n".join(msgspec.json.encode(one) for one in (first, _counters(source)))
        (folder / "counters.json").write_bytes(text + b"\n")
    facts = None if process is None else facts_of(process.pid, max(time.monotonic() - begin, 1e-3), cpu)
    if facts is not None:
        (folder / FILE_NAME).write_bytes(msgspec.json.encode(facts) + b"\n")
    (folder / "allocs.pb.gz").write_bytes(fetch(f"{recipe.base}/debug/pprof/allocs"))
    return tuple(notes)


def _counters_source(recipe: Recipe) -> str | None:
    """Returns the address that answers with Go's counters. Raises BadInput when the one that was named does not."""
    if recipe.counters is not None:
        _counters(recipe.counters)
        return recipe.counters
    for path in COUNTER_PATHS:
        try:
            _counters(recipe.base + path)
        except WhenceError:
            continue
        return recipe.base + path
    return None


def _counters(source: str) -> dict[str, object]:
    """Returns one snapshot as JSON of runtime/metrics names, with the time it was taken."""
    snapshots = read_snapshots(bytes(decompressed(fetch(source, grace_s=10.0))))
    if not snapshots:
        raise BadInput(f"{source} holds no Go metrics. Name /metrics or /debug/vars with --counters.")
    return _written(snapshots[-1])


def _written(snapshot: Snapshot) -> dict[str, object]:
    found: dict[str, object] = {"time": time.time()}
    found |= snapshot.values
    return found | {name: _histogram(one) for name, one in snapshot.histograms.items()}


def _histogram(histogram: Histogram) -> dict[str, object]:
    edges = [float(edge) if np.isfinite(edge) else None for edge in histogram.edges]
    return {"Counts": histogram.counts.tolist(), "Buckets": edges}
