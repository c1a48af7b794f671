"""Progress goes to standard error: a bar on a terminal, few plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from whence.cli import progress as module
from whence.cli.progress import Progress
from whence.measure.lab.events import BlockEnded, BlockRepeated, RunEnded, SessionStarted

from ..measure import factories as make


def session(*, blocks: int = 4, repeat: int | None = None) -> Iterator[object]:
    """The events of a session of two variants."""
    yield SessionStarted(blocks_done=0, blocks=blocks, calibration={"median_s": 0.02, "spread": 0.031})
    for block in range(blocks):
        for attempt in range(2 if block == repeat else 1):
            if attempt:
                yield BlockRepeated(block=block, attempt=0, reason="slow")
            for variant in "ab":
                yield RunEnded(run=make.run(variant, block))
        yield BlockEnded(block=block, attempt=attempt, blocks_done=block + 1, blocks=blocks, counted_runs=2, repeated=0)


def watch(*, quiet: bool = False, **of: int) -> None:
    with Progress(quiet=quiet) as progress:
        progress.stage("builds", "2 of 2")
        for event in session(**of):
            progress.event(event)


def test_lines_say_what_is_done_and_none_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    watch(repeat=1)
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert lines[0] == "builds       2 of 2"
    assert "calibrating  a fixed spin takes 20.0 ms here, spread 3.1%" in lines
    assert lines[-1].startswith("measuring    block 4/4 · 10 runs · 1 repeated · ")


def test_a_long_session_writes_a_line_now_and_then_and_not_one_a_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(100_000))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(now) / 4))
    watch(blocks=400)
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("measuring")]
    assert 5 < len(lines) < 20


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    watch(quiet=True)
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal that remembers what it showed; a test redirects standard error to it by itself."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal()


def test_on_a_terminal_there_is_one_bar_with_the_blocks_done(terminal: Terminal) -> None:
    with contextlib.redirect_stderr(terminal):
        watch()
    shown = terminal.getvalue()
    assert "builds       2 of 2" in shown
    assert "block 4/4 · 8 runs" in shown
    assert shown.count("\n") < 12


def test_the_bar_ends_when_the_session_is_interrupted(terminal: Terminal) -> None:
    with contextlib.redirect_stderr(terminal), pytest.raises(KeyboardInterrupt), Progress(quiet=False) as progress:
        for event in session():
            progress.event(event)
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith(("\n", "\x1b[?25h"))


def test_layouts_that_pass_by_do_not_fill_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=False) as progress:
        progress.stage("builds", "2 of 2")
        for layout in range(2, 12):
            progress.stage("builds", f"base: layout {layout} of 11")
    assert len(capsys.readouterr().err.splitlines()) <= 2
