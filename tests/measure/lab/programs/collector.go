// Keeps the collector busy on two goroutines, so that the runtime sends many preemption signals.
package main

import "os"

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func main() {
	keep := tree(16)
	done := make(chan int)
	for range [2]int{} {
		go func() {
			n := 0
			for i := 0; i < 40; i++ {
				if tree(13).left != nil {
					n++
				}
			}
			done <- n
		}()
	}
	if <-done+<-done != 80 || keep == nil {
		panic("lost a tree")
	}
	os.Stdout.WriteString("BenchmarkTrees 80 1234 ns/op\n")
	if len(os.Args) > 1 {
		panic(os.Args[1])
	}
}
