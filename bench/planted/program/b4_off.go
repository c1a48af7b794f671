//go:build !b4

package main

const b4 = false
