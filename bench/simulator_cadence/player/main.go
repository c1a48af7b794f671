// Plays a described program: kinds of objects with rates, numbers alive at a time and lifetimes, always in the same order.
//
// The description is a line of JSON on standard input, the form of Workload of the simulator. What is allocated next is
// drawn by xorshift64, so that a simulation can make the same choices. Prints one line of JSON about what came of it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

type kind struct {
	SizeBytes int     `json:"size_bytes"`
	Rate      float64 `json:"rate"`
	Live      int     `json:"live"`
	Pointers  bool    `json:"pointers"`
	Lifetimes string  `json:"lifetimes"`
}

type program struct {
	Kinds                []kind  `json:"kinds"`
	DurationSeconds      float64 `json:"duration_seconds"`
	StartSeconds         float64 `json:"start_seconds"`
	StartPeakBytes       int     `json:"start_peak_bytes"`
	StartPeakObjectBytes int     `json:"start_peak_object_bytes"`
	ClosedLoop           bool    `json:"closed_loop"`
	Seed                 uint64  `json:"seed"`
}

var (
	state  uint64
	sink   unsafe.Pointer
	tables [][]unsafe.Pointer
	peak   [][]byte
)

func next() uint64 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return state
}

//go:noinline
func allocate(size int, pointers bool) unsafe.Pointer {
	if pointers {
		words := make([]*byte, size/8)
		for at := 0; at < size/8; at += 512 {
			words[at] = (*byte)(unsafe.Pointer(&words[0]))
		}
		return unsafe.Pointer(&words[0])
	}
	bytes := make([]byte, size)
	for at := 0; at < size; at += 4096 {
		bytes[at] = 1
	}
	return unsafe.Pointer(&bytes[0])
}

func status() (resident, most int) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		fmt.Sscanf(line, "VmRSS: %d", &resident)
		fmt.Sscanf(line, "VmHWM: %d", &most)
	}
	return resident << 10, most << 10
}

func waits() (running, waiting, slices int64) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0, 0, 0
	}
	for _, task := range tasks {
		var a, b, c int64
		text, err := os.ReadFile("/proc/self/task/" + task.Name() + "/schedstat")
		if err != nil {
			continue
		}
		fmt.Sscan(string(text), &a, &b, &c)
		running, waiting, slices = running+a, waiting+b, slices+c
	}
	return running, waiting, slices
}

func cpu() float64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(0, &use); err != nil {
		panic(err)
	}
	return float64(use.Utime.Nano()+use.Stime.Nano()) / 1e9
}

func main() {
	line, err := bufio.NewReader(os.Stdin).ReadBytes('\n')
	if err != nil {
		panic(err)
	}
	var what program
	if err := json.Unmarshal(line, &what); err != nil {
		panic(err)
	}
	runtime.GC() // what reading the description left is not part of the program
	began, cpuBefore := time.Now(), cpu()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	state = what.Seed*2862933555777941757 + 3037000493

	made, toMake := 0, 0
	peakObjects := 0
	if what.StartPeakBytes > 0 {
		peakObjects = what.StartPeakBytes / what.StartPeakObjectBytes
	}
	toMake = peakObjects
	for _, kind := range what.Kinds {
		if kind.Rate == 0 {
			toMake += kind.Live
		}
	}
	paceStart := func() {
		made++
		if made%64 == 0 || peakObjects > 0 {
			due := time.Duration(float64(made) / float64(toMake) * what.StartSeconds * 1e9)
			if left := due - time.Since(began); left > time.Millisecond {
				time.Sleep(left)
			}
		}
	}
	tables = make([][]unsafe.Pointer, len(what.Kinds))
	for index, kind := range what.Kinds {
		tables[index] = make([]unsafe.Pointer, kind.Live)
	}
	for index, kind := range what.Kinds {
		if kind.Rate == 0 {
			for at := range tables[index] {
				tables[index][at] = allocate(kind.SizeBytes, kind.Pointers)
				paceStart()
			}
		}
	}
	if peakObjects > 0 {
		peak = make([][]byte, peakObjects)
		for index := range peak {
			peak[index] = make([]byte, what.StartPeakObjectBytes)
			for at := 0; at < what.StartPeakObjectBytes; at += 4096 {
				peak[index][at] = 1
			}
			paceStart()
		}
		peak = nil
	}

	// Kinds are drawn by weight: thresholds of 32 bits.
	total, bytesEach := 0.0, 0.0
	for _, kind := range what.Kinds {
		total += kind.Rate
		bytesEach += kind.Rate * float64(kind.SizeBytes)
	}
	thresholds := make([]uint64, len(what.Kinds))
	sum := 0.0
	for index, kind := range what.Kinds {
		sum += kind.Rate
		if total > 0 {
			thresholds[index] = uint64(sum / total * (1 << 32))
		}
	}
	places := make([]int, len(what.Kinds))
	started := time.Now()
	length := time.Duration((what.DurationSeconds - what.StartSeconds) * 1e9)
	all := int(total * (what.DurationSeconds - what.StartSeconds))
	one := func() {
		drawn := next() >> 32
		index := 0
		for drawn >= thresholds[index] && index < len(thresholds)-1 {
			index++
		}
		kind := &what.Kinds[index]
		object := allocate(kind.SizeBytes, kind.Pointers)
		if kind.Live == 0 {
			sink = object
		} else if kind.Lifetimes == "fixed" {
			tables[index][places[index]] = object
			if places[index]++; places[index] == kind.Live {
				places[index] = 0
			}
		} else {
			tables[index][next()%uint64(kind.Live)] = object
		}
	}
	for done := 0; done < all; {
		target := all
		if !what.ClosedLoop {
			target = int(float64(time.Since(started)) / 1e9 * total)
			if target > all {
				target = all
			}
		}
		for ; done < target; done++ {
			one()
		}
		if done < all {
			time.Sleep(time.Millisecond)
		}
	}
	if total == 0 {
		time.Sleep(length)
	}
	wall := time.Since(began).Seconds()
	used := cpu() - cpuBefore
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	resident, most := status()
	running, waiting, slices := waits()
	out := map[string]any{
		"go": runtime.Version(), "gc-cycles": after.NumGC - before.NumGC, "rss": resident, "rss-peak": most,
		"heap-inuse": after.HeapInuse, "heap-live": after.HeapAlloc, "heap-goal": after.NextGC,
		"cpu": used, "wall": wall, "pause-total": float64(after.PauseTotalNs-before.PauseTotalNs) / 1e9,
		"released": after.HeapReleased, "heap-idle": after.HeapIdle, "allocated": after.TotalAlloc - before.TotalAlloc,
		"mallocs": after.Mallocs - before.Mallocs, "gc-sys": after.GCSys, "sys": after.Sys, "heap-sys": after.HeapSys,
		"stack-inuse": after.StackInuse, "mspan-inuse": after.MSpanInuse, "base-live": before.HeapAlloc,
		"gc-cpu-share": after.GCCPUFraction, "run-delay": float64(waiting) / 1e9, "slices": slices, "running": float64(running) / 1e9,
	}
	for name, value := range collectorMetrics() {
		out[name] = value
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
