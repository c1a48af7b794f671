"""Collects what a process writes, without ever blocking it or growing without bound."""

from __future__ import annotations

import os

_CHUNK = 1 << 16


class Capture:
    """What came out of one pipe: the first `head` bytes and the last `tail` bytes."""

    def __init__(self, descriptor: int, *, head: int, tail: int) -> None:
        self.descriptor = descriptor
        self.open = True
        self.total = 0
        """Bytes that came, kept or not."""
        self._head_limit, self._tail_limit = head, tail
        self._head = bytearray()
        self._tail = bytearray()

    def read(self) -> bool:
        """Reads what is there now; returns whether anything came."""
        before = self.total
        while self.open:
            try:
                chunk = os.read(self.descriptor, _CHUNK)
            except BlockingIOError:
                break
            if not chunk:
                self.open = False
                break
            self._keep(chunk)
            if len(chunk) < _CHUNK:
                break
        return self.total > before

    def _keep(self, chunk: bytes) -> None:
        self.total += len(chunk)
        room = self._head_limit - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        rest = chunk[max(room, 0) :]
        if rest and self._tail_limit:
            self._tail += rest
            if len(self._tail) > 2 * self._tail_limit:
                del self._tail[: -self._tail_limit]

    @property
    def lost(self) -> int:
        """How many bytes in the middle were not kept."""
        return self.total - len(self._head) - min(len(self._tail), self._tail_limit)

    def text(self) -> str:
        """Returns what was kept. Where the middle is missing a line says so, and no line beside it is a part of one."""
        head, tail = bytes(self._head), bytes(self._tail[-self._tail_limit :] if self._tail_limit else b"")
        if self.lost:
            head = head[: head.rfind(b"\n") + 1]
            tail = tail[tail.find(b"\n") + 1 :] if b"\n" in tail else b""
            head += f"… {self.lost} bytes not kept …\n".encode()
        return (head + tail).decode(errors="replace")
