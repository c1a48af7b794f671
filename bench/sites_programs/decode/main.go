// Command decode reads JSON into structs: the allocations happen inside the standard library, or in runtime code that
// it calls, and belong to two callers here. What one document costs is counted with the runtime's own counter.
package main

import (
	"encoding/json"
	"flag"
	"runtime"

	"sites/truth"
)

var n = flag.Int("n", 5000, "documents of each kind")

type order struct {
	ID     string   `json:"id"`
	Amount float64  `json:"amount"`
	Tags   []string `json:"tags"`
	Next   *order   `json:"next"`
}

var (
	document = []byte(`{"id":"A-1234567890123456","amount":12.5,"tags":["first long tag of all","second long tag of all"],` +
		`"next":{"id":"B-1234567890123456","amount":3,"tags":["another long tag of all"],"next":null}}`)
	table = []byte(`{"first key of the table":1,"second key of the table":2,"third key":[1,2,3,4],"last":{"deep":true}}`)
	last  [16]*order
	maps  [16]map[string]interface{}
)

//go:noinline
func decodeOrder(i int) {
	o := new(order)
	if json.Unmarshal(document, o) != nil {
		panic("order")
	}
	last[i&15] = o
}

//go:noinline
func decodeTable(i int) {
	var m map[string]interface{}
	if json.Unmarshal(table, &m) != nil {
		panic("table")
	}
	maps[i&15] = m
}

// count adds what f allocated, tiny objects included; nothing else may run meanwhile.
func count(site *truth.Site, f func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	site.Objects += int64(after.Mallocs - before.Mallocs)
}

func main() {
	orders, tables := truth.New("main.decodeOrder", ""), truth.New("main.decodeTable", "")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	truth.Begin()
	// The first of each also fills the tables of types.
	count(orders, func() { decodeOrder(0) })
	count(tables, func() { decodeTable(0) })
	for round := 0; round < 10; round++ {
		count(orders, func() {
			for i := 0; i < *n/10; i++ {
				decodeOrder(i)
			}
		})
		count(tables, func() {
			for i := 0; i < *n/10; i++ {
				decodeTable(i)
			}
		})
	}
	truth.End()
}
