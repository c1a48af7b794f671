"""The open-loop client: its reading of HTTP, its percentiles, and latency from the scheduled start."""

from __future__ import annotations

import socket
import threading
import time
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.measure.lab.load import Connection, OpenLoop, is_growing, percentile


@pytest.fixture(scope="module")
def connection() -> Connection:
    return Connection(("127.0.0.1", 9))


ANSWERS = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, True),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n", 200, True),
    (b"HTTP/1.1 204 No Content\r\n\r\n", 204, True),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 500, False),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, False),
    (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, True),
]


@given(st.sampled_from(ANSWERS), st.data())
def test_an_answer_is_complete_exactly_at_its_last_byte(answer: tuple[bytes, int, bool], data: st.DataObject) -> None:
    text, status, keep_alive = answer
    connection = Connection(("127.0.0.1", 9))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=6)))
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        assert connection.feed(text[start:end]) == (end == len(text))
    assert (connection.status, connection.keep_alive) == (status, keep_alive)
    connection.socket.close()


def test_an_answer_without_a_length_ends_with_the_connection(connection: Connection) -> None:
    connection.reset()
    assert not connection.feed(b"HTTP/1.1 200 OK\r\n\r\npart") and connection.at_end()


def test_what_is_no_http_is_refused(connection: Connection) -> None:
    connection.reset()
    with pytest.raises(ValueError, match=r"invalid literal|not enough values"):
        connection.feed(b"SSH-2.0 hello\r\n\r\n")


def test_a_percentile_without_enough_values_behind_it_is_missing() -> None:
    assert percentile([], 0.5) is None
    assert percentile(list(range(99)), 0.99) is None
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile(list(range(1, 1001)), 0.999) == 999
    assert percentile([7, 9], 0.5) == 7


def test_a_backlog_that_grows_is_told_from_a_stall_that_passes() -> None:
    assert is_growing(array("q", range(1000)))
    assert not is_growing(array("q", [1] * 400 + [300] * 100 + [1] * 500))
    assert not is_growing(array("q", [1, 9, 9]))


def stalling_server(stall_at: int, stall_s: float) -> tuple[int, threading.Thread]:
    """Answers on one thread, all connections in turn, and sleeps once: every request due meanwhile has to wait."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)

    def run() -> None:
        import select

        answered, open_sockets = 0, [listener]
        while open_sockets:
            readable, _, _ = select.select(open_sockets, [], [], 5.0)
            if not readable:
                return
            for ready in readable:
                if ready is listener:
                    open_sockets.append(listener.accept()[0])
                    continue
                if not ready.recv(65536):
                    open_sockets.remove(ready)
                    ready.close()
                    if len(open_sockets) == 1:
                        listener.close()
                        return
                    continue
                answered += 1
                if answered == stall_at:
                    time.sleep(stall_s)
                ready.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return listener.getsockname()[1], thread


@pytest.mark.real
def test_every_request_that_fell_into_a_stall_feels_it() -> None:
    port, thread = stalling_server(stall_at=100, stall_s=0.5)
    result = OpenLoop(("127.0.0.1", port), "/", rate=200.0, seconds=2.0).run()
    assert result["answered"] == 400 and result["errors"] == 0
    tail = result["p99_ns"]
    assert isinstance(tail, int) and tail > 400_000_000, "a closed loop would have seen the stall once in 400"
    thread.join(timeout=10)


@pytest.mark.real
def test_nobody_listening_is_an_error_of_every_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = OpenLoop(("127.0.0.1", port), "/", rate=100.0, seconds=0.2).run()
    assert result["errors"] == 20 and result["answered"] == 0 and result["p50_ns"] is None
