package main

// object is one big live object; sum reads back what was written, and nothing else (reading an untouched page would
// map the kernel's zero page).
type object interface {
	sum() uint64
}

// targets is what pointers point at: few shared nodes, so that the pointees add nothing to the heap.
var targets = newTargets()

// sinkSum keeps checksums of dropped objects alive.
var sinkSum uint64

func newTargets() [64]*node {
	var all [64]*node
	for i := range all {
		all[i] = &node{value: uint64(i + 1)}
	}
	return all
}

// builder returns the function that makes one object of size bytes with fill percent written, or nil for no such shape.
func builder(shape string, pointers bool) func(size, fill int) object {
	switch {
	case shape == "slice" && pointers:
		return newPointerSlice
	case shape == "slice":
		return newNumberSlice
	case shape == "chan" && pointers:
		return newPointerChan
	case shape == "chan":
		return newNumberChan
	case shape == "map" && pointers:
		return newPointerMap
	case shape == "map":
		return newNumberMap
	}
	return nil
}

func checksum(all []object) uint64 {
	var total uint64
	for _, o := range all {
		total = total*31 + o.sum()
	}
	return total
}

type pointerSlice []*node

func newPointerSlice(size, fill int) object {
	s := make([]*node, size/8)
	for i := 0; i < len(s)*fill/100; i++ {
		s[i] = targets[i%64]
	}
	return pointerSlice(s)
}

func (s pointerSlice) sum() uint64 {
	var total uint64
	for _, p := range s {
		if p == nil {
			break
		}
		total += p.value
	}
	return total
}

type numberSlice []uint64

func newNumberSlice(size, fill int) object {
	s := make([]uint64, size/8)
	for i := 0; i < len(s)*fill/100; i++ {
		s[i] = uint64(i%64 + 1)
	}
	return numberSlice(s)
}

func (s numberSlice) sum() uint64 {
	var total uint64
	for _, v := range s {
		if v == 0 {
			break
		}
		total += v
	}
	return total
}

// pointerChan is a channel whose buffer has size bytes: what a generously buffered event channel looks like.
type pointerChan chan *node

func newPointerChan(size, fill int) object {
	c := make(chan *node, size/8)
	for i := 0; i < cap(c)*fill/100; i++ {
		c <- targets[i%64]
	}
	return pointerChan(c)
}

func (c pointerChan) sum() uint64 { return uint64(len(c)) }

type numberChan chan uint64

func newNumberChan(size, fill int) object {
	c := make(chan uint64, size/8)
	for i := 0; i < cap(c)*fill/100; i++ {
		c <- uint64(i%64 + 1)
	}
	return numberChan(c)
}

func (c numberChan) sum() uint64 { return uint64(len(c)) }

// entryBytes is key plus value of the maps.
const entryBytes = 128

type pointerEntry struct {
	target  *node
	payload [112]byte
}

// pointerMap grows from empty to fill percent of size/128 entries.
type pointerMap map[int64]pointerEntry

func newPointerMap(size, fill int) object {
	m := make(map[int64]pointerEntry)
	for i := 0; i < size/entryBytes*fill/100; i++ {
		m[int64(i)] = pointerEntry{target: targets[i%64]}
	}
	return pointerMap(m)
}

func (m pointerMap) sum() uint64 {
	var total uint64
	for i := 0; i < len(m); i++ {
		total += m[int64(i)].target.value
	}
	return total
}

type numberMap map[int64][120]byte

func newNumberMap(size, fill int) object {
	m := make(map[int64][120]byte)
	for i := 0; i < size/entryBytes*fill/100; i++ {
		m[int64(i)] = [120]byte{byte(i%64 + 1)}
	}
	return numberMap(m)
}

func (m numberMap) sum() uint64 {
	var total uint64
	for i := 0; i < len(m); i++ {
		total += uint64(m[int64(i)][0])
	}
	return total
}
