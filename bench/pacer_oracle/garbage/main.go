// Allocates, keeps a third, collects, and prints heap, next collection and number of collections.
package main

import "runtime"

var keep [][]byte

func main() {
	var m runtime.MemStats
	for i := 1; i < 9; i++ {
		for k := 0; k < 100*i; k++ {
			b := make([]byte, 700*i)
			if k%3 == 0 {
				keep = append(keep, b)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&m)
		println(m.HeapAlloc, m.NextGC, m.NumGC)
	}
}
