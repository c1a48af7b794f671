//go:build !go1.20
// +build !go1.20

package main

// readPSeconds: the runtime has told CPU classes apart since Go 1.20.
func readPSeconds() (pSeconds, bool) { return pSeconds{}, false }
