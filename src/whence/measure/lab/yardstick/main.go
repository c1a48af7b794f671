// Yardstick is the program that `whence doctor` runs again and again to see how noisy this host is: about a quarter
// of a second of arithmetic, allocation and garbage collection. Collections come at fixed points, so that the memory
// it holds is the same in every run and what differs is the host's doing. `yardstick 3` does three times as much.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

type node struct {
	next  *node
	value [6]uint64
}

// kept holds 64 MiB of memory without pointers and all nodes of the last round.
var (
	kept  = make([]byte, 64<<20)
	nodes *node
)

func main() {
	times := 1
	if len(os.Args) > 1 {
		times, _ = strconv.Atoi(os.Args[1])
	}
	debug.SetGCPercent(-1)
	for i := 0; i < len(kept); i += 4096 {
		kept[i] = 1
	}
	begin := time.Now()
	sum := arithmetic(times * 100_000_000)
	loop := time.Since(begin)
	begin = time.Now()
	for round := 0; round < times*20; round++ {
		nodes = nil
		if round%5 == 4 {
			runtime.GC()
		}
		for i := 0; i < 40_000; i++ {
			nodes = &node{next: nodes, value: [6]uint64{sum, uint64(i)}}
		}
	}
	allocation := time.Since(begin)
	if sum == 0 || nodes == nil {
		os.Exit(1)
	}
	fmt.Printf("BenchmarkYardstick 1 %d loop-ns %d alloc-ns\n", loop.Nanoseconds(), allocation.Nanoseconds())
}

func arithmetic(steps int) uint64 {
	state := uint64(88172645463325252)
	for i := 0; i < steps; i++ {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
	}
	return state
}
