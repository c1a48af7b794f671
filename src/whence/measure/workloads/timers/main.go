// Command timers waits again and again with a deadline that is not met, as a select with time.After does, and
// reports what the timers left behind. Language and library level: Go 1.2.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

var (
	count = flag.Int("count", 300000, "waits, each with a timer of its own")
	delay = flag.Int("delay", 3600, "seconds until a timer would fire; the program ends long before")
	stop  = flag.Int("stop", 0, "1: time.NewTimer, stopped after the wait; 0: time.After, which is left to itself")
	ps    = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

func main() {
	flag.Parse()
	if flag.NArg() > 0 || *count < 1 || *delay < 60 || *delay > 1000000 || *stop < 0 || *stop > 1 || *ps < 0 {
		fmt.Fprintln(os.Stderr, "timers: a parameter is out of range. See: whence workload show timers")
		os.Exit(2)
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	wait := waitAfter
	if *stop == 1 {
		wait = waitStopped
	}
	messages := make(chan int, 1)
	after := time.Duration(*delay) * time.Second

	sum := 0
	took := measure(func() {
		for i := 0; i < *count; i++ {
			messages <- i
			sum += wait(messages, after)
		}
	})
	// What is still held is what a collection leaves.
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("workload: timers\n")
	fmt.Printf("checksum: %d\n", sum)
	took.print("Timers", *count)
	fmt.Printf(" %d heap-live\n", m.HeapAlloc)
}

// waitAfter returns the next message, or -1 when none comes in time: the message is there, so the timer is not needed.
func waitAfter(messages chan int, after time.Duration) int {
	select {
	case message := <-messages:
		return message
	case <-time.After(after):
		return -1
	}
}

func waitStopped(messages chan int, after time.Duration) int {
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case message := <-messages:
		return message
	case <-timer.C:
		return -1
	}
}
