// Programs that are heavy in one part of the runtime each, for recording CPU profiles under many Go releases.
//
//	roles_program MODE SECONDS FILE
//
// It builds with Go 1.19 and later.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

type node struct {
	left, right *node
	payload     [3]int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

var sink interface{}
var lists [][]*node

// alloc makes garbage of many sizes, with and without pointers, and tiny strings.
func alloc(round int) {
	for i := 0; i < 2000; i++ {
		size := 8 << (uint(i+round) % 12)
		data := make([]byte, size)
		data[0] = 1
		sink = data
		sink = &node{}
		sink = strconv.Itoa(i * 1234567)
		grow := []int{}
		for j := 0; j < i%40; j++ {
			grow = append(grow, j)
		}
		sink = grow
	}
	sink = make([]byte, 100<<10)
}

// maps reads, writes, iterates over and deletes from maps with keys of several kinds.
func maps(round int) {
	ints, texts, boxes := map[int]int{}, map[string]int{}, map[interface{}]struct{}{}
	wide := map[[4]uint64]*node{}
	for i := 0; i < 3000; i++ {
		ints[i*7919]++
		key := "key-" + strconv.Itoa(i%997)
		texts[key] += len(key)
		boxes[i] = struct{}{}
		wide[[4]uint64{uint64(i), 1, 2, 3}] = nil
	}
	total := 0
	for k, v := range ints {
		total += k + v
	}
	for i := 0; i < 20000; i++ {
		total += ints[i] + texts["key-17"]
		if _, ok := boxes[i]; ok {
			total++
		}
	}
	for k := range ints {
		delete(ints, k)
	}
	sink = total
}

// channels sends through buffered and unbuffered channels, selects, locks and sleeps on timers.
func channels(round int) {
	jobs, results, done := make(chan int), make(chan int, 64), make(chan struct{})
	var group sync.WaitGroup
	var lock sync.Mutex
	shared := 0
	for w := 0; w < 8; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for job := range jobs {
				lock.Lock()
				shared += job
				lock.Unlock()
				select {
				case results <- job * 2:
				case <-done:
					return
				}
			}
		}()
	}
	go func() {
		for i := 0; i < 4000; i++ {
			jobs <- i
		}
		close(jobs)
		group.Wait()
		close(results)
	}()
	for range results {
		runtime.Gosched()
	}
	timer := time.NewTimer(time.Millisecond)
	select {
	case <-timer.C:
	case <-done:
	}
	close(done)
	sink = shared
}

// collector keeps a live heap of pointers and rewrites it, so that marking, assisting and sweeping have work.
func collector(round int) {
	if len(lists) < 24 {
		lists = append(lists, nil)
	}
	list := make([]*node, 0, 64)
	for i := 0; i < 16; i++ {
		list = append(list, tree(9))
	}
	lists[round%len(lists)] = list
	for _, old := range lists {
		for i := 1; i < len(old); i++ {
			old[i-1].left, old[i].right = old[i].right, old[i-1].left
		}
	}
}

type shape interface{ area() float64 }
type square struct{ side float64 }
type circle struct{ radius float64 }

func (s square) area() float64  { return s.side * s.side }
func (c *circle) area() float64 { return c.radius * c.radius * 3 }

//go:noinline
func guarded(shapes []shape, i int) (total float64) {
	defer func() {
		if recovered := recover(); recovered != nil {
			total = -1
		}
	}()
	if s, ok := shapes[i].(fmt.Stringer); ok {
		return float64(len(s.String()))
	}
	return shapes[i].area()
}

//go:noinline
func stacked(n int) (total int) {
	for i := 0; i < n; i++ {
		defer func(i int) { total += i }(i) // in a loop: each defer is a record of the runtime's
	}
	return n
}

//go:noinline
func deep(n int) int {
	var room [64]int
	if n == 0 {
		return 0
	}
	room[n%64] = n
	return room[(n+1)%64] + deep(n-1)
}

// defers runs defers, panics, interface conversions, deep new stacks, strings and copies.
func defers(round int) {
	shapes := []shape{square{1}, &circle{2}, square{3}}
	total := 0.0
	for i := 0; i < 400; i++ {
		total += guarded(shapes, i%4) // 3 is out of range: it panics
		for j := 0; j < 4; j++ {
			func() { defer func() { total++ }(); total++ }()
		}
	}
	for i := 0; i < 300; i++ {
		total += float64(stacked(20))
	}
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() { defer group.Done(); deep(500) }()
	}
	group.Wait()
	words := []string{}
	for i := 0; i < 500; i++ {
		words = append(words, fmt.Sprintf("%d-%s", i, strings.Repeat("ab", i%30)))
	}
	sort.Strings(words)
	text := strings.Join(words, " ")
	sink = bytes.ToUpper([]byte(text))
	sink = strings.Count(text, "abab") + strings.Index(text, "zz") + len([]rune(text))
}

// network sends small messages over a loopback connection: system calls, the poller and the scheduler.
func network(round int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(conn, conn); conn.Close() }()
		}
	}()
	var group sync.WaitGroup
	for w := 0; w < 4; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				return
			}
			buffer := make([]byte, 256)
			for i := 0; i < 500; i++ {
				conn.SetDeadline(time.Now().Add(time.Second))
				conn.Write(buffer)
				io.ReadFull(conn, buffer)
			}
			conn.Close()
		}()
	}
	group.Wait()
	listener.Close()
}

func main() {
	modes := map[string]func(int){
		"alloc": alloc, "maps": maps, "channels": channels, "collector": collector, "defers": defers, "network": network,
	}
	run, seconds := modes[os.Args[1]], 0.0
	fmt.Sscan(os.Args[2], &seconds)
	file, err := os.Create(os.Args[3])
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	for end, round := time.Now().Add(time.Duration(seconds*1e9)), 0; time.Now().Before(end); round++ {
		run(round)
	}
	pprof.StopCPUProfile()
	file.Close()
}
