"""The one family of exceptions whose message may reach a user.

A message says what happened, where, and what to do, in one line. Rooms define subclasses that name their own
situations (`UnknownRelease`, `BuildFailed`, …); `cli` prints the message behind `whence: ` and exits with `exit_code`.
"""

from __future__ import annotations


class WhenceError(Exception):
    """Something a person has to know about, told in one line."""

    exit_code: int = 2


class BadInput(WhenceError):
    """What was asked for is malformed or impossible; nothing was run or written."""


class UnusableEnvironment(WhenceError):
    """The request is fine, this machine cannot serve it (no toolchain, no network, no permission)."""
