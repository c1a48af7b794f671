// Runs phases that a collector's story should tell: growth, allocation at a steady size, rest, a full memory limit.
// Writes beside its standard error: runtime/metrics as JSON lines (METRICS), an execution trace (TRACE), MemStats (stdout).
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/trace"
	"strconv"
	"strings"
	"time"
)

type node struct {
	next *node
	data [112]byte
}

var (
	live  []*node
	sinks [64]*node
)

func churn(seconds float64, workers int) {
	done := make(chan bool)
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for w := 0; w < workers; w++ {
		go func(w int) {
			for time.Now().Before(until) {
				for i := 0; i < 2000; i++ {
					sinks[w] = &node{}
				}
			}
			done <- true
		}(w)
	}
	for w := 0; w < workers; w++ {
		<-done
	}
}

func snapshot(file *os.File, start time.Time, samples []metrics.Sample) {
	metrics.Read(samples)
	values := map[string]interface{}{"time": time.Since(start).Seconds()}
	for _, s := range samples {
		switch s.Value.Kind() {
		case metrics.KindUint64:
			values[s.Name] = s.Value.Uint64()
		case metrics.KindFloat64:
			values[s.Name] = s.Value.Float64()
		case metrics.KindFloat64Histogram:
			h := s.Value.Float64Histogram()
			edges := []interface{}{}
			for _, b := range h.Buckets {
				if math.IsInf(b, 0) {
					edges = append(edges, fmt.Sprint(b))
				} else {
					edges = append(edges, b)
				}
			}
			values[s.Name] = map[string]interface{}{"Counts": h.Counts, "Buckets": edges}
		}
	}
	text, _ := json.Marshal(values)
	file.Write(append(text, '\n'))
}

func main() {
	start := time.Now()
	if name := os.Getenv("METRICS"); name != "" {
		file, _ := os.Create(name)
		var samples []metrics.Sample
		for _, d := range metrics.All() {
			samples = append(samples, metrics.Sample{Name: d.Name})
		}
		snapshot(file, start, samples)
		go func() {
			for {
				time.Sleep(100 * time.Millisecond)
				snapshot(file, start, samples)
			}
		}()
		defer snapshot(file, start, samples)
	}
	if name := os.Getenv("TRACE"); name != "" {
		file, _ := os.Create(name)
		trace.Start(file)
		defer trace.Stop()
	}
	for _, phase := range strings.Fields(os.Getenv("PHASES")) {
		parts := strings.Split(phase, ":")
		amount, _ := strconv.ParseFloat(parts[1], 64)
		// Beside the runtime's lines on standard error this may break one of them, so only where it is wanted.
		if os.Getenv("SAY") != "" {
			fmt.Fprintf(os.Stderr, "phase %s at %.3f s\n", phase, time.Since(start).Seconds())
		}
		switch parts[0] {
		case "grow": // MB
			for i := 0; i < int(amount*1e6/128); i++ {
				live = append(live, &node{})
				sinks[0] = &node{}
			}
		case "shrink": // to MB
			live = append([]*node(nil), live[:int(amount*1e6/128)]...)
		case "churn": // seconds, workers
			workers := 1
			if len(parts) > 2 {
				workers, _ = strconv.Atoi(parts[2])
			}
			churn(amount, workers)
		case "rest": // seconds
			time.Sleep(time.Duration(amount * float64(time.Second)))
		case "force": // times
			for i := 0; i < int(amount); i++ {
				runtime.GC()
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	text, _ := json.Marshal(m)
	os.Stdout.Write(text)
}
