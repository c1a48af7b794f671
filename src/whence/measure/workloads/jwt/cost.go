package main

import (
	"fmt"
	"runtime"
	"time"
)

// cost is what a piece of work took.
type cost struct {
	elapsed, cpu   time.Duration
	bytes, objects uint64
}

// measure runs work behind a finished collection, so that every run times the same phases of the collector.
func measure(work func()) cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, start := processCPU(), time.Now()
	work()
	elapsed, cpuUsed := time.Since(start), processCPU()-cpu
	runtime.ReadMemStats(&after)
	return cost{elapsed, cpuUsed, after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs}
}

// print writes one benchmark line without its end.
//
// B/op and allocs/op are rounded down to whole numbers, as package testing does: the runtime's own few allocations
// meanwhile are no part of an operation.
func (c cost) print(name string, operations int) {
	fmt.Printf("Benchmark%s %d %.3f ns/op", name, operations, float64(c.elapsed.Nanoseconds())/float64(operations))
	if c.cpu > 0 {
		fmt.Printf(" %.3f cpu-ns/op", float64(c.cpu.Nanoseconds())/float64(operations))
	}
	fmt.Printf(" %d B/op %d allocs/op", c.bytes/uint64(operations), c.objects/uint64(operations))
}
