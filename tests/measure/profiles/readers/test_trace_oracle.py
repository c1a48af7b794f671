"""Traces of real programs and the toolchain's old traces, event by event against `go tool trace -d=parsed`."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from whence.golang import toolchains
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.trace import read_trace
from whence.measure.profiles.readers.trace_columns import Generation
from whence.measure.profiles.readers.trace_v2_events import EVENTS, EXPERIMENTAL, NAME

NEWEST = "1.27.4"
COUNTS = {event.code: len(event.args) - 1 for event in EVENTS}
METRICS = {"/memory/classes/heap/objects:bytes": "HeapAlloc", "/gc/heap/goal:bytes": "HeapGoal"}
LINE = re.compile(r"^M=(-?\d+) P=(-?\d+) G=(-?\d+) (\w+) Time=(\d+) (.*)$", re.M)
Row = tuple[str, int, int, tuple[int, ...]]

PROGRAM = """package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
)

type node struct {
	next *node
	a, b int
}

var kept [4][]*node
var text []byte

//go:noinline
func newInt64() *int64 { return new(int64) }

//go:noinline
func newNode(i int) *node { return &node{a: i} }

func work(g, n int) {
	for i := 0; i < n; i++ {
		*newInt64() = int64(i)
		if i%4 == 0 {
			kept[g] = append(kept[g], newNode(i))
		}
		if i%100 == 0 {
			text = make([]byte, 300)
		}
	}
}

func main() {
	f, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := trace.Start(f); err != nil {
		panic(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var group sync.WaitGroup
	for g := 0; g < 4; g++ {
		group.Add(1)
		go func(g int) {
			defer group.Done()
			work(g, 20000)
		}(g)
	}
	group.Wait()
	runtime.GC()
	runtime.ReadMemStats(&after)
	trace.Stop()
	fmt.Println(after.Mallocs-before.Mallocs, after.NumGC-before.NumGC)
}
"""


def parsed(trace: Path) -> str:
    """Returns what the newest toolchain says about a trace."""
    newest = toolchains.find(NEWEST)
    if newest is None:
        pytest.skip(f"SKIPPED go{NEWEST} is not installed")
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    command = [str(newest.go), "tool", "trace", "-d=parsed", str(trace)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout


def theirs(text: str) -> tuple[dict[int, list[Row]], dict[int, list[int]]]:
    """Returns rows and times of heap metrics and experimental events, thread by thread."""
    rows: dict[int, list[Row]] = defaultdict(list)
    times: dict[int, list[int]] = defaultdict(list)
    for thread, proc, goroutine, what, time, rest in LINE.findall(text):
        if what == "Experimental":
            name = re.search(r"Name=(\w+)", rest)
        elif what == "Metric":
            name = re.search(r'Name="(.*?)"', rest)
        else:
            continue
        assert name
        known = METRICS.get(name[1], name[1])
        if known.startswith("/"):
            continue
        values = tuple(int(value) for value in re.findall(r"Uint64\((\d+)\)", rest))
        rows[int(thread)].append((known, int(proc), int(goroutine), values))
        times[int(thread)].append(int(time))
    return rows, times


def ours(file: BinaryIO) -> tuple[dict[int, list[Row]], dict[int, list[int]], list[Generation]]:
    rows: dict[int, list[Row]] = defaultdict(list)
    times: dict[int, list[int]] = defaultdict(list)
    read = list(read_trace(file))
    for generation in read:
        zero = generation.origin_ns if generation.version > 21 else 0
        for events in generation.blocks():
            assert (np.diff(events.time_ns) >= 0).all()
            wanted = events.take((events.kind >= EXPERIMENTAL) | np.isin(events.kind, (37, 38)))
            columns = (wanted.kind, wanted.time_ns + zero, wanted.thread, wanted.proc, wanted.goroutine)
            for kind, time, thread, proc, goroutine, args in zip(
                *(column.tolist() for column in columns), wanted.args.T.tolist(), strict=True
            ):
                rows[thread].append((NAME[kind], proc, goroutine, tuple(args[: COUNTS[kind]])))
                times[thread].append(time)
    return rows, times, read


@pytest.mark.real
@pytest.mark.parametrize("version", ["1.22.12", "1.23.12", "1.25.5", "1.26.11", "1.27.4"])
def test_a_recorded_program_reads_as_the_toolchain_reads_it(version: str, tmp_path: Path) -> None:
    """Every heap metric and every experimental event has its thread, processor, goroutine, values and time.

    Times may differ by what the toolchain adds so that no two events share one.
    """
    toolchain = toolchains.find(version)
    if toolchain is None:
        pytest.skip(f"SKIPPED go{version} is not installed")
    (tmp_path / "go.mod").write_text("module traced\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text(PROGRAM)
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    subprocess.run([str(toolchain.go), "build", "-o", "traced", "."], cwd=tmp_path, env=environment, check=True)
    trace = tmp_path / "out.trace"
    environment["GODEBUG"] = "traceallocfree=1"
    run = [str(tmp_path / "traced"), str(trace)]
    printed = subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout
    mallocs, collections = (int(number) for number in printed.split())

    text = parsed(trace)
    their_rows, their_times = theirs(text)
    with trace.open("rb") as file:
        rows, times, read = ours(file)
        assert rows == their_rows
        assert max(np.abs(np.subtract(times[thread], their_times[thread])).max() for thread in times) < 100_000
        events = [generation.select("GCBegin", "GCEnd", "GCMarkAssistBegin") for generation in read]
        kinds = Counter(NAME[kind] for some in events for kind in some.kind.tolist())
        begun = re.findall(r'RangeBegin Time=\d+ Name="(.*?)"', text)
        assert kinds["GCBegin"] == begun.count("GC concurrent mark phase") == collections
        assert kinds["GCMarkAssistBegin"] == begun.count("GC mark assist")
        if version != "1.22.12":
            _check_allocations(read, mallocs, tiny_seen=version != "1.23.12")


def _check_allocations(read: list[Generation], mallocs: int, tiny_seen: bool) -> None:
    """Allocations of every type come out as often as the program made them; all that MemStats counts are there."""
    counted: Counter[str] = Counter()
    for generation in read:
        assert generation.layout.known
        found = generation.allocations.of("HeapObjectAlloc")
        assert (found.address.astype(np.int64) % 8 == 0).all()
        assert (found.type_row >= 0).all()
        for row, count in enumerate(np.bincount(found.type_row, minlength=len(generation.types)).tolist()):
            counted[generation.types.name[row]] += count
    assert counted["main.node"] == 20_000
    if tiny_seen:
        assert counted["int64"] == 80_000
        # Trace and MemStats begin and end some dozens of runtime allocations apart.
        assert 0 <= counted.total() - mallocs < 100
    else:
        # Go 1.23 writes only the object that opens a 16-byte block; two of eight bytes share one.
        assert 40_000 <= counted["int64"] < 40_100


def old_traces() -> list[Path]:
    newest = toolchains.find(NEWEST)
    folder = "src/internal/trace/internal/tracev1/testdata"
    return sorted((newest.goroot / folder).glob("*_good")) if newest else []


@pytest.mark.real
@pytest.mark.parametrize("path", old_traces(), ids=lambda path: path.name)
def test_old_traces_read_as_the_toolchain_reads_them(path: Path) -> None:
    """Heap metrics match in every column; stops, collections, assists and goroutine events in number."""
    text = parsed(path)
    their_rows, their_times = theirs(text)
    with path.open("rb") as file:
        rows, times, (generation,) = ours(file)
    # A processor's thread that was never told is 0 there and -1 here.
    rows = {max(thread, 0) if 0 in their_rows else thread: found for thread, found in rows.items()}
    times = {max(thread, 0) if 0 in their_rows else thread: found for thread, found in times.items()}
    assert rows == their_rows
    apart = [np.abs(np.subtract(times[thread], their_times[thread])).max() for thread in times]
    assert max(apart, default=0) < 1000
    begun = re.findall(r'RangeBegin Time=\d+ Name="(.*?)"', text)
    stops = generation.select("STWBegin").args[0].tolist()
    names = Counter(f"stop-the-world ({generation.strings[number]})" for number in stops)
    assert names == Counter(name for name in begun if name.startswith("stop-the-world"))
    for ours_, name in (("GCBegin", "GC concurrent mark phase"), ("GCMarkAssistBegin", "GC mark assist")):
        assert len(generation.select(ours_)) == begun.count(name)
    assert len(generation.select("GCSweepBegin")) == begun.count("GC incremental sweep")
    moves = Counter(re.findall(r"GoID=\d+ (\w+->\w+)", text))
    assert len(generation.select("GoDestroy")) == moves["Running->NotExist"]
    assert len(generation.select("GoStop")) == moves["Running->Runnable"]
    assert len(generation.select("GoBlock")) == moves["Running->Waiting"]
    assert len(generation.select("GoUnblock")) == moves["Waiting->Runnable"]
    assert len(generation.cpu_samples) == len(re.findall(r"StackSample Time", text))


@pytest.mark.parametrize("path", old_traces()[-2:], ids=lambda path: path.name)
def test_old_traces_cut_or_changed_say_where_they_break(path: Path) -> None:
    """A v1 trace tells its clock behind its events: cut before, it gives DamagedInput and the byte."""
    whole = path.read_bytes()
    (entire,) = read_trace(io.BytesIO(whole))
    broken = 0
    for cut in range(20, len(whole) - 1, max(1, len(whole) // 60)):
        try:
            for generation in read_trace(io.BytesIO(whole[:cut])):
                assert len(generation.events) == len(entire.events)
        except DamagedInput as error:
            broken += 1
            assert error.offset <= cut
    assert broken > 20
    generator = np.random.default_rng(3)
    for _ in range(60):
        data = bytearray(whole)
        for place in generator.integers(16, len(whole), 3).tolist():
            data[place] = int(generator.integers(256))
        try:
            for generation in read_trace(io.BytesIO(bytes(data))):
                len(generation.events)
        except DamagedInput:
            continue
