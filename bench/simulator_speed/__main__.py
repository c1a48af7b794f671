"""How many allocations a second the simulated allocator takes, beside LRU in libcachesim's own trace loop.

One stream of allocations and deaths of 19 sizes, half of them with pointers, some large; 2 MB and 128 MB alive, so
heaps of 4 MB and 256 MB. Everything of this layer is done: slots in the release's order, caches, central lists,
sweeping in proportion, page placement. The peer reads the same number of records (24 bytes each: time, object, size,
next access) with libcachesim 0.3.5, which is put into an environment of its own. Both are timed in CPU seconds, in
turn, five times; the least counts. Aims: 25 M allocations/s, 5 times the peer's records/s, 64 bytes a live object.

    python -m bench.simulator_speed [--allocations 4000000] [--peer PYTHON] [--no-peer]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

from bench.simulator_speed.kernels_churn import churn
from bench.simulator_speed.stream import Stream, make_stream
from whence.explain.simulator.allocator import layout as at
from whence.explain.simulator.allocator.state import Allocator, new_allocator
from whence.explain.simulator.pages.state import new_heap
from whence.explain.simulator.versions.allocators import span_classes
from whence.explain.simulator.versions.page_heaps import page_heap_row
from whence.golang.versions import parse_version

ROUNDS = 5
AIM_ALLOCATIONS = 25e6
AIM_TIMES_PEER = 5
MOST_BYTES_AN_OBJECT = 64
VERSION = parse_version("1.27.4")
PEER = """
import sys, time
import libcachesim
path, size, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
best = 1e9
for _ in range(rounds):
    reader = libcachesim.TraceReader(path, libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    cache = libcachesim.LRU(size)
    begin = time.process_time()
    cache.process_trace(reader)
    best = min(best, time.process_time() - begin)
print(best)
"""


def new(handles: int) -> tuple[Allocator, np.ndarray, np.ndarray]:
    """Returns an empty allocator, room for the slots of objects, and for free handles."""
    row = page_heap_row(VERSION)
    heap = new_heap(scavenge_by=row.scavenge_by, growth_rule=row.growth_rule, huge_rule=row.huge_rule, lazy=row.lazy)
    return new_allocator(heap, span_classes(VERSION)), np.zeros(handles, np.int64), np.zeros(handles, np.uint32)


def play(stream: Stream) -> tuple[float, np.ndarray, Allocator]:
    """Returns CPU seconds, collections and digest, and the allocator as it ended."""
    allocator, objects, free = new(stream.handles)
    pending, result = np.zeros(len(stream.died), np.int64), np.zeros(2, np.int64)
    begin = time.process_time()
    churn(allocator, stream.kind, stream.died, objects, free, pending, result)
    return time.process_time() - begin, result, allocator


def bytes_an_object(stream: Stream, allocator: Allocator) -> float:
    """Returns what the simulation holds for an object alive: its slot, its handle, and its share of span and bitmap."""
    state = allocator.state
    spans = int(state[at.NEXT_SPAN]) * (at.SPAN_FIELDS * 8)
    bits = int(state[at.NEXT_BITS]) * (8 + 4)
    pages = int(allocator.heap.heap[2]) * (4 + 240 / 512)
    return (stream.handles * (8 + 4) + spans + bits + pages) / stream.handles


def write_peer_trace(stream: Stream, path: Path) -> None:
    """Writes the events as libcachesim's oracleGeneral records."""
    records = np.zeros(len(stream.kind), np.dtype([("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")]))
    records["time"] = np.arange(len(stream.kind)) // 1000
    records["id"] = stream.identity + 1
    records["size"] = stream.size
    records["next"] = -1
    path.write_bytes(records.tobytes())


def peer_python(folder: Path) -> Path:
    """Returns an interpreter that has libcachesim, in an environment of its own."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", "libcachesim==0.3.5"], check=True)
    return python


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--allocations", type=int, default=4_000_000)
    parser.add_argument("--peer", type=Path, help="an interpreter with libcachesim")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    play(make_stream(10_000, 1 << 20, 1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = None if options.no_peer else options.peer or peer_python(folder / "peer")
        for megabytes in (4, 256):
            stream = make_stream(options.allocations, megabytes << 19, 7)
            allocations = options.allocations
            runs = [play(stream) for _ in range(ROUNDS)]
            seconds = min(run[0] for run in runs)
            assert len({tuple(run[1].tolist()) for run in runs}) == 1
            rate, records = allocations / seconds, len(stream.kind) / seconds
            memory = bytes_an_object(stream, runs[0][2])
            print(
                f"{megabytes:4d} MB heap: {allocations:,} allocations, {len(stream.kind):,} records, "
                f"{int(runs[0][1][0])} collections: {rate / 1e6:.1f} M allocations/s = "
                f"{rate / AIM_ALLOCATIONS:.2f} of the aim; {memory:.0f} bytes an object alive = "
                f"{memory / MOST_BYTES_AN_OBJECT:.2f} of the limit",
                flush=True,
            )
            if python is None:
                continue
            trace = folder / "records"
            write_peer_trace(stream, trace)
            command = [str(python), "-c", PEER, str(trace), str(megabytes << 19), str(ROUNDS)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            theirs = len(stream.kind) / float(done.stdout.split()[-1])
            print(
                f"     records/s: {records / 1e6:.1f} M, LRU of libcachesim {theirs / 1e6:.1f} M: "
                f"{records / theirs:.1f} times (aim {AIM_TIMES_PEER})",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
