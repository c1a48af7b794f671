// Loop runs a short hot loop whose speed depends on where the linker puts it: the same instructions, fast or slow.
package main

import (
	"fmt"
	"syscall"
)

var table [1024]uint32

//go:noinline
func tight(rounds int) uint32 {
	var sum uint32
	for r := 0; r < rounds; r++ {
		for i := range table {
			if table[i]&1 != 0 {
				sum += table[i]
			}
		}
	}
	return sum
}

func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	for i := range table {
		table[i] = uint32(i)
	}
	const rounds = 60_000
	before := cpuNanoseconds()
	sum := tight(rounds)
	fmt.Printf("BenchmarkLoop %d %d ns/op\nchecksum: %d\n", rounds, (cpuNanoseconds()-before)/rounds, sum)
}
