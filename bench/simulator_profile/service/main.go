// Command service allocates like one of two small programs for a while and says what it cost: "cache" keeps a table of
// entries that are replaced all the time and makes garbage beside it, at a fixed pace; "trees" builds and drops binary
// trees beside a long-lived one, as fast as it can. With -profile it leaves a heap profile and its own counters, with
// -listen it serves net/http/pprof and its counters, and runs until it is told to end.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"
)

var (
	program = flag.String("program", "cache", "cache or trees")
	seconds = flag.Float64("seconds", 3, "how long cache runs")
	rate    = flag.Int("rate", 100, "MB a second that cache allocates")
	live    = flag.Int("live", 20, "MB that cache keeps")
	rounds  = flag.Int("rounds", 400, "of trees")
	profile = flag.String("profile", "", "where to leave the heap profile; counters beside it")
	listen  = flag.String("listen", "", "address for /debug/pprof and /counters")
)

type entry struct {
	key   string
	value []byte
	links [4]*entry
}

type tree struct{ left, right *tree }

var (
	table []*entry
	long  *tree
	sink  interface{}
)

func newEntry(random *rand.Rand) *entry {
	e := &entry{key: strings.Repeat("k", 24), value: make([]byte, 64<<uint(random.Intn(4)))}
	for i := range e.value {
		e.value[i] = byte(i)
	}
	e.links[0] = table[random.Intn(len(table))]
	if e.links[0] != nil {
		e.links[0].links = [4]*entry{}
	}
	return e
}

// size is what an entry takes on average: itself, its key, its value.
const size = 80 + 24 + 240

func cache() int {
	random := rand.New(rand.NewSource(1))
	table = make([]*entry, *live*1000000/size)
	for i := range table {
		table[i] = newEntry(random)
	}
	begin, done := time.Now(), 0
	for time.Since(begin).Seconds() < *seconds {
		due := int(time.Since(begin).Seconds() * float64(*rate) * 1e6 / (2 * size))
		for ; done < due; done++ {
			table[random.Intn(len(table))] = newEntry(random)
			scratch := make([]int64, size/8) // what a request takes and drops
			for i := range scratch {
				scratch[i] = int64(i)
			}
			sink = scratch
		}
		time.Sleep(time.Millisecond)
	}
	return done
}

func build(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func trees() int {
	long = build(17)
	for i := 0; i < *rounds; i++ {
		sink = build(14)
	}
	return *rounds
}

func counters() []byte {
	descriptions := metrics.All()
	samples := make([]metrics.Sample, len(descriptions))
	for i := range samples {
		samples[i].Name = descriptions[i].Name
	}
	metrics.Read(samples)
	values := map[string]interface{}{"time": float64(time.Now().UnixNano()) / 1e9}
	for _, sample := range samples {
		switch sample.Value.Kind() {
		case metrics.KindUint64:
			values[sample.Name] = sample.Value.Uint64()
		case metrics.KindFloat64:
			values[sample.Name] = sample.Value.Float64()
		case metrics.KindFloat64Histogram:
			histogram := sample.Value.Float64Histogram()
			edges := make([]interface{}, len(histogram.Buckets))
			for i, edge := range histogram.Buckets {
				if edge > -1e300 && edge < 1e300 {
					edges[i] = edge
				}
			}
			values[sample.Name] = map[string]interface{}{"Counts": histogram.Counts, "Buckets": edges}
		}
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	return text
}

func main() {
	flag.Parse()
	if *listen != "" {
		http.HandleFunc("/counters", func(w http.ResponseWriter, r *http.Request) { w.Write(counters()) })
		go http.ListenAndServe(*listen, nil)
	}
	begin := time.Now()
	var done int
	if *program == "trees" {
		done = trees()
	} else {
		done = cache()
	}
	elapsed := time.Since(begin).Seconds()
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	cpu := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	// VmRSS is read before the profile is made, which allocates.
	fmt.Printf("{\"gc\": %d, \"cpu\": %.4f, \"wall\": %.4f, \"hwm\": %d, \"rss\": %d, \"live\": %d, \"done\": %d, \"delay\": %.9f, \"file\": %d}\n",
		stats.NumGC, cpu, elapsed, status("VmHWM"), status("VmRSS"), stats.HeapAlloc, done, runDelay(), status("RssFile"))
	if *profile != "" {
		os.WriteFile(*profile+".json", counters(), 0o644)
		file, err := os.Create(*profile)
		if err != nil {
			panic(err)
		}
		pprof.Lookup("allocs").WriteTo(file, 0)
		file.Close()
	}
	runtime.KeepAlive(table)
	runtime.KeepAlive(long)
}

// runDelay is the mean wait of a thread for a CPU, in seconds: what the kernel counts for every thread.
func runDelay() float64 {
	var delay, slices int64
	threads, _ := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		text, _ := os.ReadFile("/proc/self/task/" + thread.Name() + "/schedstat")
		var ran, waited, times int64
		fmt.Sscan(string(text), &ran, &waited, &times)
		delay, slices = delay+waited, slices+times
	}
	if slices == 0 {
		return 0
	}
	return float64(delay) / float64(slices) / 1e9
}

func status(key string) int64 {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		var value int64
		if strings.HasPrefix(line, key+":") {
			fmt.Sscanf(strings.TrimPrefix(line, key+":"), "%d", &value)
			return value * 1024
		}
	}
	return 0
}
