// Three programs with a knob, for recording pairs of CPU profiles that are the same or differ in one function.
//
//	profile_diff_program MODE SECONDS HERTZ KNOB FILE
//
// KNOB is the work of `planted` in percent: 100 on the base side, 150 for a function that grew by half.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

type record struct {
	Name   string            `json:"name"`
	Values []float64         `json:"values"`
	Tags   map[string]string `json:"tags"`
	Inner  []record          `json:"inner,omitempty"`
}

var knob = 100
var sink uint64

//go:noinline
func planted(units int) uint64 {
	state := uint64(units)
	for i := 0; i < units*knob; i++ {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
	}
	return state
}

func sample(round int) record {
	one := record{Name: fmt.Sprintf("record-%d", round), Tags: map[string]string{}}
	for i := 0; i < 40; i++ {
		one.Values = append(one.Values, float64(i*round)/7)
		one.Tags[fmt.Sprintf("tag-%d", i)] = strings.Repeat("v", i%9)
	}
	for i := 0; i < 4; i++ {
		one.Inner = append(one.Inner, record{Name: "inner", Values: []float64{1, 2, 3.5}})
	}
	return one
}

func documents(round int) {
	text, _ := json.Marshal(sample(round))
	var back record
	json.Unmarshal(text, &back)
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	writer.Write(text)
	writer.Close()
	reader, _ := gzip.NewReader(&packed)
	plain, _ := io.ReadAll(reader)
	words := strings.FieldsFunc(string(plain), func(r rune) bool { return r == '"' || r == ',' })
	sort.Strings(words)
	sink += planted(300) + uint64(len(words))
}

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func (n *node) check() uint64 {
	if n.left == nil {
		return 1
	}
	return 1 + n.left.check() + n.right.check()
}

var kept [16]*node

func trees(round int) {
	kept[round%16] = tree(13)
	counts := map[uint64]int{}
	for i := 0; i < 2000; i++ {
		counts[uint64(i*7919)%977]++
	}
	sink += kept[round%16].check() + planted(300) + uint64(len(counts))
}

func serve() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		sink += planted(30)
		json.NewEncoder(w).Encode(map[string]interface{}{"path": r.URL.Path, "n": len(r.Header), "list": []int{1, 2, 3}})
	})
	go http.Serve(listener, nil)
	return "http://" + listener.Addr().String()
}

var address string

func requests(round int) {
	var group sync.WaitGroup
	for w := 0; w < 4; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 20; i++ {
				answer, err := http.Get(address + "/item")
				if err == nil {
					io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
				}
			}
		}()
	}
	group.Wait()
}

func main() {
	modes := map[string]func(int){"documents": documents, "trees": trees, "requests": requests}
	run, seconds, hertz := modes[os.Args[1]], 0.0, 0
	fmt.Sscan(strings.Join(os.Args[2:5], " "), &seconds, &hertz, &knob)
	if os.Args[1] == "requests" {
		address = serve()
	}
	file, err := os.Create(os.Args[5])
	if err != nil {
		panic(err)
	}
	if hertz != 100 {
		runtime.SetCPUProfileRate(hertz) // StartCPUProfile then says that it cannot set the rate, and keeps this one
	}
	pprof.StartCPUProfile(file)
	for end, round := time.Now().Add(time.Duration(seconds*1e9)), 0; time.Now().Before(end); round++ {
		run(round)
	}
	pprof.StopCPUProfile()
	file.Close()
}
