"""Names of Go functions taken apart: what of a name identifies the function, and what is an accident of the build."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_CLOSURE = re.compile(r"(?:\.func\d+|\.gowrap\d+|\.deferwrap\d+|\.dwrap\.\d+|·dwrap·\d+|-range\d+|-fm|\.\d+)+$")
_VERSION = re.compile(r"(?:/v(?:[2-9]|[1-9]\d+)|%2ev\d+)(?=[./])")
_RECEIVER = re.compile(r"\.\(\*([^()]+)\)\.")
_RENUMBERED = re.compile(r"\d+")


class Parts(NamedTuple):
    """`net/http.(*Server).Serve.func1` is package `net/http`, parent `net/http.(*Server).Serve`, closure `.func1`."""

    package: str
    parent: str
    closure: str


def without_type_parameters(name: str) -> str:
    """Returns the name without `[go.shape.int]` or `[...]`: all instances of a generic function are one function."""
    if "[" not in name or (not name.endswith("]") and "]." not in name and "])" not in name and "]-" not in name):
        return name
    kept: list[str] = []
    depth = 0
    for character in name:
        if character == "[":
            depth += 1
        elif character == "]" and depth:
            depth -= 1
        elif depth == 0:
            kept.append(character)
    return "".join(kept) if depth == 0 and kept else name


@functools.lru_cache(maxsize=1 << 17)
def parts(name: str) -> Parts:
    """Returns the parts of a Go function's name; a name of another language has an empty package."""
    found = _CLOSURE.search(name)
    parent, closure = (name[: found.start()], found[0]) if found else (name, "")
    slash = parent.rfind("/")
    dot = parent.find(".", slash + 1)
    return Parts(parent[:dot] if dot > 0 else "", parent, closure)


def without_version(name: str) -> str:
    """Returns the name without the major version of its module: `example.org/m/v2/p.F` is `example.org/m/p.F`."""
    return _VERSION.sub("", name)


def without_pointer(name: str) -> str:
    """Returns the name with its receiver written as a value: `p.(*T).m` is `p.T.m`."""
    return _RECEIVER.sub(r".\1.", name)


def symbol(name: str) -> str:
    """Returns the name without its package: `(*Server).Serve.func1`."""
    package = parts(name).package
    return name[len(package) + 1 :] if package else name


def closure_shape(closure: str) -> str:
    """Returns a closure's suffix with its numbers taken out, so that renumbered ones compare."""
    return _RENUMBERED.sub("#", closure)
