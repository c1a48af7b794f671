package main

import (
	"strconv"
	"strings"
)

// texts joins, splits and replaces strings, keeping some of them.
func texts(rounds int) {
	r := random(4)
	kept := make([]string, 3000)
	for i := 0; i < rounds; i++ {
		var builder strings.Builder
		for n := r.next(20); n >= 0; n-- {
			builder.WriteString(strconv.Itoa(r.next(100000)))
			builder.WriteByte(',')
		}
		text := builder.String()
		fields := strings.Split(text, ",")
		upper := strings.Replace(text, "1", "one", -1)
		kept[r.next(len(kept))] = upper
		kept[r.next(len(kept))] = strings.Join(fields, ";")
		kept[r.next(len(kept))] = strconv.Itoa(i)
	}
}
