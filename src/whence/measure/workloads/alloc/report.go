package main

import (
	"fmt"
	"runtime"
	"time"
)

// report prints one benchmark line: an operation is one allocation.
//
// allocs/op and B/op are rounded down to whole numbers, as package testing does: the runtime's own few allocations
// during the loop (collector workers, the goroutines) are no part of an operation.
func report(elapsed, cpu time.Duration, before, after *runtime.MemStats) {
	operations := uint64(*n)
	fmt.Printf("workload: alloc\n")
	fmt.Printf("checksum: %d\n", checksum())
	fmt.Printf("BenchmarkAlloc %d %.3f ns/op", *n, float64(elapsed.Nanoseconds())/float64(*n))
	if cpu > 0 {
		fmt.Printf(" %.3f cpu-ns/op", float64(cpu.Nanoseconds())/float64(*n))
	}
	fmt.Printf(" %d B/op %d allocs/op %d gc-cycles\n", (after.TotalAlloc-before.TotalAlloc)/operations,
		(after.Mallocs-before.Mallocs)/operations, after.NumGC-before.NumGC)
}

// checksum counts what was asked for and reads the first nodes of the live heap.
func checksum() uint64 {
	total := uint64(*n) * uint64(*size)
	at := liveHeap
	for i := 0; i < 1000 && at != nil; i++ {
		total += at.value
		at = at.next
	}
	for _, last := range lasts {
		if last == nil {
			return 0
		}
	}
	return total
}
