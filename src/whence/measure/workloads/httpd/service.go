package main

import (
	"net/http"
	"strconv"
	"sync/atomic"
)

// node is 64 bytes, linked.
type node struct {
	next    *node
	value   uint64
	payload [6]uint64
}

const nodeBytes = 64

// service answers every path alike: it allocates its work, walks it, and writes the body.
type service struct {
	requests uint64 // first, so that it is aligned for atomic access on 32-bit machines
	length   []string
	body     []byte
	work     int
	live     *node
}

func newService(body, work, live int) *service {
	s := &service{length: []string{strconv.Itoa(body)}, body: make([]byte, body), work: work / nodeBytes}
	for i := range s.body {
		s.body[i] = 'a' + byte(i%26)
	}
	s.live = link(live * 1000000 / nodeBytes)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	list := link(s.work)
	sum := uint64(0)
	for at := list; at != nil; at = at.next {
		sum += at.value
	}
	header := w.Header()
	header["Content-Length"] = s.length
	header["X-Sum"] = []string{strconv.FormatUint(sum, 10)}
	w.Write(s.body)
	atomic.AddUint64(&s.requests, 1)
}

// link returns n nodes in a list.
func link(n int) *node {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{next: head, value: uint64(i)}
	}
	return head
}
