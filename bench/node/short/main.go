// A short-lived process: it builds a start-up structure, drops it, keeps a small part alive, allocates a little, exits.
//
// Prints one line a sample: age in ms, resident kB, collections so far, heap goal, heap in use, released, as the kernel
// and the runtime see them. The reader is the process itself, from /proc/self, without allocating in the loop.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"syscall"
	"time"
)

const page = 4096

var (
	keep  [][]byte
	sink  []byte
	began = time.Now()
)

type sample struct {
	age                                 time.Duration
	resident, goal, inUse, released, gc uint64
}

func resident(file int, buffer []byte) uint64 {
	n, err := syscall.Pread(file, buffer, 0)
	if err != nil {
		panic(err)
	}
	fields := bytes.SplitN(buffer[:n], []byte(" "), 3)
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		panic(err)
	}
	return pages * page
}

func allocate(total, block int) [][]byte {
	blocks := make([][]byte, 0, total/block)
	for done := 0; done < total; done += block {
		b := make([]byte, block)
		for i := 0; i < len(b); i += page {
			b[i] = 1
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// begin builds what only the start needs and what stays, in a frame of its own, so that nothing is found by a scan of it.
//
//go:noinline
func begin(peak, live, block int, start time.Duration, take func()) {
	passing := allocate(peak, block)
	keep = allocate(live, block)
	if rest := start - time.Since(began); rest > 0 {
		time.Sleep(rest)
	}
	take()
	runtime.KeepAlive(passing)
}

func scavengeSeconds() float64 {
	read := []metrics.Sample{{Name: "/cpu/classes/scavenge/background:cpu-seconds"}}
	metrics.Read(read)
	return read[0].Value.Float64()
}

func main() {
	peak := flag.Int("peak", 64<<20, "bytes allocated and touched at the start, alive until the start is over")
	live := flag.Int("live", 4<<20, "bytes that stay alive")
	block := flag.Int("block", 64<<10, "bytes of one allocation")
	rate := flag.Int("rate", 0, "bytes a second allocated after the start")
	life := flag.Duration("life", 7*time.Second, "age at exit")
	every := flag.Duration("every", 100*time.Millisecond, "time between samples")
	start := flag.Duration("start", 0, "time the start takes at least")
	flag.Parse()

	file, err := syscall.Open("/proc/self/statm", syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	samples := make([]sample, 0, int(*life / *every)+16)
	buffer := make([]byte, 256)
	var stats runtime.MemStats
	take := func() {
		runtime.ReadMemStats(&stats)
		samples = append(samples, sample{time.Since(began), resident(file, buffer), stats.NextGC, stats.HeapInuse, stats.HeapReleased, uint64(stats.NumGC)})
	}
	take()
	begin(*peak, *live, *block, *start, take)
	last := time.Now()
	owed := 0.0
	for time.Since(began) < *life {
		time.Sleep(*every)
		owed += float64(*rate) * time.Since(last).Seconds()
		last = time.Now()
		for ; owed >= float64(*block); owed -= float64(*block) {
			sink = make([]byte, *block)
			for i := 0; i < len(sink); i += page {
				sink[i] = 1
			}
		}
		take()
	}
	for _, s := range samples {
		fmt.Fprintf(os.Stdout, "%d %d %d %d %d %d\n", s.age.Milliseconds(), s.resident, s.gc, s.goal, s.inUse, s.released)
	}
	runtime.GC() // CPU times are summed up at the end of a collection
	fmt.Fprintf(os.Stdout, "background scavenging %.6f s\n", scavengeSeconds())
	runtime.KeepAlive(keep)
}
