// Command heldout was written after the analysis was finished, and nothing was tuned on it: a cache of text keyed by
// number, a queue of events between goroutines, closures, boxed numbers and a tree, all counted where they are made.
package main

import (
	"flag"
	"sync"

	"sites/truth"
)

var n = flag.Int("n", 60000, "rounds")

type event struct {
	kind    uint8
	at      int64
	payload []byte
}

type leaf struct {
	left, right *leaf
	weight      float64
	name        string
}

type flags struct{ a, b, c bool }

type header struct{ id [5]uint32 }

var (
	queue  = make(chan *event, 64)
	last   [32]*event
	root   *leaf
	marks  [64]*flags
	boxes  [64]interface{}
	heads  [64]*header
	calls  [64]func() int
	copies [32][]byte
	input  = make([]byte, 4096)
)

//go:noinline
func newEvent(i int) *event { return &event{kind: uint8(i), at: int64(i)} }

//go:noinline
func fill(e *event, size int) { e.payload = make([]byte, size) }

//go:noinline
func newLeaf(w float64) *leaf { return &leaf{weight: w} }

//go:noinline
func mark(i int) { marks[i&63] = &flags{a: i&1 == 0} }

//go:noinline
func box(i int) { boxes[i&63] = i + 1000 }

//go:noinline
func head(i int) { heads[i&63] = &header{} }

//go:noinline
func closure(i int) { calls[i&63] = func() int { return i } }

//go:noinline
func clone(i, size int) { copies[i&31] = append([]byte(nil), input[:size]...) }

func main() {
	events, payloads := truth.New("main.newEvent", "main.event"), truth.New("main.fill", "")
	leaves, marked := truth.New("main.newLeaf", "main.leaf"), truth.New("main.mark", "main.flags")
	boxed, headed := truth.New("main.box", ""), truth.New("main.head", "main.header")
	closed, cloned := truth.New("main.closure", ""), truth.New("main.clone", "")
	truth.Begin()
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		for e := range queue {
			last[e.at&31] = e
		}
		wait.Done()
	}()
	for i := 0; i < *n; i++ {
		e := newEvent(i)
		events.Add(1, 40)
		if i%3 == 0 {
			size := 100 + i%700
			fill(e, size)
			payloads.Add(1, size)
		}
		queue <- e
		if i%2 == 0 {
			l := newLeaf(float64(i))
			leaves.Add(1, 40)
			if i%1000 != 0 {
				l.left = root
			}
			root = l
		}
		mark(i)
		marked.Add(1, 3)
		box(i)
		boxed.Add(1, 8)
		head(i)
		headed.Add(1, 20)
		closure(i)
		closed.Add(1, 16)
		if i%10 == 0 {
			size := 1 + i%4096
			clone(i, size)
			// append asks for the whole slot; what the program needs is counted.
			cloned.Add(1, size)
		}
	}
	close(queue)
	wait.Wait()
	truth.End()
}
