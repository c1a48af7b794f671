package main

type pair struct {
	left, right *pair
	value       int
}

type record struct {
	name    string
	numbers [12]int64
	next    *record
}

type mixedItem struct {
	bytes   []byte
	pair    *pair
	record  *record
	pointer []*pair
	number  *int64
	wide    *[200]*int
}

// mixed keeps some thousand objects of many sizes, with and without pointers, and replaces them at random.
func mixed(rounds int) {
	r := random(1)
	kept := make([]mixedItem, 4000)
	for i := 0; i < rounds; i++ {
		item := &kept[r.next(len(kept))]
		switch r.next(8) {
		case 0:
			item.bytes = make([]byte, 1+r.next(256))
		case 1:
			item.bytes = make([]byte, 1+r.next(5000))
		case 2:
			item.pair = &pair{value: i}
		case 3:
			item.record = &record{name: "n"}
		case 4:
			item.pointer = make([]*pair, 1+r.next(100))
		case 5:
			item.number = new(int64)
		case 6:
			if r.next(10) == 0 {
				item.wide = new([200]*int)
			}
		case 7:
			item.pair = &pair{left: item.pair, right: &pair{}}
			if r.next(6) != 0 {
				item.pair.left = nil
			}
		}
	}
}
