//go:build b1

package main

const b1 = true
