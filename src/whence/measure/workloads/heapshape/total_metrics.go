//go:build go1.16
// +build go1.16

package main

import (
	"runtime"
	"runtime/metrics"
)

// runtimeTotal returns the bytes that Go says it has mapped: what a dashboard of Go's own metrics shows.
func runtimeTotal(m *runtime.MemStats) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return m.Sys
	}
	return sample[0].Value.Uint64()
}
