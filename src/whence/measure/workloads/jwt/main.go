// Command jwt verifies one RS256 token over and over, with the key parsed once or parsed again for each token, and
// reports what one verification costs. Language and library level: Go 1.2.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

var (
	key  = flag.String("key", "cached", "cached: the PEM key is parsed once; parsed: again for each token")
	bits = flag.Int("bits", 2048, "length of the RSA key: 2048 or 4096")
	n    = flag.Int("n", 5000, "tokens verified")
	ps   = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

func main() {
	flag.Parse()
	if flag.NArg() > 0 || (*key != "cached" && *key != "parsed") || (*bits != 2048 && *bits != 4096) || *n < 10 || *ps < 0 {
		fmt.Fprintln(os.Stderr, "jwt: a parameter is out of range. See: whence workload show jwt")
		os.Exit(2)
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	text, token := key2048, token2048
	if *bits == 4096 {
		text, token = key4096, token4096
	}
	cached, err := parseKey(text)
	must(err)
	once := func() uint64 {
		public := cached
		if *key == "parsed" {
			var err error
			public, err = parseKey(text)
			must(err)
		}
		claims, err := verify(token, public)
		must(err)
		return uint64(claims.Expires) + uint64(len(claims.Subject))
	}
	// Tables of the packages involved are made here.
	sum := once()

	took := measure(func() {
		for i := 1; i < *n; i++ {
			sum += once()
		}
	})
	fmt.Printf("workload: jwt\n")
	fmt.Printf("checksum: %d\n", sum)
	took.print("JWT", *n-1)
	fmt.Printf("\n")
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "jwt:", err)
		os.Exit(1)
	}
}
