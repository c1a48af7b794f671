"""The folder of a sweep: every point as it was computed, so that the same command goes on where one was killed.

request.json      what is simulated, with which seed, by which version (`whence.sweep-request/1`)
points.jsonl      one line a point, on the disk before the next is taken; the truth that all else is derived from
sweep.json        the answer (`whence.sweep/1`)
lock              held while a sweep writes
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.sweep import Sweep, SweepPoint, SweepRequest
from whence.store.line_file import LineFile
from whence.store.locking import LockedFolder

REQUEST, POINTS, SWEEP = "request.json", "points.jsonl", "sweep.json"
_decoder: msgspec.json.Decoder[SweepPoint] = msgspec.json.Decoder(SweepPoint)


class SweepDirectory(LockedFolder):
    """The paths and documents of one folder. Use as a context manager while computing: it holds the lock."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        remedy = "Choose another --out; what is left in it can be read line by line."
        self.points = LineFile(self.path / POINTS, _decoder, remedy=remedy)

    @classmethod
    def open(cls, path: Path, request: SweepRequest) -> SweepDirectory:
        """Returns the locked folder for this request: a new one, or the one where it was begun.

        Raises BadInput when it cannot be written, holds something else, was made for another request (naming the
        difference), is damaged or is in use.
        """
        directory = cls(path)
        directory.take(begun=(directory.path / REQUEST).exists())
        try:
            stored = directory.read(REQUEST, SweepRequest)
            if stored is None:
                directory.write(REQUEST, request)
            elif stored != request:
                raise BadInput(_difference(path, stored, request))
        except BaseException:
            directory.close()
            raise
        return directory

    def stored(self) -> dict[str, SweepPoint]:
        """Returns the points that are computed, by configuration. Raises BadInput where a line is damaged."""
        return {point.configuration: point for point in self.points.read()}

    def write_sweep(self, sweep: Sweep) -> None:
        self.write(SWEEP, sweep)

    def close(self) -> None:
        """Closes the points and gives the lock back."""
        self.points.close()
        super().close()


def _difference(path: Path, stored: SweepRequest, asked: SweepRequest) -> str:
    words = {
        "subject": "of", "seed": "with seed", "whence_version": "by Whence", "simulator": "by a simulator with digest"
    }  # fmt: skip
    differing = [name for name in words if getattr(stored, name) != getattr(asked, name)]
    name = differing[0]
    return (
        f"{path} holds a sweep {words[name]} {getattr(stored, name)}, not {getattr(asked, name)}. "
        "Choose another --out: results of the two must not mix."
    )
