"""The bytes of a profile, from wherever it is named: a live process's http endpoint, standard input or a file."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from whence.evidence.errors import BadInput
from whence.measure.profiles.endpoint import Request, answer
from whence.measure.profiles.readers.reading import MOST_BYTES, content_of

_DEFAULT_SECONDS = {"profile": 30.0, "trace": 1.0}
"""How long net/http/pprof records when it is not told, by the last part of the path."""
_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}(?:/\S*)?")


def fetch(
    source: str,
    seconds: float | None = None,
    announce: Callable[[str], None] | None = None,
    *,
    every_s: float = 10.0,
    grace_s: float = 30.0,
    most_bytes: int = MOST_BYTES,
) -> bytes | bytearray:
    """Returns what `source` holds: `-` is standard input, http:// and https:// a live process, all else a file.

    `seconds` is how long the process is asked to record: of profiles that count since it began, what happened in that
    time. `announce` is told every `every_s` seconds how far a recording is; an answer that is not complete
    `grace_s` after its recording is given up. Raises BadInput or UnusableEnvironment, in one line.
    """
    if source == "-":
        return _standard_input(most_bytes)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source):
        return answer(_request(source, seconds), announce or (lambda text: None), every_s, grace_s, most_bytes)
    if seconds is not None:
        raise BadInput(f"{source} is no live process, so nothing can be recorded for {seconds:g} s. Leave seconds out.")
    return _file(source)


def _request(source: str, seconds: float | None) -> Request:
    """Returns what to ask, with the seconds in the address; those that stand there already hold when none are given."""
    try:
        url = urlsplit(source)
        port = url.port
    except ValueError as error:
        raise BadInput(
            f"{source} is no address ({error}). Name a profile as http://HOST:PORT/debug/pprof/heap."
        ) from error
    if url.scheme.lower() not in ("http", "https") or not url.hostname:
        raise BadInput(f"{source} cannot be read: profiles come by http and https, or from a file.")
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    if seconds is not None:
        query["seconds"] = f"{seconds:g}"
    kind = url.path.rstrip("/").rsplit("/", 1)[-1]
    if url.path in ("", "/"):
        raise BadInput(f"{_shown(url)} names a process, not a profile. {_suggestion(url.scheme, url.netloc)}")
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    netloc = host if port is None else f"{host}:{port}"
    asked = urlunsplit((url.scheme, netloc, url.path, urlencode(query), ""))
    return Request(asked, _recording_seconds(asked, query, kind), _authorization(url))


def _recording_seconds(asked: str, query: dict[str, str], kind: str) -> float:
    """Returns how long the process will record before it answers."""
    if "seconds" not in query:
        return _DEFAULT_SECONDS.get(kind, 0.0)
    try:
        seconds = float(query["seconds"])
    except ValueError:
        seconds = -1.0
    # net/http/pprof takes what is no whole number for no number at all and records its default; traces alone are exact.
    if not 0 < seconds < 86_400 * 7 or (kind != "trace" and not seconds.is_integer()):
        raise BadInput(f"{asked} cannot record for {query['seconds']} s. Give a whole number of seconds, such as 10.")
    return seconds


def _authorization(url: SplitResult) -> str | None:
    if url.username is None:
        return None
    pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _shown(url: SplitResult) -> str:
    """Returns the address without a password."""
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, url.query, ""))


def _suggestion(scheme: str, netloc: str) -> str:
    return f"Name one, such as {scheme}://{netloc.rpartition('@')[2]}/debug/pprof/heap, or …/profile with seconds."


def _standard_input(most_bytes: int) -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise BadInput("standard input is a terminal. Send a profile through a pipe, or name a file.")
    content = sys.stdin.buffer.read(most_bytes + 1)
    if not content:
        raise BadInput("standard input is empty. Send a profile through a pipe, or name a file.")
    if len(content) > most_bytes:
        raise BadInput(f"standard input holds more than {most_bytes} bytes. Give a smaller profile.")
    return content


def _file(source: str) -> bytes | bytearray:
    path = Path(source)
    try:
        if path.is_dir():
            raise BadInput(f"{source} is a directory. Give a profile's file.")
        missing = not path.exists()
    except (OSError, ValueError) as error:
        raise BadInput(f"{source} cannot be read ({error}). Give a profile's file.") from error
    if missing and _HOST_AND_PORT.fullmatch(source):
        netloc, slash, rest = source.partition("/")
        whole = f"http://{netloc}/{rest}" if slash and rest else f"http://{netloc}/debug/pprof/heap"
        raise BadInput(f"{source} is no file. For a live process write the whole address, such as {whole}.")
    if missing:
        raise BadInput(f"{source} does not exist. Give a profile's file, - or an http address.")
    content = content_of(path)
    if not content:
        raise BadInput(f"{source} is empty. Was the program stopped before it wrote its profile?")
    return content
