//go:build !b3

package main

const b3 = false
