// Command reference reads texts with golang.org/x/perf/benchfmt. Each input line is a JSON string; each output line is
// the JSON list of what that text holds: ["result", name, iterations, [[value, unit], …], configuration] or ["error", line].
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/perf/benchfmt"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<16), 1<<24)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			panic(err)
		}
		if err := out.Encode(records(text)); err != nil {
			panic(err)
		}
	}
}

func records(text string) []any {
	found := []any{}
	reader := benchfmt.NewReader(strings.NewReader(text), "text")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.Result:
			found = append(found, []any{"result", record.Name.String(), record.Iters, values(record), config(record)})
		case *benchfmt.SyntaxError:
			_, line := record.Pos()
			found = append(found, []any{"error", line})
		}
	}
	return found
}

// values are hexadecimal, so that no digit is lost on the way.
func values(result *benchfmt.Result) [][2]string {
	found := [][2]string{}
	for _, v := range result.Values {
		value, unit := v.Value, v.Unit
		if v.OrigUnit != "" {
			value, unit = v.OrigValue, v.OrigUnit
		}
		found = append(found, [2]string{fmt.Sprintf("%x", value), unit})
	}
	return found
}

func config(result *benchfmt.Result) map[string]string {
	found := map[string]string{}
	for _, c := range result.Config {
		found[c.Key] = string(c.Value)
	}
	return found
}
