package main

// slices grows slices by appending, past the size at which they get pages of their own.
func slices(rounds int) {
	r := random(5)
	numbers := make([][]int64, 40)
	pointers := make([][]*int64, 40)
	for i := 0; i < rounds; i++ {
		at := r.next(len(numbers))
		if len(numbers[at]) > 2000+r.next(40000) {
			numbers[at] = nil
		}
		for n := r.next(600); n >= 0; n-- {
			numbers[at] = append(numbers[at], int64(n))
		}
		at = r.next(len(pointers))
		if len(pointers[at]) > 500+r.next(9000) {
			pointers[at] = nil
		}
		for n := r.next(60); n >= 0; n-- {
			value := new(int64)
			pointers[at] = append(pointers[at], value)
		}
	}
}
