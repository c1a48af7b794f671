"""Profiles come whole or with one line that says why not."""

from __future__ import annotations

import io
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput, UnusableEnvironment, WhenceError
from whence.measure.profiles.fetching import fetch
from whence.measure.profiles.readers import read_profile

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"


@contextmanager
def server(*answers: bytes, hold: threading.Event | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """Answers each connection with the next bytes and closes it; yields its address and what it was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(answer)
                if hold is not None:
                    hold.wait(10)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        if hold is not None:
            hold.set()
        listener.close()
        thread.join(5)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(WhenceError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_returns_the_body_and_passes_seconds_on() -> None:
    with server(OK + b"Content-Length: 4\r\n\r\nbody") as (url, asked):
        assert fetch(f"{url}/debug/pprof/heap?gc=1", 2) == b"body"
    assert asked[0].startswith(b"GET /debug/pprof/heap?gc=1&seconds=2 HTTP/1.1\r\n")


def test_seconds_given_replace_those_in_the_address() -> None:
    with server(OK + b"Content-Length: 1\r\n\r\nx") as (url, asked):
        fetch(f"{url}/debug/pprof/profile?seconds=50", 3)
    assert b"?seconds=3 HTTP" in asked[0]


def test_password_goes_into_a_header_and_into_no_message() -> None:
    with server(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (url, asked):
        message = refusal(lambda: fetch(url.replace("http://", "http://me:secret@") + "/debug/pprof/heap"))
    assert b"Authorization: Basic bWU6c2VjcmV0" in asked[0]
    assert "403" in message and "secret" not in message


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (OK + b"Content-Length: 100\r\n\r\nhalf", "broke off its answer"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\nhalf", "broke off its answer"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "broke off its answer"),
        (b"", "broke off its answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak http"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n404 page not found\n", "there is no such profile"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "a web page, not a profile"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<!DOCTYPE html>", "a web page, not a profile"),
        (OK + b"Content-Length: 0\r\n\r\n", "answers with nothing"),
        (
            b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 64\r\n\r\n"
            b"Could not enable CPU profiling: cpu profiling already in use\n\n\n\n",
            "somebody else records this process",
        ),
    ],
)
def test_a_bad_answer_is_one_clear_line(given: bytes, said: str) -> None:
    with server(given) as (url, _):
        message = refusal(lambda: fetch(f"{url}/debug/pprof/heap"))
    assert said in message and f"{url}/debug/pprof/heap" in message


def test_an_answer_that_never_ends_is_given_up() -> None:
    with server(OK + b"Content-Length: 10\r\n\r\nhalf", hold=threading.Event()) as (url, _):
        message = refusal(lambda: fetch(f"{url}/debug/pprof/heap", grace_s=0.2))
    assert "has not answered in full after 0.2 s" in message


def test_an_answer_over_the_limit_is_refused() -> None:
    with server(OK + b"\r\n" + b"x" * 1000) as (url, _):
        assert "more than 999 bytes" in refusal(lambda: fetch(f"{url}/debug/pprof/heap", most_bytes=999))


def test_nobody_there_is_one_clear_line() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    message = refusal(lambda: fetch(f"http://127.0.0.1:{port}/debug/pprof/heap"))
    assert message.startswith(f"nothing answers at http://127.0.0.1:{port}/debug/pprof/heap (")


def test_certificates_are_verified(tmp_path: Path) -> None:
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-subj", "/CN=x"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("SKIPPED no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c", tmp_path / "k")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, pytest.raises(OSError):
            context.wrap_socket(connection, server_side=True)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    message = refusal(lambda: fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/debug/pprof/heap"))
    listener.close()
    assert "no certificate that is trusted here" in message


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("localhost:6060", "such as http://localhost:6060/debug/pprof/heap."),
        ("10.0.0.1:6060/debug/pprof/allocs", "such as http://10.0.0.1:6060/debug/pprof/allocs."),
        ("http://localhost:6060", "names a process, not a profile"),
        ("http://localhost:99999/x", "is no address"),
        ("ftp://localhost/x", "profiles come by http and https"),
        ("http://localhost:6060/debug/pprof/profile?seconds=soon", "Give a whole number of seconds"),
        ("http://localhost:6060/debug/pprof/profile?seconds=0.5", "Give a whole number of seconds"),
        ("nowhere.pb.gz", "does not exist"),
        ("/", "is a directory"),
    ],
)
def test_a_source_that_cannot_be_is_one_clear_line(source: str, said: str) -> None:
    assert said in refusal(lambda: fetch(source))


def test_a_file_is_read_and_cannot_record(tmp_path: Path) -> None:
    path = tmp_path / "a.pb.gz"
    path.write_bytes(b"content")
    assert fetch(str(path)) == b"content"
    assert "is no live process" in refusal(lambda: fetch(str(path), 5))
    path.write_bytes(b"")
    assert "is empty" in refusal(lambda: fetch(str(path)))


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"profile")))
    assert fetch("-") == b"profile"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "standard input is empty" in refusal(lambda: fetch("-"))


SERVER = """package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
)

func spin() {
	for x := 0; ; x++ {
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go spin()
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, nil))
}
"""


@pytest.mark.real
def test_a_live_go_process_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text(SERVER)
    (tmp_path / "go.mod").write_text("module example.com/server\n\ngo 1.21\n")
    subprocess.run(["go", "build", "-o", "server", "."], cwd=tmp_path, check=True)
    process = subprocess.Popen([tmp_path / "server"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = f"http://{process.stdout.readline().strip()}/debug/pprof"
        said: list[str] = []
        cpu = read_profile(fetch(f"{url}/profile", 1, said.append, every_s=0.3))
        assert "main.spin" in cpu.function_names()
        assert said[0].startswith(f"recording {url}/profile?seconds=1 for 1 s") and len(said) > 1
        assert [kind.type for kind in read_profile(fetch(f"{url}/heap")).sample_types][-1] == "inuse_space"
        assert read_profile(fetch(f"{url}/allocs", 1)).duration_nanos > 0  # a delta profile
        with pytest.raises(BadInput, match="there is no such profile"):
            fetch(f"{url}/nothing")
        with pytest.raises(BadInput, match="a web page"):
            fetch(f"{url}/")
        process.kill()
        process.wait()
        with pytest.raises(UnusableEnvironment, match="nothing answers"):
            fetch(f"{url}/heap")
    finally:
        process.kill()
        process.wait()
