"""What is asked of `whence lineage`, and which releases that means: the last patch of every line, unless told."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.lineage import MissingRelease
from whence.golang import toolchains
from whence.golang.toolchains import MissingToolchain, NoBuild, Toolchain
from whence.golang.versions import parse_version

FIRST_MINOR, LAST_MINOR = 2, 27
LINES = tuple(f"1.{minor}" for minor in range(FIRST_MINOR, LAST_MINOR + 1))
"""Every line of releases that can still be fetched and that the program was tried with."""
QUICK_LINES = ("1.2", "1.5", "1.8", "1.12", "1.16", "1.27")
"""The first, and those with which most changed: the concurrent collector, short pauses, lazy and prompt return."""
BLOCKS, QUICK_BLOCKS = 6, 6
"""With six blocks the smallest two-sided 95 % interval of a median exists."""
WAIT_S, QUICK_WAIT_S = 480.0, 60.0
BUDGET_S, QUICK_BUDGET_S = 40 * 60.0, 8 * 60.0
"""Without downloads. What does not fit is left out, and told."""
Announce = Callable[[str], None]


class LineageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The command line as data."""

    releases: tuple[str, ...] = ()
    """Lines or exact releases as written; empty: all lines, or those of `quick`."""
    blocks: int | None = None
    quick: bool = False
    seed: int | None = None

    @property
    def wanted_blocks(self) -> int:
        return self.blocks or (QUICK_BLOCKS if self.quick else BLOCKS)

    @property
    def wait_s(self) -> float:
        return QUICK_WAIT_S if self.quick else WAIT_S

    @property
    def budget_s(self) -> float:
        """Seconds for everything but downloads and builds; without end for whoever asks for a number of blocks."""
        if self.blocks is not None:
            return math.inf
        return QUICK_BUDGET_S if self.quick else BUDGET_S

    def differences(self, stored: LineageRequest) -> tuple[str, ...]:
        """Returns the names of what this request asks for otherwise; a seed left out fits any, more blocks extend."""
        names = [n for n in ("releases", "quick") if getattr(self, n) != getattr(stored, n)]
        if self.wanted_blocks < stored.wanted_blocks:
            names.append("blocks")
        if self.seed is not None and self.seed != stored.seed:
            names.append("seed")
        return tuple(names)

    def command(self, *, out: Path | None = None) -> str:
        """Returns the command line that repeats this, or goes on with it in `out`."""
        words = ["whence", "lineage"]
        if self.quick:
            words.append("--quick")
        if self.releases:
            words += ["--releases", ",".join(self.releases)]
        for name, value in (("--blocks", self.blocks), ("--seed", self.seed), ("--out", out)):
            if value is not None:
                words += [name, str(value)]
        return shlex.join(words)


def parse_releases(text: str | None) -> tuple[str, ...]:
    """Returns the releases of `--releases 1.2,1.5.4,…`, each once. Raises BadInput for what is no release here."""
    if text is None:
        return ()
    names = tuple(dict.fromkeys(part.strip().removeprefix("go") for part in text.split(",") if part.strip()))
    if not names:
        raise BadInput("--releases names none. Write for example --releases 1.2,1.5,1.12,1.27.")
    for name in names:
        version = parse_version(name)
        if version.major != 1 or version.minor < FIRST_MINOR:
            raise BadInput(f"--releases {name}: Go {name} cannot be had as a toolchain; the oldest is 1.2.")
    return names


def wanted_versions(request: LineageRequest) -> tuple[str, ...]:
    """Returns the exact releases meant, oldest first. Raises UnknownRelease for one that does not exist."""
    names = request.releases or (QUICK_LINES if request.quick else LINES)
    versions = {toolchains.resolve(name) for name in names}
    return tuple(sorted(versions, key=parse_version))


def gather(
    versions: tuple[str, ...], announce: Announce
) -> tuple[tuple[Toolchain, ...], tuple[MissingRelease, ...], tuple[str, ...]]:
    """Returns the toolchains, those that are missing, and notes on stand-ins. Fetches what is not here, and says so.

    After one fetch failed for want of a network no other is tried. An installed patch of the same line stands in for
    one that cannot be had. Raises MissingToolchain when none at all is here.
    """
    found: list[Toolchain] = []
    missing: list[MissingRelease] = []
    notes: list[str] = []
    offline: str | None = None
    for version in versions:
        toolchain = toolchains.find(version)
        why = offline or ""
        if toolchain is None and offline is None:
            try:
                toolchain = toolchains.ensure(version, announce=announce)
            except (MissingToolchain, NoBuild) as error:
                why = str(error)
                offline = why if isinstance(error, MissingToolchain) else None
        if toolchain is None:
            toolchain = _stand_in(version, versions)
            if toolchain is not None:
                notes.append(f"go{toolchain.version} stands in for go{version}, which is not here and was not fetched.")
        if toolchain is None:
            missing.append(MissingRelease(line=parse_version(version).line, version=version, why=why))
        else:
            found.append(toolchain)
    if not found:
        names = ", ".join(release.version for release in missing)
        raise MissingToolchain(
            f"none of the toolchains is here, and they cannot be fetched ({names}). With a network, run: "
            f"whence toolchain fetch {missing[0].version}"
        )
    return tuple(found), tuple(missing), tuple(notes)


def _stand_in(version: str, others: tuple[str, ...]) -> Toolchain | None:
    """Returns the newest release of the same line that is here and not asked for itself."""
    line = parse_version(version).line
    here = [t for t in toolchains.present() if t.parsed.line == line and t.parsed.kind == "release"]
    return max((t for t in here if t.version not in others), key=lambda t: t.parsed, default=None)
