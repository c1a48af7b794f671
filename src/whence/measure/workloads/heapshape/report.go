package main

import (
	"fmt"
	"runtime"
	"time"
)

// report prints one benchmark line: an operation is one big object, allocated and filled, collections included.
//
// It stands behind the last collection, so HeapAlloc is the live heap.
func report(elapsed time.Duration) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	total := runtimeTotal(&m)
	fmt.Printf("workload: heapshape\n")
	fmt.Printf("checksum: %d\n", checksum(liveBig)+smallSum())
	fmt.Printf("BenchmarkHeapShape %d %.1f ns/op %d runtime-total %d heap-live %d heap-inuse", *count,
		float64(elapsed.Nanoseconds())/float64(*count), total, m.HeapAlloc, m.HeapInuse)
	if *gc == "free" {
		fmt.Printf(" %d heap-goal %d gc-cycles", m.NextGC, m.NumGC)
	}
	fmt.Printf("\n")
}

// smallSum reads the first nodes only: following the whole list costs more than building it.
func smallSum() uint64 {
	var total uint64
	at := liveSmall
	for i := 0; i < 1000 && at != nil; i++ {
		total += at.value
		at = at.next
	}
	return total
}
