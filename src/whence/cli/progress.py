"""Progress on standard error: a bar on a terminal, one line every ten seconds elsewhere, nothing with --quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Is told stages and events of a comparison; draws them. Also a context manager that ends the drawing."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Bar | None = None
        self.task: TaskID | None = None
        self._last_line = 0.0
        self._began = time.monotonic()
        self._stage = ""
        self._runs = 0
        self._repeated = 0
        self._calibrated = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()

    def stage(self, name: str, text: str) -> None:
        """A line of the form `builds       4 of 4`."""
        if self.quiet:
            return
        self._end_bar()
        passing = " of " in text and text.partition(" of ")[2].isdigit() and not text[:1].isdigit()
        if passing and not sys.stderr.isatty() and time.monotonic() - self._last_line < SECONDS_BETWEEN_LINES:
            return
        end = "" if passing and sys.stderr.isatty() else "\n"
        start = "\r\x1b[K" if sys.stderr.isatty() else ""
        self._last_line = time.monotonic()
        sys.stderr.write(f"{start}{name:<12} {text}{end}")
        sys.stderr.flush()

    def event(self, event: object) -> None:
        if self.quiet:
            return
        kind = type(event).__name__
        if kind == "SessionStarted" and not self._calibrated:
            self._calibrated = True
            calibration = getattr(event, "calibration", {})
            spin, spread = calibration.get("median_s"), calibration.get("spread")
            if spin is not None and spread is not None:
                self.stage("calibrating", f"a fixed spin takes {spin * 1e3:.1f} ms here, spread {spread:.1%}")
        elif kind == "RunEnded":
            self._runs += 1
        elif kind == "BlockRepeated":
            self._repeated += 1
        if kind in {"SessionStarted", "RunEnded", "BlockEnded"}:
            self._draw(getattr(event, "blocks_done", None), getattr(event, "blocks", None))

    def _draw(self, done: int | None, blocks: int | None) -> None:
        if sys.stderr.isatty():
            self._draw_bar(done, blocks)
        elif done is not None and (time.monotonic() - self._last_line > SECONDS_BETWEEN_LINES or done == blocks):
            self._last_line = time.monotonic()
            sys.stderr.write(f"{'measuring':<12} block {done}/{blocks} · {self._summary()}\n")
            sys.stderr.flush()

    def _draw_bar(self, done: int | None, blocks: int | None) -> None:
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("measuring   "),
                BarColumn(32),
                TextColumn("{task.description}"),
                TimeRemainingColumn(),
            )
            self.bar = Bar(*columns, console=Console(file=sys.stderr), transient=False)
            self.task = self.bar.add_task("", total=blocks or 1)
            self.bar.start()
        if self.task is not None:
            if done is not None:
                self.bar.update(self.task, completed=done, total=blocks)
            state = self.bar.tasks[0]
            self.bar.update(self.task, description=f"block {state.completed:.0f}/{state.total:.0f} · {self._summary()}")

    def _summary(self) -> str:
        repeated = f" · {self._repeated} repeated" if self._repeated else ""
        runs = "1 run" if self._runs == 1 else f"{self._runs} runs"
        return f"{runs}{repeated} · {time.monotonic() - self._began:.0f} s"

    def _end_bar(self) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar, self.task = None, None
