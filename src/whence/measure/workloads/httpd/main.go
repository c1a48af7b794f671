// Command httpd is a server whose requests allocate a set amount: it listens on the port in PORT, serves until it is
// told to stop by SIGTERM, and then reports what a request allocated. Language and library level: Go 1.11.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

var (
	body = flag.Int("body", 1024, "bytes of a response")
	work = flag.Int("work", 16384, "bytes that a request allocates beside what net/http does, in linked 64-byte nodes")
	live = flag.Int("live", 8, "MB (1e6 bytes) of live heap, in linked 64-byte nodes")
	ps   = flag.Int("ps", 1, "GOMAXPROCS; 0 leaves it alone")
)

// drain is how long requests in flight may take once the server is told to stop.
const drain = 5 * time.Second

func main() {
	flag.Parse()
	if flag.NArg() > 0 || *body < 1 || *work < 0 || *live < 0 || *ps < 0 {
		fail("a parameter is out of range. See: whence workload show httpd")
	}
	port := os.Getenv("PORT")
	if port == "" {
		fail("no PORT in the environment. Run it as a service: whence compare … --subject workload:httpd")
	}
	if *ps > 0 {
		runtime.GOMAXPROCS(*ps)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)

	service := newService(*body, *work, *live)
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		fail(err.Error())
	}
	before := readMemory()
	server := &http.Server{Handler: service}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		fail(err.Error())
	case <-stop:
	}
	after := readMemory()
	inTime, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(inTime); err != nil {
		fail(err.Error())
	}
	report(service, before, after)
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "httpd:", message)
	os.Exit(2)
}
