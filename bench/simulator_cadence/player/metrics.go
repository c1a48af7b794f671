package main

import "runtime/metrics"

// collectorMetrics returns what the release tells about its collector, by the simulator's names.
func collectorMetrics() map[string]float64 {
	names := map[string]string{
		"/cpu/classes/gc/total:cpu-seconds":            "gc-cpu",
		"/cpu/classes/gc/mark/assist:cpu-seconds":      "assist-cpu",
		"/cpu/classes/gc/mark/idle:cpu-seconds":        "idle-cpu",
		"/cpu/classes/gc/mark/dedicated:cpu-seconds":   "dedicated-cpu",
		"/cpu/classes/gc/pause:cpu-seconds":            "pause-cpu",
		"/cpu/classes/scavenge/background:cpu-seconds": "scavenge-cpu",
		"/gc/scan/heap:bytes":                          "scan-heap",
		"/gc/scan/globals:bytes":                       "scan-globals",
		"/gc/scan/stack:bytes":                         "scan-stack",
	}
	samples := make([]metrics.Sample, 0, len(names))
	for name := range names {
		samples = append(samples, metrics.Sample{Name: name})
	}
	metrics.Read(samples)
	values := map[string]float64{}
	for _, sample := range samples {
		switch sample.Value.Kind() {
		case metrics.KindFloat64:
			values[names[sample.Name]] = sample.Value.Float64()
		case metrics.KindUint64:
			values[names[sample.Name]] = float64(sample.Value.Uint64())
		}
	}
	return values
}
