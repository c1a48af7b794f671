"""Lines of a source file, and what of each line a compiler reads."""

from __future__ import annotations

import re
from pathlib import Path

Lines = tuple[str, ...]

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[^\S\n]+|\n|[^\s\"'`/]+|.", re.DOTALL
)
_CGO = re.compile(r'^import\s+"C"', re.MULTILINE)
_DIRECTIVES = ("//go:", "//line ", "//export ", "// +build")


def lines_of(path: Path) -> Lines:
    """Returns the lines with their ends; only a line feed ends one, as for Go. Raises OSError."""
    return split(path.read_bytes().decode("utf-8", errors="surrogateescape"))


def split(text: str) -> Lines:
    parts = text.split("\n")
    return tuple(f"{part}\n" for part in parts[:-1]) + ((parts[-1],) if parts[-1] else ())


def code_lines(lines: Lines) -> Lines:
    """Returns of each line what is left without comments, and with one blank for any white space outside of quotes.

    Two files whose non-empty code lines are the same build the same. Directives are code, and so are all comments of a
    file that imports "C". Works for Go, for its assembler and for C.
    """
    text = "".join(lines)
    keeps_comments = _CGO.search(text) is not None
    read = "".join(_read(token, keeps_comments) for token in _TOKEN.findall(text))
    return tuple(line.strip() for line in read.split("\n"))[: len(lines)]


def _read(token: str, keeps_comments: bool) -> str:
    if token.startswith(("//", "/*")) and not keeps_comments and not token.startswith(_DIRECTIVES):
        return " " + "\n" * token.count("\n")
    if token.startswith("`"):
        # White space counts in a raw string, and so do its empty lines: marked, they outlive the stripping.
        return token.replace(" ", "\ue000").replace("\t", "\ue001").replace("\n", "\ue002\n")
    return token if token == "\n" or not token.isspace() else " "
