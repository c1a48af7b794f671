"""The time line of a real trace: what ran where, as the trace says it, and nothing that overlaps."""

from __future__ import annotations

import json
import subprocess
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from whence.measure.profiles.converting import convert
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.trace import read_trace
from whence.measure.profiles.writers import perfetto
from whence.measure.profiles.writers.perfetto import perfetto_pieces, write_perfetto

PROGRAM = """package main

import (
	"context"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
)

var kept [][]byte

func work(n int) {
	for i := 0; i < n; i++ {
		b := make([]byte, 1000+i%5000)
		if i%10 == 0 {
			kept = append(kept, b)
		}
	}
}

func main() {
	runtime.GOMAXPROCS(2)
	trace.Start(os.Stdout)
	ctx, task := trace.NewTask(context.Background(), "job")
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			trace.WithRegion(ctx, "part", func() { work(3000) })
		}()
	}
	group.Wait()
	trace.Log(ctx, "state", "done")
	task.End()
	runtime.GC()
	trace.Stop()
}
"""


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("perfetto")
    (place / "main.go").write_text(PROGRAM)
    (place / "go.mod").write_text("module example.com/line\n\ngo 1.22\n")
    with open(place / "trace", "wb") as file:
        subprocess.run(["go", "run", "."], cwd=place, stdout=file, check=True)
    return place / "trace"


@pytest.fixture(scope="module")
def entries(trace: Path) -> list[dict]:
    with open(trace, "rb") as file:
        return json.loads(write_perfetto(read_trace(file)))["traceEvents"]


@pytest.mark.real
def test_collections_and_counters_are_those_of_the_trace(trace: Path, entries: list[dict]) -> None:
    with open(trace, "rb") as file:
        generations = list(read_trace(file))
        begun = sum(len(one.select("GCBegin")) for one in generations)
        goals = [goal for one in generations for goal in one.select("HeapGoal").args[0].tolist()]
    collections = [entry for entry in entries if entry["ph"] == "X" and entry["name"].startswith("collection ")]
    assert len(collections) == begun > 0
    counted = [entry["args"]["value"] for entry in entries if entry["name"] == "heap goal (bytes)"]
    assert counted == goals
    names = Counter(entry["name"] for entry in entries if entry["ph"] == "X")
    assert names["GC mark termination"] == names["GC sweep termination"] == begun


@pytest.mark.real
def test_slices_of_a_track_never_overlap_and_lie_in_the_trace(entries: list[dict]) -> None:
    tracks = defaultdict(list)
    for entry in entries:
        if entry["ph"] == "X":
            tracks[entry["pid"], entry["tid"]].append((entry["ts"], entry["ts"] + entry["dur"]))
    for slices in tracks.values():
        slices.sort()
        assert all(one[1] <= other[0] + 1e-6 for one, other in pairwise(slices))
        assert slices[0][0] >= 0
    assert {thread for process, thread in tracks if process == 1} <= {0, 1}


@pytest.mark.real
def test_goroutines_bear_the_names_of_their_functions(entries: list[dict]) -> None:
    ran = {entry["args"]["goroutine"]: entry["name"] for entry in entries if entry["ph"] == "X" and entry["pid"] == 1}
    assert list(ran.values()).count("main.main.func1") == 4


@pytest.mark.real
def test_what_overlaps_begins_and_ends_in_pairs(entries: list[dict]) -> None:
    open_now: Counter[str] = Counter()
    for entry in entries:
        if entry["ph"] in "be":
            open_now[entry["id2"]["local"]] += 1 if entry["ph"] == "b" else -1
            assert open_now[entry["id2"]["local"]] >= 0
    assert not any(open_now.values())
    assert sum(entry["name"] == "part" and entry["ph"] == "b" for entry in entries) == 4
    assert [entry["name"] for entry in entries if entry["ph"] == "i"] == ["state: done"]


@pytest.mark.real
def test_pieces_make_the_document(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfetto, "_ENTRIES_AT_ONCE", 50)
    with open(trace, "rb") as file:
        pieces = list(perfetto_pieces(read_trace(file)))
    assert len(pieces) > 2
    assert json.loads(b"".join(pieces)) == json.loads(convert(trace.read_bytes(), "perfetto"))


@pytest.mark.real
def test_a_trace_that_breaks_off_is_drawn_as_far_as_it_goes(trace: Path, entries: list[dict]) -> None:
    content = trace.read_bytes()
    half = content[: len(content) * 2 // 3]
    with pytest.raises(DamagedInput):
        convert(half, "perfetto")
    said: list[str] = []
    drawn = json.loads(convert(half, "perfetto", note=said.append))["traceEvents"]
    assert len(said) == 1 and said[0].startswith("drawn as far as the trace goes: ")
    assert 20 < len(drawn) < len(entries)
