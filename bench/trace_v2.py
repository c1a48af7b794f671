"""How fast, and in how much memory, an execution trace with all allocations and frees is read.

Records a real trace of some 100 MB (four goroutines allocating, GODEBUG=traceallocfree=1) and reads it three ways: all
events with all arguments, the allocations as addresses and types, and only the collector's events. Then its generations
are laid end to end until the file has about 1 GB, and the highest resident memory of reading that is taken, in a
process of its own each time. Limits: 5 million events a CPU second on one core, 300 MB.

    python -m bench.trace_v2 [--megabytes 1000] [--toolchain 1.26.11]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from whence.golang import toolchains
from whence.measure.profiles.readers.trace import read_trace

LEAST_EVENTS_A_SECOND = 5e6
MOST_BYTES = 300e6
HEADER_BYTES = 16

PROGRAM = """package main

import (
	"os"
	"runtime/trace"
	"sync"
)

type node struct {
	next *node
	a, b int
}

var kept [4]*node
var sink [4]*int64
var text [4][]byte

//go:noinline
func newInt64() *int64 { return new(int64) }

//go:noinline
func newNode(i int) *node { return &node{a: i} }

func work(g, n int) {
	for i := 0; i < n; i++ {
		sink[g] = newInt64()
		if i%4 == 0 {
			kept[g] = newNode(i)
		}
		if i%100 == 0 {
			text[g] = make([]byte, 100+i%5000)
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
	var group sync.WaitGroup
	for g := 0; g < 4; g++ {
		group.Add(1)
		go func(g int) {
			defer group.Done()
			work(g, 2500000)
		}(g)
	}
	group.Wait()
	trace.Stop()
}
"""


def record(folder: Path, version: str) -> Path:
    """Returns a trace recorded with a toolchain."""
    toolchain = toolchains.ensure(version)
    (folder / "go.mod").write_text("module traced\n\ngo 1.21\n")
    (folder / "main.go").write_text(PROGRAM)
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    subprocess.run([str(toolchain.go), "build", "-o", "traced", "."], cwd=folder, env=environment, check=True)
    path = folder / "one.trace"
    environment["GODEBUG"] = "traceallocfree=1"
    subprocess.run([str(folder / "traced"), str(path)], env=environment, check=True)
    return path


def repeat(path: Path, folder: Path, megabytes: float) -> Path:
    """Returns a trace made of the generations of another, laid end to end until it is as large as asked.

    From Go 1.26 on a generation ends with a mark of its own, so any may follow any; their times start anew.
    """
    content = path.read_bytes()[HEADER_BYTES:]
    long = folder / "long.trace"
    with long.open("wb") as file:
        file.write(path.read_bytes()[:HEADER_BYTES])
        while file.tell() < megabytes * 1e6:
            file.write(content)
    return long


def read(path: Path, way: str) -> dict[str, float]:
    """Reads a trace in one way; returns events, CPU seconds and the highest resident bytes of this process."""
    begin = time.process_time()
    events = 0
    with path.open("rb") as file:
        for generation in read_trace(file):
            if way == "events":
                events += sum(len(block) for block in generation.blocks())
            elif way == "allocations":
                events += sum(len(block) for block in generation.allocation_blocks())
            else:
                events += len(generation.select("GCBegin", "GCEnd", "STWBegin", "STWEnd", "HeapAlloc", "HeapGoal"))
    seconds = time.process_time() - begin
    high = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {"events": events, "seconds": seconds, "bytes": int(high.split()[1]) * 1024}


def apart(path: Path, way: str) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "bench.trace_v2", "--read", str(path), way]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=float, default=1000)
    parser.add_argument("--toolchain", default="1.26.11")
    parser.add_argument("--read", nargs=2)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read(Path(options.read[0]), options.read[1])))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = record(folder, options.toolchain)
        print(f"recorded with go{options.toolchain}: {one.stat().st_size / 1e6:.0f} MB")
        total = apart(one, "events")["events"]
        for way in ("events", "allocations", "collections"):
            runs = [apart(one, way) for _ in range(3)]
            best = min(runs, key=lambda run: run["seconds"])
            middle = sorted(run["seconds"] for run in runs)[1]
            # The trace is read to its end whichever events are wanted.
            print(
                f"{way:12s} {best['events']:11,.0f} of {total:,.0f} events   {total / middle / 1e6:5.2f} M events/s "
                f"(median of 3; best {total / best['seconds'] / 1e6:.2f})   "
                f"{total / middle / LEAST_EVENTS_A_SECOND:.2f} of the least speed   "
                f"{best['bytes'] / 1e6:.0f} MB = {best['bytes'] / MOST_BYTES:.2f} of the most memory"
            )
        long = repeat(one, folder, options.megabytes)
        for way in ("events", "allocations"):
            run = apart(long, way)
            print(
                f"{long.stat().st_size / 1e9:.2f} GB, {way}: {run['events']:,.0f} events in {run['seconds']:.1f} "
                f"CPU-s, highest resident memory {run['bytes'] / 1e6:.0f} MB = "
                f"{run['bytes'] / MOST_BYTES:.2f} of the limit"
            )


if __name__ == "__main__":
    main()
