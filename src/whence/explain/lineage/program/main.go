// Command lineage measures what the memory of one Go release costs and gives back. The same file is built with every
// release since Go 1.2, so language and library are those of 1.2; what came later is asked for by name (see share).
//
//	-do=cost  CPU time of one allocation beside a live heap, on one P and on two
//	-do=load  requests at a steady rate beside a live heap: pauses, latencies, CPU of the collector
//	-do=drop  hold much memory, drop it, and wait to be told to end
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"sort"
	"syscall"
	"time"
)

var (
	do       = flag.String("do", "cost", "cost, load or drop")
	live     = flag.Int("live", 64, "cost and load: MB (1e6 bytes) of live heap, in lists of a thousand nodes")
	small    = flag.Int("small", 16000000, "cost: allocations of 16 bytes")
	large    = flag.Int("large", 8000000, "cost: allocations of 64 bytes, on one P and again on two")
	requests = flag.Int("requests", 60000, "load: requests, one every 50 µs")
	off      = flag.Int("off", 20000, "load: requests after these with collections off")
	megabyte = flag.Int("megabytes", 200, "drop: MB (1e6 bytes) held and dropped, in blocks of 16 KiB")
	hold     = flag.Duration("hold", 500*time.Millisecond, "drop: how long they are held")
)

const (
	every      = 50 * time.Microsecond
	patience   = 100 * time.Millisecond
	perRequest = 200
	mixing     = 3500
	kept       = 1024
	block      = 16384
)

// node is what all heaps here are made of: 64 bytes, linked.
type node struct {
	next    *node
	value   uint64
	payload [6]uint64
}

// Globals keep alive what is in them; runtime.KeepAlive came with Go 1.7.
var (
	began    = time.Now()
	liveHeap []*node
	lasts    [2]interface{}
	ring     [kept]*node
	mixed    uint64
	blocks   [][]byte
)

func main() {
	flag.Parse()
	switch *do {
	case "cost":
		cost()
	case "load":
		load()
	case "drop":
		drop()
	default:
		fmt.Fprintln(os.Stderr, "lineage: -do is cost, load or drop")
		os.Exit(2)
	}
}

func fill() {
	for i := 0; i < *live*1000000/64; i += 1000 {
		var head *node
		for k := 0; k < 1000; k++ {
			head = &node{next: head, value: uint64(k)}
		}
		liveHeap = append(liveHeap, head)
	}
	runtime.GC()
}

func cost() {
	fill()
	fmt.Printf("BenchmarkCost 1 %.3f alloc-16-ns", timed(numbers, 1, *small))
	fmt.Printf(" %.3f alloc-64-ns", timed(pointers, 1, *large))
	fmt.Printf(" %.3f alloc-64-two-ns\n", timed(pointers, 2, *large))
}

// timed returns the CPU time, in ns, of one of n allocations that ps goroutines on as many Ps share: the allocation
// itself, and its part of collecting and sweeping.
func timed(loop func(int) interface{}, ps, n int) float64 {
	runtime.GOMAXPROCS(ps)
	done := make(chan bool, ps)
	runtime.GC()
	before := cpu()
	for p := 0; p < ps; p++ {
		go func(p int) {
			lasts[p] = loop(n / ps)
			done <- true
		}(p)
	}
	for p := 0; p < ps; p++ {
		<-done
	}
	return float64(cpu()-before) / float64(n/ps*ps)
}

// The last object is returned, which keeps the compiler from placing them on the stack.
func numbers(n int) interface{} {
	var last *[2]uint64
	for i := 0; i < n; i++ {
		last = new([2]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers(n int) interface{} {
	var last *[8]*node
	to := liveHeap[0]
	for i := 0; i < n; i++ {
		last = new([8]*node)
		last[0] = to
	}
	return last
}

// cpu returns the user and system time of all threads so far, in ns.
func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fmt.Fprintln(os.Stderr, "lineage: getrusage:", err)
		os.Exit(1)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func load() {
	fill()
	serve(2 * kept)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fmt.Fprintln(os.Stderr, "load begins")
	start := time.Now()
	latencies := serve(*requests)
	elapsed := time.Since(start)
	fmt.Fprintln(os.Stderr, "load ends")
	runtime.ReadMemStats(&after)

	fmt.Printf("BenchmarkLoad %d %d pause-sum-ns %d pause-max-ns %d gc-cycles", *requests,
		after.PauseTotalNs-before.PauseTotalNs, longest(&before, &after), after.NumGC-before.NumGC)
	fmt.Printf(" %d request-p50-ns %d request-p99-ns %d load-ns", quantile(latencies, 0.5), quantile(latencies, 0.99),
		elapsed.Nanoseconds())
	if first, told := collecting(&before); told {
		last, _ := collecting(&after)
		fmt.Printf(" %.0f gc-cpu-told-ns", last-first)
	}
	debug.SetGCPercent(-1)
	latencies = serve(*off)
	fmt.Printf(" %d request-p50-off-ns %d request-p99-off-ns\n", quantile(latencies, 0.5), quantile(latencies, 0.99))
}

// serve handles n requests one after the other and returns how long each took, in ns, counted from when it was due: a
// request that waited for another, or for the collector, has waited. Behind one that took longer than patience the
// clients give up: those that wait then do not come, so that one long stall does not make all requests after it late.
func serve(n int) []int64 {
	latencies := make([]int64, n)
	due := time.Now().UnixNano()
	for i := range latencies {
		now := time.Now().UnixNano()
		for now < due {
			now = time.Now().UnixNano()
		}
		request(i)
		latencies[i] = time.Now().UnixNano() - due
		due += int64(every)
		if latencies[i] > int64(patience) {
			due += latencies[i]
		}
	}
	return latencies
}

// request takes about 10 µs: it makes 200 linked objects, reads them, and computes. Those of the last requests stay.
func request(i int) {
	var head *node
	for k := 0; k < perRequest; k++ {
		head = &node{next: head, value: uint64(k)}
	}
	sum := uint64(i) + 1
	for at := head; at != nil; at = at.next {
		sum += at.value
	}
	for k := 0; k < mixing; k++ {
		sum ^= sum << 13
		sum ^= sum >> 7
		sum ^= sum << 17
	}
	mixed += sum
	ring[i%kept] = head
}

func quantile(values []int64, part float64) int64 {
	sorted := make([]int, len(values))
	for i, value := range values {
		sorted[i] = int(value)
	}
	sort.Ints(sorted)
	return int64(sorted[int(part*float64(len(sorted)-1))])
}

// longest returns the longest of the pauses between two readings; the runtime keeps the last 256. Since Go 1.5 an entry
// holds both pauses of a collection.
func longest(before, after *runtime.MemStats) uint64 {
	var most uint64
	for cycle := before.NumGC; cycle < after.NumGC; cycle++ {
		if pause := after.PauseNs[cycle%256]; pause > most && cycle+256 >= after.NumGC {
			most = pause
		}
	}
	return most
}

// collecting returns the CPU time of all collections up to the last one, in ns, and whether the release tells it: since
// Go 1.5, as a share of all the time that the Ps had when that collection ended.
func collecting(stats *runtime.MemStats) (float64, bool) {
	field := reflect.ValueOf(stats).Elem().FieldByName("GCCPUFraction")
	if !field.IsValid() {
		return 0, false
	}
	until := float64(int64(stats.LastGC) - began.UnixNano())
	return field.Float() * until * float64(runtime.GOMAXPROCS(0)), true
}

func drop() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	// In a goroutine of its own, whose stack is gone afterwards: Go 1.2 takes what lies on stacks for pointers.
	done := make(chan bool)
	go func() {
		for i := 0; i < *megabyte*1000000/block; i++ {
			filled := make([]byte, block)
			for at := 0; at < block; at += 4096 {
				filled[at] = 1
			}
			blocks = append(blocks, filled)
		}
		done <- true
	}()
	<-done
	time.Sleep(*hold)
	blocks = nil
	// The first collection frees the blocks. How much is kept ready follows, since Go 1.13, from what was in use when the
	// collection before ended, and since 1.21 what was full in the cycle before is spared: after three all is known.
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	fmt.Printf("dropped: %.3f\n", time.Since(began).Seconds())
	<-told
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Printf("BenchmarkDrop 1 %d heap-idle-bytes %d heap-released-bytes\n", stats.HeapIdle, stats.HeapReleased)
}
