// Command maps works on one map of one key kind and reports what one operation costs. Language and library level:
// Go 1.2; from Go 1.11 on the compiler turns the loop that deletes every key into one clear.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

var (
	op     = flag.String("op", "lookup", "lookup: one key; insert: one key into a map that grows from empty; iterate: one entry; clear: one whole map that once held size entries")
	key    = flag.String("key", "int64", "int64, string (16 bytes) or struct (of two int64); values are int64")
	size   = flag.Int("size", 100000, "entries of the full map")
	rounds = flag.Int("rounds", 20, "times that size operations are made; for clear: number of clears")
	kept   = flag.Int("kept", 1, "clear: entries put into the emptied map before each clear")
	ps     = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

// table is a map of one key kind. Keys are numbered; key number i has the value i.
type table interface {
	// insert makes the map anew and fills it with keys 0 to n-1 in the order given.
	insert(order []int32)
	// lookup returns the sum of the values of the keys in the order given.
	lookup(order []int32) uint64
	iterate() uint64
	// put adds keys 0 to n-1 to what is there.
	put(n int)
	clear()
	size() int
}

func main() {
	flag.Parse()
	all := newTable(*key, *size)
	if all == nil || flag.NArg() > 0 || *rounds < 1 || *kept < 0 || *kept > *size || *ps < 0 ||
		(*op != "lookup" && *op != "insert" && *op != "iterate" && *op != "clear") {
		fmt.Fprintln(os.Stderr, "maps: a parameter is out of range. See: whence workload show maps")
		os.Exit(2)
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	order := shuffled(*size)
	all.insert(order)
	order = shuffled(*size)
	operations := *rounds * *size
	if *op == "clear" {
		operations = *rounds
		all.clear()
	}

	var sum uint64
	took := measure(func() {
		for i := 0; i < *rounds; i++ {
			switch *op {
			case "lookup":
				sum += all.lookup(order)
			case "insert":
				all.insert(order)
				sum += uint64(all.size())
			case "iterate":
				sum += all.iterate()
			case "clear":
				all.put(*kept)
				sum += uint64(all.size())
				all.clear()
			}
		}
	})
	fmt.Printf("workload: maps\n")
	fmt.Printf("checksum: %d\n", sum)
	took.print("Maps", operations)
	fmt.Printf("\n")
}

var random uint64 = 88172645463325252

// shuffled returns 0 to n-1 in an order that is the same in every run and every release.
func shuffled(n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		// xorshift64; math/rand has changed between releases.
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		j := int(random % uint64(i+1))
		order[i] = order[j]
		order[j] = int32(i)
	}
	return order
}
