package main

import "fmt"

// One set of loops a key kind: what the compiler makes of a map differs by its key, which must be known to it. The
// first two have hash functions and lookups of their own in the runtime, the third has not.

func newTable(key string, size int) table {
	switch {
	case size < 1 || size > 100000000:
		return nil
	case key == "int64":
		return &numbers{}
	case key == "string":
		texts := &texts{keys: make([]string, size)}
		for i := range texts.keys {
			texts.keys[i] = fmt.Sprintf("key-%012d", i)
		}
		return texts
	case key == "struct":
		return &pairs{}
	}
	return nil
}

type numbers struct{ m map[int64]int64 }

// number spreads the keys, which would otherwise be a dense range.
func number(i int32) int64 { return int64(i) * 2654435761 }

func (t *numbers) insert(order []int32) {
	t.m = make(map[int64]int64)
	for _, i := range order {
		t.m[number(i)] = int64(i)
	}
}

func (t *numbers) lookup(order []int32) uint64 {
	var sum int64
	for _, i := range order {
		sum += t.m[number(i)]
	}
	return uint64(sum)
}

func (t *numbers) iterate() uint64 {
	var sum int64
	for _, v := range t.m {
		sum += v
	}
	return uint64(sum)
}

func (t *numbers) put(n int) {
	for i := 0; i < n; i++ {
		t.m[number(int32(i))] = int64(i)
	}
}

func (t *numbers) clear() {
	for k := range t.m {
		delete(t.m, k)
	}
}

func (t *numbers) size() int { return len(t.m) }

type texts struct {
	m    map[string]int64
	keys []string
}

func (t *texts) insert(order []int32) {
	t.m = make(map[string]int64)
	for _, i := range order {
		t.m[t.keys[i]] = int64(i)
	}
}

func (t *texts) lookup(order []int32) uint64 {
	var sum int64
	for _, i := range order {
		sum += t.m[t.keys[i]]
	}
	return uint64(sum)
}

func (t *texts) iterate() uint64 {
	var sum int64
	for _, v := range t.m {
		sum += v
	}
	return uint64(sum)
}

func (t *texts) put(n int) {
	for i := 0; i < n; i++ {
		t.m[t.keys[i]] = int64(i)
	}
}

func (t *texts) clear() {
	for k := range t.m {
		delete(t.m, k)
	}
}

func (t *texts) size() int { return len(t.m) }

type pair struct{ a, b int64 }

type pairs struct{ m map[pair]int64 }

func pairOf(i int32) pair { return pair{int64(i), number(i)} }

func (t *pairs) insert(order []int32) {
	t.m = make(map[pair]int64)
	for _, i := range order {
		t.m[pairOf(i)] = int64(i)
	}
}

func (t *pairs) lookup(order []int32) uint64 {
	var sum int64
	for _, i := range order {
		sum += t.m[pairOf(i)]
	}
	return uint64(sum)
}

func (t *pairs) iterate() uint64 {
	var sum int64
	for _, v := range t.m {
		sum += v
	}
	return uint64(sum)
}

func (t *pairs) put(n int) {
	for i := 0; i < n; i++ {
		t.m[pairOf(int32(i))] = int64(i)
	}
}

func (t *pairs) clear() {
	for k := range t.m {
		delete(t.m, k)
	}
}

func (t *pairs) size() int { return len(t.m) }
