"""Everything that one build depends on, and the key that names its result.

Two plans with the same key build the same program: the sources' digest, the toolchain, the flags, the edits of go.mod,
and the settings of the user that reach the compiler or the linker are in it. Where the tree lies is in it only when
the result can hold it (no -trimpath, or cgo, whose ${SRCDIR} is an absolute path).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from whence.golang.build.flags import BuildFlags
from whence.golang.build.nouns import Source
from whence.golang.build.place import Place
from whence.golang.build.source_hash import SourceFiles
from whence.golang.build.user_settings import UserSettings
from whence.golang.installation import Toolchain
from whence.golang.versions import at_least

FORMAT = 2
"""Raised when the way of building changes, so that older results are not taken for new ones."""
Style = Literal["gopath", "mirror", "module", "workspace"]


class BuildPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One build, fully decided. `style` says how the go command is kept away from the user's go.mod and go.work:

    `module`: -modfile with a copy; `workspace`: GOWORK with a copy; `mirror`: a copy of the module (before -modfile,
    Go 1.11 to 1.13); `gopath`: a copy of the package outside any module (before Go 1.11).
    """

    variant: str
    source: Source
    toolchain: Toolchain
    toolchain_identity: str
    place: Place
    style: Style
    flags: BuildFlags
    files: SourceFiles
    user: UserSettings
    goline: str | None = None
    modules: dict[str, str] = {}
    """Module path → version, for mod.PATH=."""
    vendored: bool = False
    overlay: dict[str, str] = {}
    """Absolute path → absolute path of what stands there instead, empty for nothing."""
    pgo: str | None = None
    extra_digest: str = ""
    """Over the contents of overlay and profile."""
    experiment: str = ""
    goamd64: str | None = None
    layout_seed: int | None = None
    runtime_metrics: bool = False

    @property
    def package_directory(self) -> Path:
        """Where the package is read from (not of a mirror)."""
        return self.place.tree.actual(self.place.package)

    @property
    def program_name(self) -> str:
        name = self.place.package.name or "program"
        return f"{name}.test" if self.source.kind == "test" else name

    @property
    def resolves(self) -> bool:
        """True when the copy of go.mod or go.work is changed so that modules must be resolved anew."""
        return bool(self.modules) or (self.goline is not None and not self.vendored)

    @property
    def keeps_location(self) -> bool:
        trimmed = self.flags.trimpath and at_least(self.toolchain.version, "1.13")
        return not trimmed or self.files.uses_cgo

    @property
    def key(self) -> str:
        """Names the program: 40 hexadecimal digits."""
        flags = self.flags.arguments(self.toolchain.version, layout_seed=self.layout_seed)
        return _digest(
            self.resolution_inputs,
            flags,
            self.program_name,
            self.overlay,
            self.pgo if self.pgo in {None, "off", "auto"} else "file",
            self.extra_digest,
            self.runtime_metrics,
            self.user.search_paths if self.cgo else None,
            self.user.compiler if self.cgo else None,
        )

    @property
    def resolution_key(self) -> str:
        """Names the resolved copy of go.mod or go.work."""
        return _digest(self.resolution_inputs, self.flags.tags)

    @property
    def resolution_inputs(self) -> list[object]:
        return [
            FORMAT,
            self.source.kind,
            self.source.legacy_ok,
            self.toolchain_identity,
            self.style,
            self.place.relative,
            str(self.package_directory) if self.keeps_location else "",
            self.files.digest,
            self.goline,
            sorted(self.modules.items()),
            self.vendored,
            self.flags.mod,
            self.experiment,
            self.goamd64,
            self.cgo,
            sorted((n, v) for n, v in self.user.build.items() if n != "CGO_ENABLED"),
        ]

    @property
    def cgo(self) -> bool:
        return not (self.source.legacy_ok or self.source.without_cgo) and self.user.cgo_enabled


def _digest(*parts: object) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:40]
