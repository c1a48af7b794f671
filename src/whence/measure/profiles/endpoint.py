"""One question to a live process's profile endpoint, and its answer or what went wrong, in a line."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from whence.evidence.errors import BadInput, UnusableEnvironment

_AT_ONCE = 1 << 18
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Request(NamedTuple):
    """An address without a password, how long the process records before it answers, and what proves who asks."""

    url: str
    seconds: float
    authorization: str | None


def answer(
    request: Request, announce: Callable[[str], None], every_s: float, grace_s: float, most_bytes: int
) -> bytearray:
    """Returns the body of the answer, complete. Raises UnusableEnvironment and BadInput."""
    deadline = time.monotonic() + request.seconds + grace_s
    with _progress(request, announce, every_s):
        try:
            with _opened(request, request.seconds + grace_s) as response:
                content = _body(request, response, deadline, most_bytes)
                kind = response.headers.get_content_type()
        except urllib.error.HTTPError as error:
            raise _refused(request, error) from error
        except urllib.error.URLError as error:
            raise _unreachable(request, error.reason, grace_s) from error
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(request, error, grace_s) from error
    if kind == "text/html" or content[:64].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise BadInput(f"{request.url} answers with a web page, not a profile. {_elsewhere(request.url)}")
    if not content:
        raise BadInput(f"{request.url} answers with nothing. {_elsewhere(request.url)}")
    return content


def _opened(request: Request, timeout_s: float) -> http.client.HTTPResponse:
    opener = urllib.request.OpenerDirector()
    proxies = {} if urlsplit(request.url).hostname in _LOCAL else None
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    asked = urllib.request.Request(request.url, headers={"User-Agent": "whence", "Accept-Encoding": "identity"})
    if request.authorization:
        asked.add_unredirected_header("Authorization", request.authorization)
    return opener.open(asked, timeout=timeout_s)


def _body(request: Request, response: http.client.HTTPResponse, deadline: float, most_bytes: int) -> bytearray:
    content = bytearray()
    length = response.length
    while part := response.read1(_AT_ONCE):
        content += part
        if len(content) > most_bytes:
            raise BadInput(f"{request.url} answers with more than {most_bytes} bytes. Ask for a smaller profile.")
        if time.monotonic() > deadline:
            raise TimeoutError
    if length is not None and len(content) < length:
        raise http.client.IncompleteRead(bytes(content[:0]), length - len(content))
    return content


def _refused(request: Request, error: urllib.error.HTTPError) -> BadInput | UnusableEnvironment:
    """Returns what an answer that is no success means."""
    said = _first_line(error)
    what = f"{request.url} answers {error.code} {error.reason}{f' ({said})' if said else ''}"
    if error.code == 404:
        return BadInput(f"{what}: there is no such profile. {_elsewhere(request.url)}")
    if error.code in (401, 403):
        return BadInput(f"{what}. Give a name and password as http://NAME:PASSWORD@HOST/…, or ask from inside.")
    if "already in use" in said:
        return UnusableEnvironment(f"{what}: somebody else records this process. Try again when they are done.")
    if "WriteTimeout" in said:
        return BadInput(f"{what}. Ask for fewer seconds.")
    return UnusableEnvironment(f"{what}. Try again, or look at the process's log.")


def _first_line(error: urllib.error.HTTPError) -> str:
    try:
        text = error.read(2000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    lines = [] if text.lstrip().startswith("<") else text.strip().splitlines()
    line = "".join(char for char in (lines[0] if lines else "") if char.isprintable())
    return "" if line == error.reason or line.startswith("404 page") else line[:200]


def _unreachable(request: Request, reason: object, grace_s: float) -> BadInput | UnusableEnvironment:
    url = request.url
    if isinstance(reason, TimeoutError):
        waited = request.seconds + grace_s
        return UnusableEnvironment(f"{url} has not answered in full after {waited:g} s. Is the process stuck or slow?")
    if isinstance(reason, http.client.IncompleteRead | http.client.RemoteDisconnected | ConnectionResetError):
        return UnusableEnvironment(f"{url} broke off its answer before the end. Has the process ended? Try again.")
    if isinstance(reason, ssl.SSLCertVerificationError):
        why = reason.verify_message
        return UnusableEnvironment(
            f"{url} has no certificate that is trusted here ({why}). Set SSL_CERT_FILE to its CA."
        )
    if isinstance(reason, http.client.InvalidURL):
        return BadInput(f"{url!r} is no address. Name a profile as http://HOST:PORT/debug/pprof/heap.")
    if isinstance(reason, http.client.HTTPException | ssl.SSLError):
        return UnusableEnvironment(f"{url} does not speak {urlsplit(url).scheme} there. Is the port right?")
    why = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
    return UnusableEnvironment(f"nothing answers at {url} ({why}). Is the process running and the port right?")


def _elsewhere(url: str) -> str:
    parts = urlsplit(url)
    before = parts.path.partition("/debug/pprof")[0] if "/debug/pprof" in parts.path else ""
    return f"Profiles of a Go process are usually at {parts.scheme}://{parts.netloc}{before}/debug/pprof/heap."


@contextmanager
def _progress(request: Request, announce: Callable[[str], None], every_s: float) -> Iterator[None]:
    """Announces how far a recording is while the answer is waited for."""
    done = threading.Event()
    if not request.seconds:
        yield
        return
    announce(f"recording {request.url} for {request.seconds:g} s")

    def tick() -> None:
        begun = time.monotonic()
        while not done.wait(every_s):
            passed = time.monotonic() - begun
            if passed < request.seconds:
                announce(f"recording, {passed:.0f} of {request.seconds:g} s")

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(1)
