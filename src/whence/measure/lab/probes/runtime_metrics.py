"""What Go's own accounting says as the program exits: heap-live, heap-inuse, heap-goal, gc-cycles, runtime-total.

A binary built with the exit hook writes them, in the benchmark format, to the file that `WHENCE_RUNTIME_METRICS`
names. It costs nothing while the program runs.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from whence.evidence.metric import BUILT_IN
from whence.evidence.run import Sample
from whence.golang import benchfmt
from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.probe import Ending, Probe, Reading

VARIABLE = "WHENCE_RUNTIME_METRICS"
RUNTIME_METRICS = frozenset({"heap-live", "heap-inuse", "heap-goal", "gc-cycles", "runtime-total"})


class RuntimeMetricsProbe(Probe):
    """Offers a file to write to, and reads it after the exit."""

    def __init__(self, options: RunOptions) -> None:
        super().__init__(options)
        self._file: Path | None = None
        self._expected = False

    def environment(self, inherited: dict[str, str], argv: tuple[str, ...]) -> dict[str, str]:
        if not self.options.metrics & RUNTIME_METRICS:
            return {}
        self._expected = has_exit_hook(argv, inherited)
        handle, name = tempfile.mkstemp(prefix="whence-runtime-metrics-")
        os.close(handle)
        self._file = Path(name)
        return {VARIABLE: name}

    def after(self, ending: Ending) -> Reading:
        if self._file is None:
            return Reading()
        text = self._file.read_text(errors="replace")
        if not text.strip():
            missed = ("runtime metrics: the program was built with the exit hook but ended without it",)
            return Reading(notes=missed if self._expected else ())
        parsed, _ = benchfmt.samples(text)
        return Reading(
            samples=tuple(
                Sample(s.metric, s.value, BUILT_IN[s.metric].unit) for s in parsed if s.metric in RUNTIME_METRICS
            )
        )

    def close(self) -> None:
        if self._file is not None:
            with suppress(FileNotFoundError):
                self._file.unlink()


def has_exit_hook(argv: tuple[str, ...], environment: dict[str, str]) -> bool:
    """True when the program's file mentions the variable, that is, when it was built to write its metrics."""
    program = argv[0] if "/" in argv[0] else shutil.which(argv[0], path=environment.get("PATH"))
    if program is None:
        return False
    try:
        known = os.stat(program)  # noqa: PTH116
        return _mentions(program, known.st_mtime_ns, known.st_size)
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=256)
def _mentions(program: str, modified_ns: int, size: int) -> bool:
    with Path(program).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(VARIABLE.encode()) >= 0
