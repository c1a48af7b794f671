package main

type node struct {
	key, priority int
	left, right   *node
}

func insert(root *node, key, priority int) *node {
	if root == nil {
		return &node{key: key, priority: priority}
	}
	copied := *root
	if key < copied.key {
		copied.left = insert(copied.left, key, priority)
	} else {
		copied.right = insert(copied.right, key, priority)
	}
	return &copied
}

// trees grows persistent trees, every insertion copying a path, beside maps that grow and are dropped.
func trees(rounds int) {
	r := random(3)
	roots := make([]*node, 64)
	maps := make([]map[int]*node, 32)
	for i := 0; i < rounds; i++ {
		at := r.next(len(roots))
		if r.next(400) == 0 {
			roots[at] = nil
		}
		roots[at] = insert(roots[at], r.next(1<<30), i)
		at = r.next(len(maps))
		if maps[at] == nil || len(maps[at]) > 700 {
			maps[at] = make(map[int]*node)
		}
		maps[at][r.next(1<<20)] = roots[r.next(len(roots))]
	}
}
