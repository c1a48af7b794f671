// Planted does work, holds memory and serves requests, as much of each as its switches say. Four switches are build
// tags (b1 to b4), the others are environment variables (S1 to S6). PLAN says what each does, the same in all variants:
//
//	b1 work 1.05; b2*S1 work 1.04; S2 memory 4; S3 tail 1.5
//
// Work and tail are factors, memory is in megabytes. A product of two names is what both do together.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

const (
	iterations = 14_000_000
	parts      = 7
	baseMB     = 24
	requests   = 400
	perRequest = 15_000
)

var sink uint64

// spin does n steps that each need the one before.
//
//go:noinline
func spin(n int) {
	x := sink | 88172645463325252
	for i := 0; i < n; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink = x
}

func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func isOn(name string) bool {
	switch name {
	case "b1":
		return b1
	case "b2":
		return b2
	case "b3":
		return b3
	case "b4":
		return b4
	}
	return os.Getenv(name) == "1"
}

func allOn(names string) bool {
	for _, name := range strings.Split(names, "*") {
		if !isOn(name) {
			return false
		}
	}
	return true
}

func main() {
	work, memory, tail := 1.0, float64(baseMB), 1.0
	for _, item := range strings.Split(os.Getenv("PLAN"), ";") {
		words := strings.Fields(item)
		if len(words) != 3 || !allOn(words[0]) {
			continue
		}
		size, err := strconv.ParseFloat(words[2], 64)
		if err != nil {
			panic(err)
		}
		switch words[1] {
		case "work":
			work *= size
		case "memory":
			memory += size
		case "tail":
			tail *= size
		}
	}
	held := make([]byte, int(memory*1e6))
	for i := 0; i < len(held); i += 4096 {
		held[i] = 1
	}
	// The quickest of several equal parts: what the host takes away now and then is not the switches' doing.
	ticks := int64(0)
	for part := 0; part < parts; part++ {
		before := cpuNanoseconds()
		spin(int(iterations * work / parts))
		if took := cpuNanoseconds() - before; ticks == 0 || took < ticks {
			ticks = took
		}
	}
	ticks *= parts
	var took []int
	if os.Getenv("TAIL") == "1" {
		for i := 0; i < requests; i++ {
			n := perRequest
			if i%20 == 0 {
				n = int(float64(4*n) * tail)
			}
			start := cpuNanoseconds()
			spin(n)
			took = append(took, int(cpuNanoseconds()-start))
		}
		sort.Ints(took)
		// The mean of the slowest twentieth: steadier than one order statistic.
		sum := 0
		for _, t := range took[requests-requests/20:] {
			sum += t
		}
		fmt.Printf("BenchmarkPlanted 1 %d tail-ticks\n", sum/(requests/20))
	}
	fmt.Printf("BenchmarkPlanted 1 %d ticks\n", ticks)
	if held[0] != 1 {
		panic("lost")
	}
}
