//go:build go1.20
// +build go1.20

package main

import "runtime/metrics"

// readPSeconds returns the busy time of all Ps so far. Marking on otherwise idle Ps is busy but not counted as
// collecting: it takes nothing from the program. Go 1.20 brings the numbers up to date only when a collection ends.
func readPSeconds() (pSeconds, bool) {
	samples := []metrics.Sample{
		{Name: "/cpu/classes/total:cpu-seconds"},
		{Name: "/cpu/classes/idle:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/pause:cpu-seconds"},
	}
	metrics.Read(samples)
	var value [5]float64
	for i, sample := range samples {
		if sample.Value.Kind() != metrics.KindFloat64 {
			return pSeconds{}, false
		}
		value[i] = sample.Value.Float64()
	}
	return pSeconds{all: value[0] - value[1], collecting: value[2] + value[3] + value[4]}, true
}
