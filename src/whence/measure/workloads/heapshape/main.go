// Command heapshape builds a live heap of one shape, collects at fixed points, reports what the Go runtime believes
// about its memory, and exits. What the kernel believes is read from outside.
//
// The collector runs only where the program asks for it (unless -gc=free), so that two runs leave the same pages
// resident. Language and library level: Go 1.2.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

var (
	shape    = flag.String("shape", "slice", "what the big objects are: slice, chan or map")
	pointers = flag.Int("pointers", 1, "1: elements are pointers; 0: the pointer-free twin of the same size")
	recycled = flag.Int("recycled", 0, "1: fill and drop the same objects first, so that the heap is built from recycled spans")
	size     = flag.Int("size", 262144, "bytes of one object")
	fill     = flag.Int("fill", 25, "percent of each object that is written")
	count    = flag.Int("count", 1024, "number of objects")
	small    = flag.Int("small", 11, "MB (1e6 bytes) of other live heap, in linked 64-byte nodes")
	collect  = flag.Int("collect", 1, "explicit collections, evenly spread over the objects, the last one at the end")
	gc       = flag.String("gc", "explicit", "explicit: collect only at the fixed points; free: as GOGC says, and at the fixed points too")
	thp      = flag.String("thp", "off", "off: keep transparent huge pages out of this process; keep: as the host is set")
	ps       = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

// node is the small object: 64 bytes, linked.
type node struct {
	next    *node
	value   uint64
	payload [6]uint64
}

// Everything that must stay live hangs on these; globals, because runtime.KeepAlive came with Go 1.7.
var (
	liveBig   []object
	liveSmall *node
)

func main() {
	flag.Parse()
	build := builder(*shape, *pointers == 1)
	if build == nil || flag.NArg() > 0 || *size < 128 || *count < 1 || *fill < 0 || *fill > 100 || *collect < 1 ||
		(*gc != "explicit" && *gc != "free") || (*thp != "off" && *thp != "keep") {
		fmt.Fprintln(os.Stderr, "heapshape: a parameter is out of range. See: whence workload show heapshape")
		os.Exit(2)
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	if *gc == "explicit" {
		debug.SetGCPercent(-1)
	}
	if *thp == "off" {
		disableHugePages()
	}
	// Before the garbage: it would take the recycled spans, and the last big objects would stand on fresh memory.
	liveSmall = smallHeap(*small)
	if *recycled == 1 {
		recycle(build)
	}

	start := time.Now()
	liveBig = make([]object, 0, *count)
	for i := 0; i < *count; i++ {
		liveBig = append(liveBig, build(*size, *fill))
		// Collection k of n stands after object k·count/n, so the last stands at the end.
		if (i+1)**collect / *count > i**collect / *count {
			runtime.GC()
		}
	}
	report(time.Since(start))
}

// recycle leaves the spans of count fully written objects behind, free and resident.
func recycle(build func(size, fill int) object) {
	garbage := make([]object, 0, *count)
	for i := 0; i < *count; i++ {
		garbage = append(garbage, build(*size, 100))
	}
	sinkSum = checksum(garbage)
	for i := range garbage {
		garbage[i] = nil
	}
	// The second collection finds nothing new; it is there because up to Go 1.4 sweeping may outlive the first.
	runtime.GC()
	runtime.GC()
}

// smallHeap links megabytes·10⁶/64 nodes.
func smallHeap(megabytes int) *node {
	var head *node
	for i := 0; i < megabytes*1000000/64; i++ {
		head = &node{next: head, value: uint64(i)}
	}
	return head
}
