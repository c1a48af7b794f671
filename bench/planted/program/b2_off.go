//go:build !b2

package main

const b2 = false
