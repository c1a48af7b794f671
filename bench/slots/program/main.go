// A program of five workloads whose allocations are traced from the first line of main on.
//
// At that moment nothing has been collected yet, so every span with room left is the one that its processor allocates
// from, and what the trace says of the heap is all that there is to know.
package main

import (
	"fmt"
	"os"
	"runtime/trace"
	"strconv"
)

var workloads = map[string]func(rounds int){
	"mixed":   mixed,
	"json":    documents,
	"trees":   trees,
	"strings": texts,
	"slices":  slices,
}

// deepen uses that many KiB of its goroutine's stack.
//
//go:noinline
func deepen(levels int) byte {
	var room [1024]byte
	if levels > 0 {
		room[levels] = deepen(levels - 1)
	}
	return room[levels/2]
}

// settleStacks makes sure that no stack has to be made while the tracer writes an event, as it would not be recorded:
// its own goroutine gets one of 32 KiB, and goroutines that wait for ever keep a run of pages for each smaller size.
func settleStacks() {
	ready := make(chan byte)
	for _, levels := range []int{1, 3, 5, 10} {
		go func(levels int) {
			ready <- deepen(levels)
			select {}
		}(levels)
		<-ready
	}
	deepen(18)
}

func main() {
	settleStacks()
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	rounds, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	run, known := workloads[os.Args[2]]
	if !known {
		fmt.Fprintln(os.Stderr, "no workload", os.Args[2])
		os.Exit(2)
	}
	run(rounds)
	trace.Stop()
	file.Close()
}

// random is a generator of its own, so that the work is the same in every release.
type random uint64

func (r *random) next(limit int) int {
	*r = *r*6364136223846793005 + 1442695040888963407
	return int(uint64(*r>>33) % uint64(limit))
}
