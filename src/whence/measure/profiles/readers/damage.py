"""Input that cannot be read to its end: where it breaks, and how much was readable before."""

from __future__ import annotations

from whence.evidence.errors import BadInput


class DamagedInput(BadInput):
    """A file that breaks off or contradicts itself at `offset`, a byte of the decompressed content."""

    def __init__(self, what: str, offset: int, readable: str) -> None:
        super().__init__(f"{what} at byte {offset}; readable before it: {readable}")
        self.what = what
        self.offset = offset
        self.readable = readable


class UnknownFormat(BadInput):
    """Content that no reader recognises."""
