// A heap that grows to tens of megabytes, shrinks and grows again, allocated at changing rates by two goroutines.
package main

import "runtime"

type node struct {
	next *node
	pad  [6]uint64
}

type slot struct {
	head  *node
	count int
}

var sink uint32

func churn(steps int, n uint32, done chan int) {
	var slots [256]slot
	for i := 0; i < steps; i++ {
		n = n*1664525 + 1013904223
		s := &slots[(n>>8)%256]
		x := &node{}
		if n>>30 == 0 {
			x.next = s.head
			s.head = x
			s.count++
		}
		limit := 100 + (i>>16)*300
		if i > steps/2 {
			limit = 1200
		}
		if s.count > limit {
			s.head = nil
			s.count = 0
		}
		spin := []int{20, 300, 100, 1000}[(i>>15)%4]
		for k := 0; k < spin; k++ {
			n = n*1664525 + 1013904223
		}
		if i%400000 == 399999 {
			runtime.GC()
		}
	}
	sink = n
	done <- slots[0].count
}

func main() {
	done := make(chan int)
	go churn(700000, 1, done)
	go churn(700000, 7, done)
	<-done
	<-done
}
