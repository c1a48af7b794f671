"""A tiny HTTP server: python server.py PORT [MODE]. MODE `die` ends at the 20th request, `deaf` never listens."""

import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

count = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global count
        count += 1
        if mode == "die" and count == 20:
            os._exit(7)
        if mode == "slow":
            with lock:
                time.sleep(0.05)
        body = b"hello\n"
        self.send_response(404 if self.path == "/missing" else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nhel\r\n3\r\nlo\n\r\n0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


if __name__ == "__main__":
    import threading

    lock = threading.Lock()
    mode = sys.argv[2] if len(sys.argv) > 2 else ""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    if mode == "deaf":
        print("not listening", file=sys.stderr, flush=True)
        time.sleep(600)
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
