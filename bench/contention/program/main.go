// Allocates a mix of sizes on several processors at once and prints, as one JSON object, what the locks of the
// allocator did meanwhile. It runs on a runtime that counts them (locks.go.txt).
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func whenceSnapshot(out *[392]int64)

type part struct {
	size  int
	share float64
}

// Usage: program PROCESSORS SIZE:SHARE,… OBJECTS LIVE_BYTES
func main() {
	processors, _ := strconv.Atoi(os.Args[1])
	objects, _ := strconv.Atoi(os.Args[3])
	live, _ := strconv.Atoi(os.Args[4])
	runtime.GOMAXPROCS(processors)
	sizes, mean := pattern(os.Args[2])
	ring := int(float64(live)/mean) + 1
	work := func(count int) {
		var group sync.WaitGroup
		for i := 0; i < processors; i++ {
			group.Add(1)
			go func() {
				allocate(sizes, count, ring)
				group.Done()
			}()
		}
		group.Wait()
	}
	work(2*ring + 100)
	var before, after [392]int64
	whenceSnapshot(&before)
	cpu, start := cpuTime(), time.Now()
	work(objects)
	wall := time.Since(start).Nanoseconds()
	whenceSnapshot(&after)
	cpu = cpuTime() - cpu
	for i := range after {
		after[i] -= before[i]
	}
	fmt.Printf(`{"processors": %d, "mix": %q, "objects": %d, "wall_ns": %d, "cpu_ns": %d, "ticks": %d, `,
		processors, os.Args[2], objects*processors, wall, cpu, after[2])
	fmt.Printf(`"refills": %d, "grows": %d, "shared_add_ns": %.3f, `, after[0], after[1], sharedAdd(processors))
	names := []string{"heap_holds", "heap_hold_ticks", "heap_waits", "heap_wait_ticks",
		"central_holds", "central_hold_ticks", "central_waits", "central_wait_ticks"}
	for i, name := range names {
		if i > 0 {
			fmt.Print(", ")
		}
		fmt.Printf("%q: %s", name, strings.Replace(fmt.Sprint(after[8+48*i:56+48*i]), " ", ", ", -1))
	}
	fmt.Println("}")
}

// pattern returns 1000 sizes in a fixed random order, in the shares that were asked for, and their mean.
func pattern(text string) ([]int, float64) {
	var sizes []int
	for _, item := range strings.Split(text, ",") {
		fields := strings.Split(item, ":")
		size, _ := strconv.Atoi(fields[0])
		share, _ := strconv.ParseFloat(fields[1], 64)
		for i := 0; i < int(share*1000+0.5); i++ {
			sizes = append(sizes, size)
		}
	}
	state, total := uint64(1), 0
	for i := len(sizes) - 1; i > 0; i-- {
		state = state*6364136223846793005 + 1442695040888963407
		j := int(state>>33) % (i + 1)
		sizes[i], sizes[j] = sizes[j], sizes[i]
	}
	for _, size := range sizes {
		total += size
	}
	return sizes, float64(total) / float64(len(sizes))
}

func allocate(sizes []int, count, ring int) {
	kept, at, next := make([][]byte, ring), 0, 0
	for i := 0; i < count; i++ {
		kept[at] = make([]byte, sizes[next])
		if at++; at == ring {
			at = 0
		}
		if next++; next == len(sizes) {
			next = 0
		}
	}
}

// sharedAdd returns the nanoseconds that one atomic addition to a shared word takes each processor.
func sharedAdd(processors int) float64 {
	const additions = 200000
	var word uint64
	best := 0.0
	for round := 0; round < 5; round++ {
		var group sync.WaitGroup
		start := time.Now()
		for i := 0; i < processors; i++ {
			group.Add(1)
			go func() {
				for i := 0; i < additions; i++ {
					atomic.AddUint64(&word, 1)
				}
				group.Done()
			}()
		}
		group.Wait()
		if each := float64(time.Since(start).Nanoseconds()) / additions; round == 0 || each < best {
			best = each
		}
	}
	return best
}

func cpuTime() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}
