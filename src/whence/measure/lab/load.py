"""An open-loop HTTP/1.1 client, run as a process of its own: `python load.py JSON`, result as JSON on standard output.

Requests are due at a constant rate whatever the server does. The latency of a request runs from the moment it was
due, not from when it could be sent, so a stall of the server is felt by every request that fell into it (free of
coordinated omission; see Gil Tene, "How NOT to Measure Latency"). A timer of the kernel keeps the schedule; requests
go out on kept-alive connections, a new one whenever all are busy. Only the standard library is imported: it starts in
20 ms, beside the server that it loads.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import select
import socket
import sys
import time
from array import array
from collections import deque

MAX_CONNECTIONS = 4096
WARM_CONNECTIONS = 8
DRAIN_NS = 2_000_000_000
"""How long after the last due moment answers are still waited for."""
KEPT_UP = 0.98
"""Achieved ÷ offered rate below which the server, or this client, did not keep up."""
GROWING = 1.5
"""A backlog whose mean in the last quarter is this many times that of the first half is growing."""
_NANOSECONDS = 1_000_000_000
_CLOCK_MONOTONIC = 1
_TIMER_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE = 1


class Connection:
    """One connection and the answer that is being read from it."""

    __slots__ = ("body_left", "buffer", "chunked", "due_ns", "keep_alive", "pending", "socket", "status")

    def __init__(self, address: tuple[str, int]) -> None:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(address)
        self.pending = b""
        self.reset()

    def reset(self) -> None:
        self.due_ns = 0
        self.buffer = b""
        self.status = 0
        self.body_left: int | None = None
        self.chunked = False
        self.keep_alive = True

    def feed(self, data: bytes) -> bool:
        """Takes bytes of an answer; returns whether it is complete. Raises ValueError when it is not HTTP/1."""
        self.buffer += data
        if not self.status and not self._head():
            return False
        if self.chunked:
            return self._chunks()
        return self.body_left is not None and len(self.buffer) >= self.body_left

    def _head(self) -> bool:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *fields = self.buffer[:end].lower().split(b"\r\n")
        self.buffer = self.buffer[end + 4 :]
        version, code = first.split(b" ", 2)[:2]
        status = int(code)
        if 100 <= status < 200:
            return self._head()
        self.status = status
        self.keep_alive = version == b"http/1.1"
        self.body_left = 0 if status in {204, 304} else None
        for field in fields:
            name, _, value = field.partition(b":")
            value = value.strip()
            if name == b"content-length" and self.body_left is None:
                self.body_left = int(value)
            elif name == b"transfer-encoding" and value.endswith(b"chunked"):
                self.chunked = True
            elif name == b"connection":
                self.keep_alive = value != b"close"
        return True

    def _chunks(self) -> bool:
        while True:
            line_end = self.buffer.find(b"\r\n")
            if line_end < 0:
                return False
            size = int(self.buffer[:line_end].split(b";")[0], 16)
            if size == 0:
                return self.buffer.endswith(b"\r\n\r\n")
            if len(self.buffer) < line_end + 2 + size + 2:
                return False
            self.buffer = self.buffer[line_end + 2 + size + 2 :]

    def at_end(self) -> bool:
        """The server closed; true when that ends the answer (no length was given)."""
        return bool(self.status) and self.body_left is None and not self.chunked


class OpenLoop:
    """Sends `rate * seconds` requests on schedule and keeps what came of each."""

    def __init__(self, address: tuple[str, int], path: str, rate: float, seconds: float) -> None:
        self.address, self.rate = address, rate
        self.total = max(round(rate * seconds), 1)
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: localhost:{address[1]}\r\nUser-Agent: whence\r\nAccept: */*\r\n\r\n"
        ).encode()
        self.latencies_ns = array("q")
        self.lateness_ns = array("q")
        """How late after its due moment this client got round to sending each request it sent at once."""
        self.outstanding = array("q")
        """Requests due and unanswered, at each due moment."""
        self.errors: dict[str, int] = {}
        self.due = self.answered = 0
        self.answered_in_time = 0
        self._idle: list[Connection] = []
        self._open: dict[int, Connection] = {}
        self._backlog: deque[int] = deque()
        self._epoll = select.epoll()
        self._start_ns = 0

    def run(self) -> dict[str, object]:
        for _ in range(min(WARM_CONNECTIONS, self.total)):
            self._connect(None)
        deadline = time.monotonic_ns() + _NANOSECONDS // 5
        while len(self._idle) < len(self._open) and time.monotonic_ns() < deadline:
            self._serve(0.05)
        timer = self._start_timer()
        end_ns = self._due_ns(self.total)
        while self.due < self.total:
            self._serve(None)
        while time.monotonic_ns() < end_ns:
            self._serve(max((end_ns - time.monotonic_ns()) / _NANOSECONDS, 0.001))
        self.answered_in_time = self.answered
        while self.answered + sum(self.errors.values()) < self.total and time.monotonic_ns() < end_ns + DRAIN_NS:
            self._serve(0.05)
        os.close(timer)
        return self._result(end_ns)

    def _due_ns(self, index: int) -> int:
        return self._start_ns + round(index * _NANOSECONDS / self.rate)

    def _start_timer(self) -> int:
        """Arms a timer that fires at every due moment; the schedule itself is computed, so rounding does not add up."""
        libc = ctypes.CDLL(None, use_errno=True)
        timer = libc.timerfd_create(_CLOCK_MONOTONIC, _TIMER_FLAGS)
        if timer < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        interval_ns = max(int(_NANOSECONDS / self.rate), 1)
        self._start_ns = time.monotonic_ns() + 1_000_000
        specification = (ctypes.c_long * 4)(*divmod(interval_ns, _NANOSECONDS), *divmod(self._start_ns, _NANOSECONDS))
        if libc.timerfd_settime(timer, _ABSOLUTE, ctypes.byref(specification), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")
        self._timer = timer
        self._epoll.register(timer, select.EPOLLIN)
        return timer

    def _serve(self, timeout_s: float | None) -> None:
        for descriptor, events in self._epoll.poll(timeout_s):
            connection = self._open.get(descriptor)
            if connection is None:
                if descriptor == getattr(self, "_timer", -1):
                    os.read(descriptor, 8)
                continue
            if events & select.EPOLLOUT:
                self._connected(connection)
            elif events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                self._receive(connection)
        if self._start_ns and self.due < self.total:
            self._send_due()

    def _send_due(self) -> None:
        now = time.monotonic_ns()
        while self.due < self.total and (due_ns := self._due_ns(self.due)) <= now:
            self.due += 1
            self.outstanding.append(self.due - self.answered - sum(self.errors.values()))
            self._dispatch(due_ns)
            now = time.monotonic_ns()

    def _dispatch(self, due_ns: int) -> None:
        if self._idle:
            self.lateness_ns.append(time.monotonic_ns() - due_ns)
            self._send(self._idle.pop(), due_ns)
        elif len(self._open) < MAX_CONNECTIONS:
            self._connect(due_ns)
        else:
            self._backlog.append(due_ns)

    def _connect(self, due_ns: int | None) -> None:
        try:
            connection = Connection(self.address)
        except OSError as error:
            if due_ns is not None:
                self._fail(f"connect: {error.strerror}")
            return
        connection.pending = b"" if due_ns is None else self.request
        connection.due_ns = due_ns or 0
        self._open[connection.socket.fileno()] = connection
        self._epoll.register(connection.socket.fileno(), select.EPOLLOUT)

    def _connected(self, connection: Connection) -> None:
        error = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._drop(connection, f"connect: {os.strerror(error)}")
            return
        self._epoll.modify(connection.socket.fileno(), select.EPOLLIN)
        if connection.pending:
            connection.pending = b""
            self._send(connection, connection.due_ns)
        else:
            self._idle.append(connection)

    def _send(self, connection: Connection, due_ns: int) -> None:
        connection.reset()
        connection.due_ns = due_ns
        try:
            connection.socket.send(self.request)
        except OSError as error:
            self._drop(connection, f"send: {error.strerror}")

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(1 << 18)
            complete = connection.at_end() if not data else bool(connection.due_ns) and connection.feed(data)
        except BlockingIOError:
            return
        except (OSError, ValueError) as error:
            self._drop(connection, f"{type(error).__name__}: {error}")
            return
        if complete:
            self._answered(connection, alive=bool(data))
        elif not data:
            self._drop(connection, "the server closed the connection")

    def _answered(self, connection: Connection, *, alive: bool) -> None:
        if connection.status >= 400:
            self._fail(f"status {connection.status}")
        else:
            self.answered += 1
            self.latencies_ns.append(time.monotonic_ns() - connection.due_ns)
        connection.due_ns = 0
        if not alive or not connection.keep_alive:
            self._drop(connection, "")
        elif self._backlog:
            self._send(connection, self._backlog.popleft())
        else:
            self._idle.append(connection)

    def _drop(self, connection: Connection, reason: str) -> None:
        """Closes a connection; a request that was on it is lost for `reason`. A closed idle one is nobody's error."""
        if connection in self._idle:
            self._idle.remove(connection)
        if reason and connection.due_ns:
            self._fail(reason)
        self._open.pop(connection.socket.fileno(), None)
        connection.socket.close()
        if self._backlog:
            self._dispatch(self._backlog.popleft())

    def _fail(self, reason: str) -> None:
        self.errors[reason] = self.errors.get(reason, 0) + 1

    def _result(self, end_ns: int) -> dict[str, object]:
        unanswered = self.total - self.answered - sum(self.errors.values())
        if unanswered:
            self.errors["no answer"] = unanswered
        seconds = (end_ns - self._start_ns) / _NANOSECONDS
        done_in_time = self.answered_in_time + sum(n for reason, n in self.errors.items() if reason != "no answer")
        achieved = done_in_time / seconds
        ordered = sorted(self.latencies_ns)
        return {
            "requests": self.total,
            "answered": self.answered,
            "errors": sum(self.errors.values()),
            "error_kinds": self.errors,
            "rate": self.rate,
            "achieved_rate": achieved,
            "saturated": achieved < KEPT_UP * self.rate and is_growing(self.outstanding),
            "p50_ns": percentile(ordered, 0.5),
            "p99_ns": percentile(ordered, 0.99),
            "p999_ns": percentile(ordered, 0.999),
            "lateness_p99_ns": percentile(sorted(self.lateness_ns), 0.99),
            "connections": len(self._open),
            "client_cpu_s": time.process_time(),
        }


def percentile(ordered: list[int], share: float) -> int | None:
    """Returns the nearest-rank percentile; None with too few values to have that tail (below 1 ÷ (1 - share))."""
    if len(ordered) * (1 - share) < 1 - 1e-9:
        return None
    return ordered[math.ceil(share * len(ordered)) - 1]


def is_growing(outstanding: array[int]) -> bool:
    """True when requests pile up: more wait in the last quarter of the schedule than in its first half."""
    n = len(outstanding)
    if n < 8:
        return False
    early, late = outstanding[: n // 2], outstanding[-(n // 4) :]
    return sum(late) / len(late) > GROWING * max(sum(early) / len(early), 1.0)


def main() -> None:
    """Reads {"host", "port", "path", "rate", "seconds"} from its one argument, loads, prints the result."""
    asked = json.loads(sys.argv[1])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    loop = OpenLoop((asked["host"], asked["port"]), asked["path"], asked["rate"], asked["seconds"])
    print(json.dumps(loop.run()))


if __name__ == "__main__":
    main()
