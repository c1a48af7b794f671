package main

// One allocation loop a size and kind, with the type known at compile time: since Go 1.26 the compiler may choose an
// allocator by it, which make with a variable size would hide. Each loop leaves its objects as garbage; returning the
// last one is what keeps the compiler from placing them on the stack.

// loops returns the loop that allocates n objects of size bytes, or nil when there is none of that size.
func loops(size int, pointers bool) func(n int, to *node) interface{} {
	if pointers {
		switch size {
		case 8:
			return pointers8
		case 16:
			return pointers16
		case 24:
			return pointers24
		case 32:
			return pointers32
		case 48:
			return pointers48
		case 64:
			return pointers64
		case 96:
			return pointers96
		case 128:
			return pointers128
		case 256:
			return pointers256
		case 512:
			return pointers512
		case 1024:
			return pointers1024
		case 2048:
			return pointers2048
		case 4096:
			return pointers4096
		case 8192:
			return pointers8192
		case 32768:
			return pointers32768
		case 65536:
			return pointers65536
		}
		return nil
	}
	switch size {
	case 8:
		return numbers8
	case 16:
		return numbers16
	case 24:
		return numbers24
	case 32:
		return numbers32
	case 48:
		return numbers48
	case 64:
		return numbers64
	case 96:
		return numbers96
	case 128:
		return numbers128
	case 256:
		return numbers256
	case 512:
		return numbers512
	case 1024:
		return numbers1024
	case 2048:
		return numbers2048
	case 4096:
		return numbers4096
	case 8192:
		return numbers8192
	case 32768:
		return numbers32768
	case 65536:
		return numbers65536
	}
	return nil
}

func pointers8(n int, to *node) interface{} {
	var last *[1]*node
	for i := 0; i < n; i++ {
		last = new([1]*node)
		last[0] = to
	}
	return last
}

func numbers8(n int, to *node) interface{} {
	var last *[1]uint64
	for i := 0; i < n; i++ {
		last = new([1]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers16(n int, to *node) interface{} {
	var last *[2]*node
	for i := 0; i < n; i++ {
		last = new([2]*node)
		last[0] = to
	}
	return last
}

func numbers16(n int, to *node) interface{} {
	var last *[2]uint64
	for i := 0; i < n; i++ {
		last = new([2]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers24(n int, to *node) interface{} {
	var last *[3]*node
	for i := 0; i < n; i++ {
		last = new([3]*node)
		last[0] = to
	}
	return last
}

func numbers24(n int, to *node) interface{} {
	var last *[3]uint64
	for i := 0; i < n; i++ {
		last = new([3]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers32(n int, to *node) interface{} {
	var last *[4]*node
	for i := 0; i < n; i++ {
		last = new([4]*node)
		last[0] = to
	}
	return last
}

func numbers32(n int, to *node) interface{} {
	var last *[4]uint64
	for i := 0; i < n; i++ {
		last = new([4]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers48(n int, to *node) interface{} {
	var last *[6]*node
	for i := 0; i < n; i++ {
		last = new([6]*node)
		last[0] = to
	}
	return last
}

func numbers48(n int, to *node) interface{} {
	var last *[6]uint64
	for i := 0; i < n; i++ {
		last = new([6]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers64(n int, to *node) interface{} {
	var last *[8]*node
	for i := 0; i < n; i++ {
		last = new([8]*node)
		last[0] = to
	}
	return last
}

func numbers64(n int, to *node) interface{} {
	var last *[8]uint64
	for i := 0; i < n; i++ {
		last = new([8]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers96(n int, to *node) interface{} {
	var last *[12]*node
	for i := 0; i < n; i++ {
		last = new([12]*node)
		last[0] = to
	}
	return last
}

func numbers96(n int, to *node) interface{} {
	var last *[12]uint64
	for i := 0; i < n; i++ {
		last = new([12]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers128(n int, to *node) interface{} {
	var last *[16]*node
	for i := 0; i < n; i++ {
		last = new([16]*node)
		last[0] = to
	}
	return last
}

func numbers128(n int, to *node) interface{} {
	var last *[16]uint64
	for i := 0; i < n; i++ {
		last = new([16]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers256(n int, to *node) interface{} {
	var last *[32]*node
	for i := 0; i < n; i++ {
		last = new([32]*node)
		last[0] = to
	}
	return last
}

func numbers256(n int, to *node) interface{} {
	var last *[32]uint64
	for i := 0; i < n; i++ {
		last = new([32]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers512(n int, to *node) interface{} {
	var last *[64]*node
	for i := 0; i < n; i++ {
		last = new([64]*node)
		last[0] = to
	}
	return last
}

func numbers512(n int, to *node) interface{} {
	var last *[64]uint64
	for i := 0; i < n; i++ {
		last = new([64]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers1024(n int, to *node) interface{} {
	var last *[128]*node
	for i := 0; i < n; i++ {
		last = new([128]*node)
		last[0] = to
	}
	return last
}

func numbers1024(n int, to *node) interface{} {
	var last *[128]uint64
	for i := 0; i < n; i++ {
		last = new([128]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers2048(n int, to *node) interface{} {
	var last *[256]*node
	for i := 0; i < n; i++ {
		last = new([256]*node)
		last[0] = to
	}
	return last
}

func numbers2048(n int, to *node) interface{} {
	var last *[256]uint64
	for i := 0; i < n; i++ {
		last = new([256]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers4096(n int, to *node) interface{} {
	var last *[512]*node
	for i := 0; i < n; i++ {
		last = new([512]*node)
		last[0] = to
	}
	return last
}

func numbers4096(n int, to *node) interface{} {
	var last *[512]uint64
	for i := 0; i < n; i++ {
		last = new([512]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers8192(n int, to *node) interface{} {
	var last *[1024]*node
	for i := 0; i < n; i++ {
		last = new([1024]*node)
		last[0] = to
	}
	return last
}

func numbers8192(n int, to *node) interface{} {
	var last *[1024]uint64
	for i := 0; i < n; i++ {
		last = new([1024]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers32768(n int, to *node) interface{} {
	var last *[4096]*node
	for i := 0; i < n; i++ {
		last = new([4096]*node)
		last[0] = to
	}
	return last
}

func numbers32768(n int, to *node) interface{} {
	var last *[4096]uint64
	for i := 0; i < n; i++ {
		last = new([4096]uint64)
		last[0] = uint64(i)
	}
	return last
}

func pointers65536(n int, to *node) interface{} {
	var last *[8192]*node
	for i := 0; i < n; i++ {
		last = new([8192]*node)
		last[0] = to
	}
	return last
}

func numbers65536(n int, to *node) interface{} {
	var last *[8192]uint64
	for i := 0; i < n; i++ {
		last = new([8192]uint64)
		last[0] = uint64(i)
	}
	return last
}
