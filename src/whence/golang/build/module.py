"""go.mod and go.work as text: reading what a build must know, and changing single lines in a private copy.

The grammar is that of golang.org/x/mod/modfile: one directive a line, or a verb with a block in parentheses; `//`
starts a comment; words may stand in double quotes or backquotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

import msgspec

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|//.*|=>|[()]|(?:(?!//)[^\s()"`])+')
_BARE = re.compile(r"[A-Za-z0-9_./~+@=:,!$%&^\[\]{}-]+\Z")


class Directive(msgspec.Struct, frozen=True, kw_only=True):
    """One directive, such as verb `require` with words `(path, version)`."""

    verb: str
    words: tuple[str, ...]
    line: int
    """Index of its line in the text."""
    in_block: bool


class Replace(msgspec.Struct, frozen=True, kw_only=True):
    """`replace old [old_version] => new [new_version]`; a local directory has no new version."""

    old: str
    old_version: str | None
    new: str
    new_version: str | None

    @property
    def is_local(self) -> bool:
        return self.new_version is None


class ModFile(msgspec.Struct, frozen=True, kw_only=True):
    """A go.mod or go.work."""

    text: str
    directives: tuple[Directive, ...]

    def _first(self, verb: str) -> str | None:
        return next((d.words[0] for d in self.directives if d.verb == verb and d.words), None)

    @property
    def module(self) -> str:
        return self._first("module") or ""

    @property
    def go(self) -> str | None:
        """The go line, such as `1.22`; None when there is none."""
        return self._first("go")

    @property
    def requires(self) -> dict[str, str]:
        return {d.words[0]: d.words[1] for d in self.directives if d.verb == "require" and len(d.words) >= 2}

    @property
    def uses(self) -> tuple[str, ...]:
        """Directories of a go.work as written."""
        return tuple(d.words[0] for d in self.directives if d.verb == "use" and d.words)

    @property
    def replaces(self) -> tuple[Replace, ...]:
        return tuple(r for d in self.directives if (r := _replace(d)) is not None)


def _replace(directive: Directive) -> Replace | None:
    words = directive.words
    if directive.verb != "replace" or "=>" not in words:
        return None
    arrow = words.index("=>")
    old, new = words[:arrow], words[arrow + 1 :]
    if not old or not new:
        return None
    return Replace(
        old=old[0],
        old_version=old[1] if len(old) > 1 else None,
        new=new[0],
        new_version=new[1] if len(new) > 1 else None,
    )


def parse(text: str) -> ModFile:
    """Returns what a go.mod or go.work says. Lines that do not fit the grammar are left to the go command."""
    directives: list[Directive] = []
    block: str | None = None
    for index, line in enumerate(text.splitlines()):
        words = [_unquoted(t) for t in _TOKEN.findall(line) if not t.startswith("//")]
        if not words:
            continue
        if block is not None:
            if words[0] == ")":
                block = None
            else:
                directives.append(Directive(verb=block, words=tuple(words), line=index, in_block=True))
        elif len(words) >= 2 and words[1] == "(":
            block = None if ")" in words else words[0]
        else:
            directives.append(Directive(verb=words[0], words=tuple(words[1:]), line=index, in_block=False))
    return ModFile(text=text, directives=tuple(directives))


def _unquoted(token: str) -> str:
    if token.startswith("`"):
        return token[1:-1]
    if token.startswith('"'):
        try:
            return str(json.loads(token))
        except ValueError:
            return token[1:-1]
    return token


def _quoted(word: str) -> str:
    return word if _BARE.match(word) and "//" not in word else json.dumps(word)


def edit(
    mod: ModFile,
    *,
    go: str | None = None,
    drop_verbs: Iterable[str] = (),
    drop_replaces: Iterable[str] = (),
    add: Iterable[str] = (),
    place: Callable[[str], str] | None = None,
) -> str:
    """Returns the text with single lines changed and everything else as it was.

    `go` sets the go line. `drop_verbs` are directives to leave out, `drop_replaces` module paths whose replacements
    are left out, `add` whole lines for the end. `place` maps each directory that a `use` or `replace` names.
    """
    lines: list[str | None] = list(mod.text.splitlines())
    verbs, dropped = frozenset(drop_verbs), frozenset(drop_replaces)
    for directive in mod.directives:
        replace = _replace(directive)
        if directive.verb in verbs or (replace is not None and replace.old in dropped):
            lines[directive.line] = None
        elif directive.verb == "go" and go is not None:
            lines[directive.line] = f"go {go}"
        elif place is not None and directive.verb == "use" and directive.words:
            lines[directive.line] = _line(directive, [place(directive.words[0])])
        elif place is not None and replace is not None and replace.is_local:
            lines[directive.line] = _line(directive, [*directive.words[:-1], place(replace.new)])
    kept = [line for line in lines if line is not None]
    if go is not None and mod.go is None:
        kept.append(f"go {go}")
    return "\n".join([*kept, *add]) + "\n"


def _line(directive: Directive, words: list[str]) -> str:
    head = ["\t"] if directive.in_block else [f"{directive.verb} "]
    return head[0] + " ".join(w if w == "=>" else _quoted(w) for w in words)
