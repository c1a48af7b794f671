"""Go versions: how they are written, and how they are ordered.

The order is that of the go command (internal/gover in Go 1.21 and later): a line such as `1.24` stands before all of
its releases, then come development builds, betas, release candidates, and the releases by patch number. Up to Go 1.20
the first release of a line was called by the line's name (`go1.18`); here it is always written `1.18.0`, so that
`1.18` can only mean the line.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from whence.evidence.errors import BadInput

STAGES = ("line", "devel", "beta", "rc", "release")
FIRST_MINOR_WITH_ZERO_PATCH = 21
_FORM = re.compile(r"(?:go)?(\d{1,3})\.(\d{1,4})(?:\.(\d{1,5})|(beta|rc)(\d{1,4})|-(devel))?\Z", re.ASCII)
_DEVELOPMENT = re.compile(r"devel go(\d+\.\d+)(?:-|$)")


class BadVersion(BadInput):
    """A text that is no Go version."""


class Version(msgspec.Struct, frozen=True, order=True):
    """One Go version, or one line of releases. Compared field by field, which is the order of the go command."""

    major: int
    minor: int
    stage: int
    """Index into STAGES."""
    number: int = 0
    """Patch of a release, or the number behind `beta` or `rc`."""

    @property
    def kind(self) -> Literal["line", "devel", "beta", "rc", "release"]:
        return STAGES[self.stage]  # type: ignore[return-value]

    @property
    def line(self) -> str:
        """The line of releases that this version belongs to: `1.24` for 1.24.3 and for 1.24rc1."""
        return f"{self.major}.{self.minor}"

    @property
    def text(self) -> str:
        """The one way in which this version is written: `1.24`, `1.24.3`, `1.18.0`, `1.27rc1`, `1.28-devel`."""
        if self.kind == "line":
            return self.line
        if self.kind == "release":
            return f"{self.line}.{self.number}"
        return f"{self.line}-devel" if self.kind == "devel" else f"{self.line}{self.kind}{self.number}"

    @property
    def module_name(self) -> str:
        """The name behind `go` in the file names of that release: `1.18` for 1.18.0, else `text`."""
        if self.kind == "release" and self.number == 0 and (self.major, self.minor) < (1, FIRST_MINOR_WITH_ZERO_PATCH):
            return self.line
        return self.text


def parse_version(text: str) -> Version:
    """Returns the version that `text` (`1.24.3`, `go1.24.3`, `1.24`, `1.27rc1`) names. Raises BadVersion."""
    match = _FORM.match(text)
    if match is None:
        raise BadVersion(f"{text!r} is no Go version. Write for example 1.24.3, 1.24 or 1.27rc1.")
    major, minor = int(match[1]), int(match[2])
    if match[3] is not None:
        return Version(major, minor, STAGES.index("release"), int(match[3]))
    if match[4] is not None:
        return Version(major, minor, STAGES.index(match[4]), int(match[5]))
    return Version(major, minor, STAGES.index("devel" if match[6] else "line"))


def parse_release(text: str) -> Version:
    """As `parse_version` for texts that Go itself wrote (a VERSION file, `go version`, the module's versions).

    There `go1.18` is the first release of its line, what stands behind a blank is not part of the version, and
    `devel go1.28-abcdef` is a development build. Raises BadVersion.
    """
    development = _DEVELOPMENT.match(text.strip())
    if development is not None:
        return parse_version(f"{development[1]}-devel")
    words = text.split()
    word = re.sub(r"-.*", "", words[0]) if words else ""
    version = parse_version(word)
    if version.kind != "line":
        return version
    return Version(version.major, version.minor, STAGES.index("release"), 0)


def at_least(version: str, bound: str) -> bool:
    """Tells whether `version` is `bound` or newer; 1.23rc1 and every 1.23 patch are at least `1.23`.

    Raises BadVersion when one of the two is no Go version.
    """
    return parse_version(version) >= parse_version(bound)
