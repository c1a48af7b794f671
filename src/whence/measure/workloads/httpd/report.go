package main

import (
	"fmt"
	"runtime"
)

func readMemory() *runtime.MemStats {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return &m
}

// report prints one benchmark line: an operation is one request answered. Accepting a connection allocates too and is
// spread over its requests, so allocations are not whole numbers and not called allocs/op.
//
// Latency is measured by the client, in another process, from the moment a request was due.
func report(s *service, before, after *runtime.MemStats) {
	fmt.Printf("workload: httpd\n")
	if s.requests == 0 {
		return
	}
	n := float64(s.requests)
	fmt.Printf("BenchmarkHTTPD %d %.2f allocs/request %.1f bytes/request %d runtime-total %d gc-cycles\n", s.requests,
		float64(after.Mallocs-before.Mallocs)/n, float64(after.TotalAlloc-before.TotalAlloc)/n, runtimeTotal(after),
		after.NumGC-before.NumGC)
}
