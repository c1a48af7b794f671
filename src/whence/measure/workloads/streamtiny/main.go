// Command streamtiny exchanges small messages over bidirectional gRPC streams, client and server in one process:
// each round trip is one heartbeat sent, echoed and received. It reports what one round trip allocates and how long
// it takes. Language level: Go 1.21, that of the grpc it is pinned to; it uses nothing that grpc has not had since
// 1.35.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

var (
	size      = flag.Int("size", 16, "payload bytes of one message")
	n         = flag.Int("n", 20000, "timed round trips, over all streams")
	warm      = flag.Int("warm", 2000, "round trips before the clock starts, over all streams")
	streams   = flag.Int("streams", 1, "streams, spread over the connections; each waits for its echo before it sends again")
	conns     = flag.Int("conns", 1, "client connections")
	transport = flag.String("transport", "tcp", "tcp: loopback TCP; bufconn: pipes in memory")
	window    = flag.Int("window", 0, "bytes of a static flow-control window, 65535 or more; 0: grpc's own dynamic window")
	ps        = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

func main() {
	flag.Parse()
	if flag.NArg() > 0 || *size < 0 || *size > 4000000 || *streams < 1 || *n < *streams || *warm < 0 || *conns < 1 ||
		*ps < 0 || (*transport != "tcp" && *transport != "bufconn") || (*window != 0 && *window < 65535) {
		fmt.Fprintln(os.Stderr, "streamtiny: a parameter is out of range. See: whence workload show streamtiny")
		os.Exit(2)
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	all, err := connect()
	if err != nil {
		fmt.Fprintln(os.Stderr, "streamtiny:", err)
		os.Exit(1)
	}
	// Pools fill, windows settle and buffers grow here.
	exchange(all, *warm, nil)
	took := make([]int64, *n)
	runtime.GC()

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	sum := exchange(all, *n, took)
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	report(elapsed, took, sum, &before, &after)
}

// exchange makes total round trips, divided over the streams, and returns the sum of what came back. The time of each
// is written into took unless that is nil.
func exchange(all []*heartbeat, total int, took []int64) uint64 {
	var wait sync.WaitGroup
	wait.Add(len(all))
	for i := range all {
		from, to := total*i/len(all), total*(i+1)/len(all)
		var own []int64
		if took != nil {
			own = took[from:to]
		}
		go all[i].run(to-from, own, &wait)
	}
	wait.Wait()
	var sum uint64
	for _, h := range all {
		sum += h.sum
	}
	return sum
}
