"""Fetching a release: the go command downloads module golang.org/toolchain, checks it and unpacks it.

A toolchain is the folder `$GOMODCACHE/golang.org/toolchain@v0.0.1-go1.24.3.linux-amd64`.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.golang.bootstrap import bootstrap, fetching_environment, go_settings
from whence.golang.installation import Toolchain, installed_at
from whence.golang.releases import newest, remember_fetched
from whence.golang.versions import Version

MODULE = "golang.org/toolchain"
FETCH_TIMEOUT_S = 1800.0
Announce = Callable[[str], None]

_REFUSED = re.compile(r"\b(403 Forbidden|404 Not Found|410 Gone|unknown revision|invalid version)\b")
_NO_NETWORK = re.compile(
    r"dial tcp|lookup |no such host|connection refused|connection reset|i/o timeout|TLS handshake|network is "
    r"unreachable|no route to host|proxyconnect|EOF|deadline exceeded|toolchain not available|x509: |\b50\d "
)


class MissingToolchain(UnusableEnvironment):
    """A release that is not here and could not be fetched."""


class NoBuild(BadInput):
    """The module proxy has no such release, or none for this platform."""


def module_folder(version: Version) -> Path:
    """Returns where the go command unpacks that release, there or not."""
    settings = go_settings()
    name = f"toolchain@v0.0.1-go{version.module_name}.{settings.gohostos}-{settings.gohostarch}"
    return settings.module_cache / "golang.org" / name


def fetch(version: Version, *, known: bool = True, announce: Announce | None = None) -> Toolchain:
    """Returns that release, downloaded (50-150 MB) and unpacked (185-450 MB) unless it is there already.

    Raises MissingToolchain when it cannot be had now, and NoBuild when the module proxy does not have it; `known`
    says whether some list names it, which decides what the second message means.
    """
    folder = module_folder(version)
    found = installed_at(folder, "module")
    if found is not None:
        return found
    if announce is not None:
        announce(f"go{version.text}: fetching")
    began = time.monotonic()
    said = _run_go(version)
    found = installed_at(folder, "module")
    if found is None:
        raise _failure(version, said, known)
    remember_fetched(version)
    if announce is not None:
        announce(f"go{version.text}: here after {time.monotonic() - began:.0f} s")
    return found


def list_versions() -> tuple[str, ...]:
    """Asks the module proxy for its releases of any platform (`1.24.3`, `1.18`). Raises UnusableEnvironment."""
    command = [str(bootstrap().go), "list", "-m", "-versions", MODULE]
    with tempfile.TemporaryDirectory(prefix="whence-") as empty:
        answer = subprocess.run(
            command, capture_output=True, text=True, env=fetching_environment(), cwd=empty, timeout=FETCH_TIMEOUT_S
        )
    if answer.returncode != 0:
        raise UnusableEnvironment(
            f"the list of releases could not be fetched ({reason_in(answer.stderr)}). Check the network and GOPROXY."
        )
    names = re.findall(r"v0\.0\.1-go(\d+\.\d+(?:\.\d+|(?:beta|rc)\d+)?)\.[a-z0-9]+-[a-z0-9]+", answer.stdout)
    return tuple(dict.fromkeys(names))


def _run_go(version: Version) -> str:
    """Has the bootstrap switch to that release; returns what it said. The empty folder keeps go.mod files away."""
    with tempfile.TemporaryDirectory(prefix="whence-") as empty:
        try:
            answer = subprocess.run(
                [str(bootstrap().go), "version"],
                capture_output=True,
                text=True,
                errors="replace",
                env=fetching_environment(f"go{version.module_name}"),
                cwd=empty,
                timeout=FETCH_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            return "go: no answer within half an hour: i/o timeout"
    return answer.stderr + answer.stdout


def _failure(version: Version, said: str, known: bool) -> BadInput | UnusableEnvironment:
    again = f"whence toolchain fetch {version.text}"
    if _REFUSED.search(said):
        if known:
            platform = go_settings().platform
            return NoBuild(f"go{version.text} has no build for {platform}. Take another: whence toolchain list")
        last = newest()
        newest_known = f"; newest known is {last.text}" if last is not None else ""
        return NoBuild(f"no toolchain for go{version.text}{newest_known}. See: whence toolchain list")
    reason = reason_in(said)
    if "GOSUMDB=off" in said or "checksum database disabled" in said:
        return MissingToolchain(
            f"go{version.text} is not here, and cannot be verified with GOSUMDB=off. "
            f"Set GOSUMDB=sum.golang.org, then run: {again}"
        )
    if _NO_NETWORK.search(said):
        return MissingToolchain(
            f"go{version.text} is not here, and there is no network to fetch it ({reason}). With one, run: {again}"
        )
    return MissingToolchain(f"go{version.text} is not here, and fetching it failed ({reason}). Then run: {again}")


def reason_in(said: str) -> str:
    """Returns the part of the go command's complaint that says why, in one line without addresses of files."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if not line.startswith("go: downloading")] or lines or ["go said nothing"]
    return re.sub(r'^(?:go: )?(?:[^"]*?Get "[^"]*": )?', "", complaints[0])[:200].rstrip(".")
