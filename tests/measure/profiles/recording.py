"""Profiles recorded from a real program, and what `go tool pprof` says of profiles."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from whence.golang import toolchains

KINDS = ("cpu", "heap", "allocs", "mutex", "block", "goroutine")
PROGRAM = """package main

import (
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strconv"
	"sync"
)

type shape interface{ area(n int) int }
type square struct{ side int }

func (s square) area(n int) int { return spin(n) * s.side }

var kept []*[]byte

//go:noinline
func spin(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += i*i ^ sum
	}
	return sum
}

func inlined(n int) int { return n*7 + deeper(n) }

func deeper(n int) int { return spin(n) + 1 }

func allocate(n int) {
	for i := 0; i < n; i++ {
		b := make([]byte, 16+i%3000)
		if i%50 == 0 {
			kept = append(kept, &b)
		}
	}
	numbers := make([]int, n)
	sort.Slice(numbers, func(a, b int) bool { return numbers[a] < numbers[b] })
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	runtime.MemProfileRate = 4096
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	f, err := os.Create(os.Args[1] + "/cpu.pb.gz")
	must(err)
	must(pprof.StartCPUProfile(f))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := 0; g < 4; g++ {
		wg.Add(1)
		labels := pprof.Labels("worker", strconv.Itoa(g), "kind", "test")
		go pprof.Do(context.Background(), labels, func(context.Context) {
			defer wg.Done()
			// Enough work to be sampled on a busy machine too.
			for i := 0; i < 500; i++ {
				mu.Lock()
				spin(20000)
				mu.Unlock()
				inlined(20000)
				shape(square{3}).area(2000)
				allocate(200)
			}
		})
	}
	wg.Wait()
	pprof.StopCPUProfile()
	must(f.Close())
	for _, name := range []string{"heap", "allocs", "mutex", "block", "goroutine"} {
		f, err := os.Create(os.Args[1] + "/" + name + ".pb.gz")
		must(err)
		must(pprof.Lookup(name).WriteTo(f, 0))
		must(f.Close())
	}
}
"""


@lru_cache(maxsize=4)
def recorded(version: str = "local", flags: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """Returns the program built by a toolchain, and the directory with its profiles of two runs ("a", "b")."""
    toolchain = toolchains.find(version)
    if toolchain is None:
        pytest.skip(f"SKIPPED go{version} is not installed")
    place = Path(tempfile.mkdtemp(prefix="whence-recorded-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    (place / "main.go").write_text(PROGRAM)
    (place / "go.mod").write_text("module example.com/record\n\ngo 1.18\n")
    environment = toolchains.clean_environment(
        toolchain, gopath=place / "gopath", gocache=Path.home() / ".cache/go-build"
    )
    subprocess.run([toolchain.go, "build", *flags, "-o", "record", "."], cwd=place, env=environment, check=True)
    for run in ("a", "b"):
        (place / run).mkdir()
        subprocess.run([place / "record", place / run], check=True)
    return place / "record", place


def pprof(*arguments: str | Path) -> str:
    """Returns what `go tool pprof` writes."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        command = ["go", "tool", "pprof", "-symbolize=none", f"-output={out}", *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)
        return out.read_text()


def default_pgo(version: str) -> Path:
    """Returns the CPU profile of the compiler that a release ships."""
    toolchain = toolchains.find(version)
    path = toolchain and toolchain.goroot / "src/cmd/compile/default.pgo"
    if not path or not path.exists():
        pytest.skip(f"SKIPPED go{version} is not installed")
    return path
