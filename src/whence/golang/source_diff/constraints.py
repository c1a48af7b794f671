"""Which files of the library this machine can build: by name, and by the `//go:build` line at the top."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import msgspec

_SYSTEMS = frozenset(
    {
        *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl"),
        *("netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos"),
    }
)
_PROCESSORS = frozenset(
    {
        *("386", "arm", "arm64", "amd64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le"),
        *("riscv64", "s390x", "sparc64", "wasm"),
    }
)
_NATIVE = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "i686": "386"}
_NEVER = frozenset({"ignore", "gccgo", "race", "msan", "asan", "compiler_bootstrap"})
_RELEASE = re.compile(r"go1\.\d+")
_LINE = re.compile(r"^//(?:go:build|\s\+build)\s+(.*)$", re.MULTILINE)
_WORD = re.compile(r"&&|\|\||[!()]|[\w.]+")
_CODE = re.compile(r"^(?:package|import|#|TEXT)", re.MULTILINE)


def native_processor() -> str:
    return _NATIVE.get(platform.machine(), platform.machine())


def is_built(file: Path) -> bool:
    """Tells by its name whether Go builds a file on this machine: no test, and Go's rule of `_GOOS`, `_GOARCH` or
    `_GOOS_GOARCH` at the end (go/build, goodOSArchFile)."""
    if file.stem.endswith("_test"):
        return False
    words = file.stem.split("_")[1:]
    if len(words) > 1 and words[-2] in _SYSTEMS and words[-1] in _PROCESSORS:
        return words[-2] == "linux" and words[-1] == native_processor()
    return not words or words[-1] not in (_SYSTEMS | _PROCESSORS) - {"linux", native_processor()}


def can_be_built(text: str) -> bool:
    """Tells whether the `//go:build` line of a file allows a build on this machine under any settings.

    Switches, `cgo` and a user's tags may be on or off. Of the older `// +build` lines, which stand alone up to Go 1.16,
    only the one that is never built is understood.
    """
    code = _CODE.search(text)
    line = _LINE.search(text, 0, code.start() if code is not None else len(text))
    if line is None:
        return True
    if "+build" in line[0]:
        return line[1].strip() != "ignore"
    return _Constraint(_WORD.findall(line[1])).can_hold


class _Can(msgspec.Struct, frozen=True):
    """What an expression can come to while its unknown words take any value."""

    hold: bool
    fail: bool


class _Constraint:
    """or = and {"||" and}; and = not {"&&" not}; not = "!" not | "(" or ")" | word (go/build/constraint)."""

    def __init__(self, words: list[str]) -> None:
        self._words = [*reversed(words)]
        self.can_hold = self._or().hold

    def _next_is(self, word: str) -> bool:
        if self._words and self._words[-1] == word:
            self._words.pop()
            return True
        return False

    def _or(self) -> _Can:
        left = self._and()
        while self._next_is("||"):
            right = self._and()
            left = _Can(left.hold or right.hold, left.fail and right.fail)
        return left

    def _and(self) -> _Can:
        left = self._not()
        while self._next_is("&&"):
            right = self._not()
            left = _Can(left.hold and right.hold, left.fail or right.fail)
        return left

    def _not(self) -> _Can:
        if self._next_is("!"):
            inner = self._not()
            return _Can(inner.fail, inner.hold)
        if self._next_is("("):
            inner = self._or()
            self._next_is(")")
            return inner
        return _value(self._words.pop()) if self._words else _Can(True, True)


def _value(word: str) -> _Can:
    if word in {"linux", "unix", "gc", native_processor()} or _RELEASE.fullmatch(word):
        return _Can(True, False)
    if word in _SYSTEMS or word in _PROCESSORS or word in _NEVER:
        return _Can(False, True)
    return _Can(True, True)
