// Command mixed allocates in many ways at known places: structs with and without pointers, with a header, slices,
// large objects, strings of many lengths, growing slices, things kept and things dropped.
package main

import (
	"flag"
	"math/rand"

	"sites/truth"
)

var n = flag.Int("n", 100000, "objects of the most frequent places")

// node needs 40 bytes and gets 48.
type node struct {
	next  *node
	key   int64
	value [3]int64
}

// wide needs 600 bytes and, with its header, gets 640.
type wide struct {
	first *node
	rest  [74]int64
}

// flat has no pointers: 72 bytes in a slot of 80.
type flat struct{ values [9]int64 }

// small holds one pointer: 8 bytes in a slot of 8, and never tiny.
type small struct{ to *node }

// sixteen has no pointers and 16 bytes: not tiny.
type sixteen struct{ a, b int64 }

var (
	kept    []*node
	nodes   [256]*node
	wides   [16]*wide
	flats   [256]*flat
	smalls  [256]*small
	pairs   [256]*sixteen
	buffers [16][]byte
	texts   [256]string
	numbers []int64
	source  = make([]byte, 64)
)

//go:noinline
func makeNode(i int) { nodes[i&255] = new(node) }

//go:noinline
func keepNode(i int) { kept = append(kept[:len(kept):cap(kept)], &node{key: int64(i)}) }

//go:noinline
func makeWide(i int) { wides[i&15] = new(wide) }

//go:noinline
func makeFlat(i int) { flats[i&255] = new(flat) }

//go:noinline
func makeSmall(i int) { smalls[i&255] = new(small) }

//go:noinline
func makeSixteen(i int) { pairs[i&255] = new(sixteen) }

//go:noinline
func makeBuffer(i, size int) { buffers[i&15] = make([]byte, size) }

//go:noinline
func makeLarge(i, size int) { buffers[i&15] = make([]byte, size) }

//go:noinline
func makeText(i, size int) { texts[i&255] = string(source[:size]) }

//go:noinline
func grow(to int, site *truth.Site) {
	numbers = nil
	have := 0
	for i := 0; i < to; i++ {
		numbers = append(numbers, int64(i))
		if cap(numbers) != have {
			have = cap(numbers)
			// The runtime asks for the bytes that it then has room for.
			site.Add(1, 8*have)
		}
	}
}

func main() {
	aNode, aKept := truth.New("main.makeNode", "main.node"), truth.New("main.keepNode", "main.node")
	aWide, aFlat := truth.New("main.makeWide", "main.wide"), truth.New("main.makeFlat", "main.flat")
	aSmall, aSixteen := truth.New("main.makeSmall", "main.small"), truth.New("main.makeSixteen", "main.sixteen")
	aBuffer, aLarge := truth.New("main.makeBuffer", "uint8"), truth.New("main.makeLarge", "uint8")
	aText, aGrow := truth.New("main.makeText", ""), truth.New("main.grow", "")
	flag.Parse()
	kept = make([]*node, 0, *n)
	truth.Begin()
	random := rand.New(rand.NewSource(1))
	for i := 0; i < *n; i++ {
		makeNode(i)
		aNode.Add(1, 40)
		makeFlat(i)
		aFlat.Add(1, 72)
		makeSmall(i)
		aSmall.Add(1, 8)
		makeSixteen(i)
		aSixteen.Add(1, 16)
		size := 33 + random.Intn(32)
		makeText(i, size)
		aText.Add(1, size)
		if i%4 == 0 {
			keepNode(i)
			aKept.Add(1, 40)
			makeWide(i)
			aWide.Add(1, 600)
			makeBuffer(i, 1000)
			aBuffer.Add(1, 1000)
		}
		if i%100 == 0 {
			makeLarge(i, 100000)
			aLarge.Add(1, 100000)
			grow(1000, aGrow)
		}
	}
	truth.End()
}
