"""Starts a program behind a gate: a process of its own that is seized, moved and pinned before its first instruction.

A shell is spawned (vfork, so the lab's own size costs nothing), says that it stands at the gate by one byte on standard
output, and waits for one byte on standard input; then it becomes the program. What the shell used until then is
subtracted. `fork` of the lab itself takes 6 ms at 140 MB, this 1.4 ms.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from whence.evidence.errors import BadInput

_GATE = 'printf . && read -r _ && exec "$@" </dev/null'


class Gate:
    """One process at the gate. `stdout` and `stderr` are the reading ends of its pipes, non-blocking."""

    def __init__(self, argv: tuple[str, ...], environment: Mapping[str, str], cwd: Path | None) -> None:
        waiting, self._release = os.pipe()
        try:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", _GATE, "sh", *argv],
                stdin=waiting,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=cwd,
                bufsize=0,
                start_new_session=True,
            )
        except OSError:
            os.close(self._release)
            raise
        finally:
            os.close(waiting)
        assert self.process.stdout is not None and self.process.stderr is not None
        self.pid = self.process.pid
        self.stdout = self.process.stdout.fileno()
        self.stderr = self.process.stderr.fileno()

    def wait_at_gate(self) -> None:
        """Returns when the shell waits to be let through."""
        os.read(self.stdout, 1)
        os.set_blocking(self.stdout, False)
        os.set_blocking(self.stderr, False)

    def open(self) -> None:
        """Lets the process become the program."""
        os.write(self._release, b"\n")
        os.close(self._release)
        self._release = -1

    def close(self) -> None:
        """Closes what is left open, after the process has been reaped elsewhere. A gate never opened ends its shell."""
        if self._release >= 0:
            os.close(self._release)
            self._release = -1
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        if self.process.returncode is None:
            self.process.returncode = 0  # reaped by whoever follows the process; Popen must not wait for it


def check_program(argv: tuple[str, ...], environment: Mapping[str, str], cwd: Path | None) -> None:
    """Raises BadInput when there is no such program, or no such directory to start it in."""
    if not argv:
        raise BadInput("there is no program to run: the command is empty. Write it behind --.")
    if cwd is not None and not cwd.is_dir():
        raise BadInput(f"cannot start {argv[0]}: there is no directory {cwd}.")
    program = argv[0]
    if "/" in program:
        path = (cwd or Path.cwd()) / program
        if not path.is_file():
            raise BadInput(f"cannot start {program}: there is no such file. Check the command or binary=.")
        if not os.access(path, os.X_OK):
            raise BadInput(f"cannot start {program}: it is not executable. Run chmod +x {program}.")
    elif shutil.which(program, path=environment.get("PATH")) is None:
        raise BadInput(f"cannot start {program}: it is not on PATH. Write its path.")
