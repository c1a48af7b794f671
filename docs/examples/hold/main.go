// Command hold keeps some memory until it ends, so that there is something to measure.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"time"
)

func main() {
	megabytes := flag.Int("megabytes", 40, "memory to keep")
	flag.Parse()
	began := time.Now()
	kept := make([][]byte, *megabytes)
	for i := range kept {
		kept[i] = make([]byte, 1<<20)
		for j := 0; j < len(kept[i]); j += 4096 {
			kept[i][j] = 1
		}
	}
	runtime.GC()
	fmt.Printf("BenchmarkHold 1 %d ns/op %d blocks\n", time.Since(began).Nanoseconds(), len(kept))
	runtime.KeepAlive(kept)
}
