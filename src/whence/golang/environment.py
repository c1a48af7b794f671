"""The environment in which one release's own go command runs: the user's tools and module sources, no other Go's.

What each generation needs:

| releases | needs |
|---|---|
| before 1.9 | GOROOT set by hand (set for all: it does no harm) |
| before 1.11 | GOPATH mode, GO111MODULE means nothing |
| 1.11 to 1.15 | GO111MODULE=on, else a folder below GOPATH is not read as a module |
| 1.13 to 1.17 | no GOFLAGS that they do not know, not even one written by `go env -w` |
| before 1.15 | the module cache is in GOPATH, GOMODCACHE means nothing |
| before 1.20 | CGO_ENABLED=0 unless asked for: the compiled library they ship is used, and no C compiler |
| 1.19 | no index of modules: in a GOROOT that lies in the module cache it loses the main module's own package |
| 1.21 and later | GOTOOLCHAIN=local, else go.mod may have them run another release |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from whence.golang.bootstrap import go_settings
from whence.golang.installation import Toolchain
from whence.golang.versions import at_least, parse_version

MODULES_SINCE = "1.11"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
PASSED_ON = frozenset(
    {
        "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "NETRC", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
        "CC", "CXX", "FC", "AR", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR",
        "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "LD_LIBRARY_PATH",
        "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS",
    }
)  # fmt: skip
PASSED_PREFIXES = ("GIT_", "SSL_CERT_")


def clean_environment(
    toolchain: Toolchain,
    *,
    gopath: Path,
    gocache: Path,
    tmpdir: Path | None = None,
    modules: bool | None = None,
    cgo: bool | None = None,
    offline: bool = True,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Returns the whole environment for `toolchain.go`.

    `modules`: None means module mode from Go 1.11 on, False GOPATH mode. `cgo`: None means off before Go 1.20 and
    what the user set, or Go's own default, later. `offline`: modules come from the module cache only; otherwise
    from the user's own GOPROXY, and what is fetched goes to the user's module cache. `extra` is added last.
    Raises NoGo when there is no bootstrap to ask for the user's settings.
    """
    version = toolchain.version
    passed = {n: v for n, v in os.environ.items() if n in PASSED_ON or n.startswith(PASSED_PREFIXES)}
    path = os.pathsep.join([str(toolchain.goroot / "bin"), os.environ.get("PATH") or SYSTEM_PATH])
    environment = {**passed, "PATH": path, "LC_ALL": "C"}
    environment |= {"GOROOT": str(toolchain.goroot), "GOTOOLCHAIN": "local", "GOENV": "off", "GOFLAGS": ""}
    environment |= {"GOPATH": str(gopath), "GOCACHE": str(gocache), "GOWORK": ""}
    environment.setdefault("HOME", str(gopath))
    if tmpdir is not None:
        environment["TMPDIR"] = str(tmpdir)
    in_modules = at_least(version, MODULES_SINCE) if modules is None else modules
    if at_least(version, MODULES_SINCE):
        environment["GO111MODULE"] = "on" if in_modules else "off"
    if in_modules and parse_version(version).line == "1.19":
        environment["GODEBUG"] = "goindex=0"
    if in_modules:
        settings = go_settings()
        environment |= {"GOMODCACHE": str(settings.module_cache), **settings.kept}
        if offline:
            environment |= {"GOPROXY": "off", "GOSUMDB": "off"}
    environment |= _cgo(version, cgo)
    return environment | dict(extra or {})


def _cgo(version: str, cgo: bool | None) -> dict[str, str]:
    if cgo is not None:
        return {"CGO_ENABLED": "1" if cgo else "0"}
    if not at_least(version, "1.20"):
        return {"CGO_ENABLED": "0"}
    chosen = os.environ.get("CGO_ENABLED")
    return {} if chosen is None else {"CGO_ENABLED": chosen}
