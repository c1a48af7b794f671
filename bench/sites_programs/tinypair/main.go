// Command tinypair lets two places compete for tiny blocks: each makes the same number of int64, one by one.
package main

import (
	"flag"
	"math/rand"

	"sites/truth"
)

var (
	n       = flag.Int("n", 200000, "objects of each place")
	shuffle = flag.Bool("shuffle", false, "in random order; else strictly in turn")
	sink    [64]*int64
)

//go:noinline
func siteA(i int) { sink[i&31] = new(int64) }

//go:noinline
func siteB(i int) { sink[32+i&31] = new(int64) }

func main() {
	a, b := truth.New("main.siteA", "int64"), truth.New("main.siteB", "int64")
	truth.Begin()
	left, right := *n, *n
	random := rand.New(rand.NewSource(1))
	for i := 0; left+right > 0; i++ {
		first := i&1 == 0
		if *shuffle {
			first = random.Intn(left+right) < left
		}
		if (first && left > 0) || right == 0 {
			siteA(i)
			left--
			a.Add(1, 8)
		} else {
			siteB(i)
			right--
			b.Add(1, 8)
		}
	}
	truth.End()
}
