// Command alloc allocates n objects of one size as garbage beside a linked live heap, on ps Ps, and reports the cost
// of one allocation with its share of collecting. Language and library level: Go 1.2.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

var (
	size     = flag.Int("size", 64, "bytes of one object: 8, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096, 8192, 32768 or 65536")
	pointers = flag.Int("pointers", 1, "1: every word of the object is a pointer; 0: none is")
	live     = flag.Int("live", 64, "MB (1e6 bytes) of live heap, in linked 64-byte nodes")
	n        = flag.Int("n", 4000000, "number of timed allocations, over all Ps")
	ps       = flag.Int("ps", 1, "GOMAXPROCS, and the number of goroutines that allocate")
)

// node is an object of the live heap: 64 bytes, linked.
type node struct {
	next    *node
	value   uint64
	payload [6]uint64
}

// Globals, because runtime.KeepAlive came with Go 1.7.
var (
	liveHeap *node
	lasts    []interface{}
)

func main() {
	flag.Parse()
	loop := loops(*size, *pointers == 1)
	if loop == nil || flag.NArg() > 0 || *live < 0 || *n < 10000 || *ps < 1 {
		fmt.Fprintln(os.Stderr, "alloc: a parameter is out of range. See: whence workload show alloc")
		os.Exit(2)
	}
	runtime.GOMAXPROCS(*ps)
	liveHeap = &node{}
	for i := 0; i < *live*1000000/64; i++ {
		liveHeap = &node{next: liveHeap, value: uint64(i)}
	}
	lasts = make([]interface{}, *ps)
	done := make(chan bool, *ps)
	work := func(worker, n int) {
		lasts[worker] = loop(n, liveHeap)
		done <- true
	}
	// Every run times the same phases of the collector: the clock starts behind a finished collection.
	runtime.GC()

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := processCPU(), time.Now()
	for worker := 0; worker < *ps; worker++ {
		go work(worker, share(*n, worker, *ps))
	}
	for worker := 0; worker < *ps; worker++ {
		<-done
	}
	elapsed, cpuUsed := time.Since(start), processCPU()-cpu
	runtime.ReadMemStats(&after)
	report(elapsed, cpuUsed, &before, &after)
}

// share divides n over workers without a remainder.
func share(n, worker, workers int) int {
	return n*(worker+1)/workers - n*worker/workers
}
