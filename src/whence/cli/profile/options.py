"""Options that several verbs on profiles share, and what they do with them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from whence.evidence.errors import UnusableEnvironment

if TYPE_CHECKING:
    from whence.measure.profiles.views.filters import Filters

FILES = typer.Argument(..., metavar="FILE...", help="Files, - or http(s) endpoints of a live process; added up.")
SAMPLE_TYPE = typer.Option(
    None, "--sample-type", help="As cpu, alloc_objects or inuse_space; the profile's own default."
)
BY = typer.Option("function", "--by", help="function, package, type, file, line, address, size-class, or label:KEY.")
FOCUS = typer.Option("", "--focus", help="Only samples with a frame that matches.")
IGNORE = typer.Option("", "--ignore", help="No samples with a frame that matches.")
HIDE = typer.Option("", "--hide", help="Leave out frames that match.")
SHOW = typer.Option("", "--show", help="Only frames that match.")
SHOW_FROM = typer.Option("", "--show-from", help="No frames above the first that matches.")
TAGFOCUS = typer.Option("", "--tagfocus", help="Only samples with a label that matches: [KEY=]REGEX, or 1kb:4kb.")
TAGIGNORE = typer.Option("", "--tagignore", help="No samples with a label that matches.")
SECONDS = typer.Option(None, "--seconds", min=0.1, help="How long a live process is profiled.")
BINARY = typer.Option(None, "--binary", help="The program, to name functions that the profile does not name.")
JSON = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON.")
HTML = typer.Option(None, "--html", help="Write the report to FILE.")
MARKDOWN = typer.Option(None, "--markdown", help="Write Markdown to FILE.")
QUIET = typer.Option(False, "--quiet", "-q", help="No progress.")


def filters(
    focus: str, ignore: str, hide: str, show: str, show_from: str, tagfocus: str = "", tagignore: str = ""
) -> Filters:
    from whence.measure.profiles.views.filters import Filters

    return Filters(focus, ignore, hide, show, show_from, tagfocus, tagignore)


def announcer(quiet: bool) -> Callable[[str], None] | None:
    """Returns what tells a person on standard error what is being waited for."""
    return None if quiet else lambda text: print(text, file=sys.stderr, flush=True)


def write(path: Path | str | None, text: Callable[[], str] | Callable[[], bytes]) -> None:
    """Writes one form of a result when a file was named for it. Raises UnusableEnvironment."""
    if path is None or str(path) == "-":
        return
    content = text()
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise UnusableEnvironment(f"{path} cannot be written ({error.strerror}). Name another file.") from error


def emit(document: object, text: Callable[[], str], json: str | None) -> None:
    """Prints the text, or only JSON with `--json -`; writes JSON to the file that was named."""
    import msgspec

    if json is not None:
        encoded = msgspec.json.encode(document) + b"\n"
        if json == "-":
            sys.stdout.buffer.write(encoded)
            sys.stdout.flush()
            return
        write(json, lambda: encoded)
    sys.stdout.write(text())
    sys.stdout.flush()
