// Command trees builds and walks binary trees beside one long-lived tree, on ps Ps: small linked objects of every
// lifetime, so that much of its CPU time is the collector's. Language and library level: Go 1.2.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

var (
	depth  = flag.Int("depth", 16, "levels below the root of the long-lived tree, and of the deepest short-lived ones")
	rounds = flag.Int("rounds", 4, "short-lived trees of the full depth; of depth d below it there are rounds·2^(depth-d)")
	ps     = flag.Int("ps", 2, "GOMAXPROCS, and the number of goroutines that build trees")
)

// minimumDepth is that of the most numerous trees.
const minimumDepth = 4

type tree struct {
	left, right *tree
}

// longLived is a global, because runtime.KeepAlive came with Go 1.7.
var longLived *tree

func main() {
	flag.Parse()
	if flag.NArg() > 0 || *depth < minimumDepth || *depth > 24 || *rounds < 1 || *ps < 1 {
		fmt.Fprintln(os.Stderr, "trees: a parameter is out of range. See: whence workload show trees")
		os.Exit(2)
	}
	runtime.GOMAXPROCS(*ps)
	longLived = build(*depth)
	// Every run times the same phases of the collector: the clock starts behind a finished collection.
	runtime.GC()

	before := readCollector()
	cpu, start := processCPU(), time.Now()
	var nodes uint64
	for d := minimumDepth; d <= *depth; d += 2 {
		// As many trees as make every depth build about the same number of nodes.
		nodes += grow(d, *rounds<<uint(*depth-d))
	}
	elapsed, cpuUsed := time.Since(start), processCPU()-cpu
	report(nodes, elapsed, cpuUsed, before, readCollector())
}

// grow builds and walks n trees of depth d on ps goroutines, and returns the number of nodes met.
func grow(d, n int) uint64 {
	counts := make(chan uint64, *ps)
	for worker := 0; worker < *ps; worker++ {
		go func(n int) {
			var nodes uint64
			for i := 0; i < n; i++ {
				nodes += build(d).count()
			}
			counts <- nodes
		}(n*(worker+1) / *ps - n*worker / *ps)
	}
	var nodes uint64
	for worker := 0; worker < *ps; worker++ {
		nodes += <-counts
	}
	return nodes
}

func build(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func (t *tree) count() uint64 {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}
