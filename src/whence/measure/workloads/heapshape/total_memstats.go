//go:build !go1.16
// +build !go1.16

package main

import "runtime"

// runtimeTotal returns the bytes that Go says it obtained from the system; runtime/metrics came with Go 1.16.
func runtimeTotal(m *runtime.MemStats) uint64 {
	return m.Sys
}
