"""From paths to benchmark files. Every refusal is one line, and nothing is judged before all files could be read."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.golang.benchfmt import BenchFile, parse

HOW_TO_MAKE = "Make one with: go test -run NONE -bench . -count 20 > new.txt"
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class NamedFile(msgspec.Struct, frozen=True):
    """One file, under the name that stands for it in the comparison."""

    name: str
    path: Path
    file: BenchFile


def read_files(paths: Sequence[Path]) -> tuple[NamedFile, ...]:
    """Returns the files in the order given. The name is the file's own, or its path where two have the same name.

    Raises BadInput for fewer than two files, for one given twice, and for one that cannot be read as benchmark lines.
    """
    if len(paths) < 2:
        raise BadInput(f"one file, {paths[0] if paths else 'none'}, cannot be compared. Give an old and a new one.")
    for path in paths:
        _check(path)
    for index, path in enumerate(paths):
        if any(path.samefile(other) for other in paths[:index]):
            raise BadInput(f"{path} is given twice. Give files of two different measurements.")
    names = [path.name for path in paths]
    return tuple(_read(path, path.name if names.count(path.name) == 1 else str(path)) for path in paths)


def _check(path: Path) -> None:
    if not path.exists():
        hint = "For variants, say what is run with --subject." if "=" in str(path) else "Check the path."
        raise BadInput(f"there is no file {path}. {hint}")
    if path.is_dir():
        raise BadInput(f"{path} is a directory. Give files in Go benchmark format, or --subject and variants.")


def _read(path: Path, name: str) -> NamedFile:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
    encoding = next((e for mark, e in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    text = data.decode(encoding, errors="replace")
    if not text.strip():
        raise BadInput(f"{path} is empty. {HOW_TO_MAKE}")
    file = parse(text, source=str(path))
    if not file.results:
        raise BadInput(f"{path} holds no benchmark results{_why(text, file)}. {HOW_TO_MAKE}")
    return NamedFile(name, path, file)


def _why(text: str, file: BenchFile) -> str:
    if "\0" in text:
        return "; it is no text"
    if text.lstrip().startswith('{"'):
        return " that can be read: it looks like JSON, as go test -json prints it"
    return f" ({file.warnings[0]})" if file.warnings else ""
