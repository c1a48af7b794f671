package main

import (
	"fmt"
	"runtime"
	"sort"
	"time"
)

// report prints one benchmark line: an operation is one round trip, client's and server's side together.
func report(elapsed time.Duration, took []int64, sum uint64, before, after *runtime.MemStats) {
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	trips := float64(*n)
	fmt.Printf("workload: streamtiny\n")
	fmt.Printf("checksum: %d\n", sum)
	fmt.Printf("BenchmarkStreamTiny %d %.1f ns/rt %.3f allocs/rt %.1f B/rt %d rt-p50-ns %d rt-p99-ns\n", *n,
		float64(elapsed.Nanoseconds())/trips,
		float64(after.Mallocs-before.Mallocs)/trips,
		float64(after.TotalAlloc-before.TotalAlloc)/trips,
		took[len(took)/2], took[(len(took)*99+99)/100-1])
}
