// Command jsonbench decodes or encodes one JSON document over and over with encoding/json and reports what one
// document costs. Language and library level: Go 1.2.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
)

var (
	op    = flag.String("op", "any", "any: decode into interface{}; struct: decode into structs; encode: from structs")
	items = flag.Int("items", 20, "records in the document, of about 200 bytes each")
	n     = flag.Int("n", 5000, "documents")
	ps    = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

func main() {
	flag.Parse()
	if flag.NArg() > 0 || *items < 1 || *n < 10 || *ps < 0 || (*op != "any" && *op != "struct" && *op != "encode") {
		fmt.Fprintln(os.Stderr, "jsonbench: a parameter is out of range. See: whence workload show jsonbench")
		os.Exit(2)
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	list := newList(*items)
	text, err := json.Marshal(list)
	must(err)
	once := operation(*op, list, text)
	// What encoding/json learns about the types, it learns here.
	sum := once()

	took := measure(func() {
		for i := 1; i < *n; i++ {
			sum += once()
		}
	})
	fmt.Printf("workload: jsonbench\n")
	fmt.Printf("checksum: %d\n", sum)
	took.print("JSON", *n-1)
	fmt.Printf("\n")
}

// operation returns the function that handles one document and returns a number made from the result.
func operation(op string, list *listOf, text []byte) func() uint64 {
	switch op {
	case "any":
		return func() uint64 {
			var v interface{}
			must(json.Unmarshal(text, &v))
			records := v.(map[string]interface{})["items"].([]interface{})
			last := records[len(records)-1].(map[string]interface{})
			return uint64(last["id"].(float64)) + uint64(len(last))
		}
	case "struct":
		return func() uint64 {
			v := new(listOf)
			must(json.Unmarshal(text, v))
			last := v.Items[len(v.Items)-1]
			return uint64(last.ID) + uint64(len(last.Tags))
		}
	}
	return func() uint64 {
		written, err := json.Marshal(list)
		must(err)
		return uint64(len(written))
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "jsonbench:", err)
		os.Exit(1)
	}
}
