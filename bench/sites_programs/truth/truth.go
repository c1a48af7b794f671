// Package truth lets a program count what it allocates, and writes the count beside its profile and trace.
//
// The rate of the profile is set from outside, with GODEBUG=memprofilerate=N, so that it holds from the first
// instruction; up to Go 1.20 the runtime's own initial value comes later and wins, so it is set again here.
// GODEBUG=traceallocfree=1 adds objects to the trace. It builds with every Go from 1.19 on.
package truth

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
)

var (
	profile = flag.String("memprofile", "", "file for the allocs profile")
	text    = flag.String("heaptext", "", "file for the same as text, with the runtime's own totals")
	events  = flag.String("trace", "", "file for the execution trace")
)

// A Site is one place of the program: how many objects it made and what it asked for.
type Site struct {
	Function  string `json:"function"`
	Type      string `json:"type"`
	Objects   int64  `json:"objects"`
	Requested int64  `json:"requested_bytes"`
	Freed     bool   `json:"all_garbage"`
}

func init() {
	for _, setting := range strings.Split(os.Getenv("GODEBUG"), ",") {
		if n, err := strconv.Atoi(strings.TrimPrefix(setting, "memprofilerate=")); err == nil {
			runtime.MemProfileRate = n
		}
	}
}

var (
	sites  []*Site
	file   *os.File
	before runtime.MemStats
)

// New names a place that allocates: its function as the profile writes it, and the type as the trace writes it.
func New(function, typ string) *Site {
	s := &Site{Function: function, Type: typ}
	sites = append(sites, s)
	return s
}

// Add counts objects of one size.
func (s *Site) Add(objects, size int) {
	s.Objects += int64(objects)
	s.Requested += int64(objects) * int64(size)
}

// Begin starts the trace, when one is asked for.
func Begin() {
	flag.Parse()
	if *events != "" {
		var err error
		file, err = os.Create(*events)
		check(err)
		check(trace.Start(file))
	}
	runtime.ReadMemStats(&before)
}

// End writes profile and trace, and prints what was counted.
func End() {
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	sample := []metrics.Sample{{Name: "/gc/heap/tiny/allocs:objects"}}
	metrics.Read(sample)
	if file != nil {
		trace.Stop()
		check(file.Close())
	}
	// A profile holds what happened before the last collection that ended.
	runtime.GC()
	write(*profile, 0)
	write(*text, 1)
	out, err := json.Marshal(map[string]interface{}{
		"go": runtime.Version(), "rate": runtime.MemProfileRate, "sites": sites,
		"mallocs": after.Mallocs, "total_alloc": after.TotalAlloc, "tiny_allocs": sample[0].Value.Uint64(),
		"traced_mallocs": after.Mallocs - before.Mallocs, "cycles": after.NumGC,
	})
	check(err)
	fmt.Println(string(out))
}

func write(path string, debug int) {
	if path == "" {
		return
	}
	f, err := os.Create(path)
	check(err)
	check(pprof.Lookup("allocs").WriteTo(f, debug))
	check(f.Close())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
