package main

import (
	"fmt"
	"runtime"
	"time"
)

// pSeconds is time during which Ps were busy, and what of it they spent on collecting.
//
// It is not CPU time: a P whose thread the kernel does not run counts all the same, so it grows on a loaded host. That
// stretches both numbers alike, and the quotient times the CPU time of the process is the collector's CPU time.
type pSeconds struct {
	all, collecting float64
}

// collector is what the runtime says about its collector so far.
type collector struct {
	cycles    uint32
	mallocs   uint64
	bytes     uint64
	busy      pSeconds
	busyKnown bool
}

func readCollector() collector {
	busy, known := readPSeconds()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return collector{m.NumGC, m.Mallocs, m.TotalAlloc, busy, known}
}

// report prints one benchmark line: an operation is one node, allocated, walked once and collected.
func report(nodes uint64, elapsed, cpu time.Duration, before, after collector) {
	fmt.Printf("workload: trees\n")
	fmt.Printf("checksum: %d\n", nodes+longLived.count())
	fmt.Printf("BenchmarkTrees %d %.3f ns/op", nodes, float64(elapsed.Nanoseconds())/float64(nodes))
	if cpu > 0 {
		fmt.Printf(" %.3f cpu-ns/op", float64(cpu.Nanoseconds())/float64(nodes))
	}
	busy, collecting := after.busy.all-before.busy.all, after.busy.collecting-before.busy.collecting
	if cpu > 0 && before.busyKnown {
		share := 0.0 // while no collection has ended, nothing was brought up to date
		if busy > 0 {
			share = collecting / busy
		}
		fmt.Printf(" %.3f gc-cpu-ns/op", float64(cpu.Nanoseconds())/float64(nodes)*share)
	}
	// Rounded down, as package testing does: the runtime's own few allocations are no part of an operation.
	fmt.Printf(" %d B/op %d allocs/op %d gc-cycles\n", (after.bytes-before.bytes)/nodes,
		(after.mallocs-before.mallocs)/nodes, after.cycles-before.cycles)
}
