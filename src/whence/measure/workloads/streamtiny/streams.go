package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// heartbeat is one stream of the client.
type heartbeat struct {
	stream  grpc.ClientStream
	payload []byte
	sum     uint64
}

// connect starts the server and opens the client's streams.
func connect() ([]*heartbeat, error) {
	listen, dial, err := network()
	if err != nil {
		return nil, err
	}
	// Without generated code: one handler answers every method.
	serving := []grpc.ServerOption{grpc.UnknownServiceHandler(echo)}
	dialing := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(dial),
	}
	if *window > 0 {
		w := int32(*window)
		serving = append(serving, grpc.InitialWindowSize(w), grpc.InitialConnWindowSize(w))
		dialing = append(dialing, grpc.WithInitialWindowSize(w), grpc.WithInitialConnWindowSize(w))
	}
	server := grpc.NewServer(serving...)
	go server.Serve(listen)

	payload := make([]byte, *size)
	for i := range payload {
		payload[i] = byte(i%251 + 1)
	}
	clients := make([]*grpc.ClientConn, *conns)
	for i := range clients {
		// Dial and not NewClient, which came with grpc 1.63.
		if clients[i], err = grpc.Dial("passthrough:///streamtiny", dialing...); err != nil {
			return nil, err
		}
	}
	both := &grpc.StreamDesc{StreamName: "Beat", ServerStreams: true, ClientStreams: true}
	all := make([]*heartbeat, *streams)
	for i := range all {
		stream, err := clients[i%*conns].NewStream(context.Background(), both, "/whence.Heartbeat/Beat")
		if err != nil {
			return nil, err
		}
		all[i] = &heartbeat{stream: stream, payload: payload}
	}
	return all, nil
}

func network() (net.Listener, func(context.Context, string) (net.Conn, error), error) {
	if *transport == "bufconn" {
		pipes := bufconn.Listen(1 << 20)
		return pipes, func(ctx context.Context, _ string) (net.Conn, error) { return pipes.DialContext(ctx) }, nil
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	address := listen.Addr().String()
	return listen, func(ctx context.Context, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", address)
	}, nil
}

// echo is the server's side of a stream: a new message for each, as generated code makes one.
func echo(_ interface{}, stream grpc.ServerStream) error {
	for {
		message := new(wrapperspb.BytesValue)
		if err := stream.RecvMsg(message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
}

// run makes count round trips on one stream.
func (h *heartbeat) run(count int, took []int64, wait *sync.WaitGroup) {
	defer wait.Done()
	sum := uint64(0)
	sent := &wrapperspb.BytesValue{Value: h.payload}
	for i := 0; i < count; i++ {
		start := time.Now()
		must(h.stream.SendMsg(sent))
		received := new(wrapperspb.BytesValue)
		must(h.stream.RecvMsg(received))
		if took != nil {
			took[i] = int64(time.Since(start))
		}
		sum += uint64(len(received.Value))
		if len(received.Value) > 0 {
			sum += uint64(received.Value[len(received.Value)-1])
		}
	}
	h.sum = sum
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "streamtiny:", err)
		os.Exit(1)
	}
}
