"""What can go wrong between a variant and its binary."""

from __future__ import annotations

from collections.abc import Iterable

from whence.evidence.errors import BadInput, WhenceError

LINES_SHOWN = 3
_NOISE = ("# ", "go: downloading ", "go: finding ", "go: extracting ", "note: module requires Go")


class BuildError(WhenceError):
    """The go command refused or failed. The message names the variant and holds the first lines it wrote."""


class UnbuildableVariant(BadInput):
    """A variant that can be seen not to build before anything is built."""


def refuse(variant: str, problem: str) -> UnbuildableVariant:
    """Returns the refusal of one variant; `problem` says what is wrong and what to do."""
    return UnbuildableVariant(f"variant {variant}: {problem}")


def first_lines(output: str, hidden: Iterable[str] = (), *, count: int = LINES_SHOWN) -> list[str]:
    """Returns the first `count` telling lines of what the go command wrote; folders in `hidden` are cut off them."""
    lines: list[str] = []
    for line in output.splitlines():
        if not line.strip() or line.startswith(_NOISE):
            continue
        for folder in hidden:
            line = line.replace(f"{folder}/", "")
        lines.append(line.strip() if len(line) <= 300 else f"{line.strip()[:299]}…")
    return lines[:count]


def build_error(variant: str, doing: str, output: str, hidden: Iterable[str] = ()) -> BuildError:
    """Returns the error that shows the variant and at most LINES_SHOWN lines of `output`."""
    lines = first_lines(output, hidden) or ["the go command said nothing"]
    return BuildError("\n  ".join([f"variant {variant} {doing}:", *lines]))
