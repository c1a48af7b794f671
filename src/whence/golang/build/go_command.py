"""Running one release's go command for one plan."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from whence.golang.bootstrap import go_settings
from whence.golang.build.plan import BuildPlan
from whence.golang.environment import clean_environment
from whence.golang.versions import at_least


def environment(plan: BuildPlan, *, cache_root: Path, gocache: Path, work_file: Path | None) -> dict[str, str]:
    """Returns the environment of the go command: the user's sources of modules and C tools, nothing else of theirs.

    GOPATH is the user's for the module cache of Go before 1.15, and an empty folder in GOPATH mode.
    """
    extra = {name: value for name, value in plan.user.build.items() if name != "CGO_ENABLED"}
    if plan.experiment:
        extra["GOEXPERIMENT"] = plan.experiment.replace("+", ",")
    if plan.goamd64 is not None:
        extra["GOAMD64"] = plan.goamd64
    if at_least(plan.toolchain.version, "1.18"):
        extra["GOWORK"] = "off" if work_file is None else str(work_file)
    in_modules = plan.style != "gopath"
    gopath = Path(go_settings().gopath.split(":")[0])
    if not in_modules:
        gopath = cache_root / "gopath"
        gopath.mkdir(parents=True, exist_ok=True)
    gocache.mkdir(parents=True, exist_ok=True)
    variables = clean_environment(
        plan.toolchain, gopath=gopath, gocache=gocache, modules=in_modules, cgo=plan.cgo, offline=False, extra=extra
    )
    if not at_least(plan.toolchain.version, "1.13") and "GOPROXY" in variables:
        # Before 1.13 it is one proxy, not a list.
        variables["GOPROXY"] = re.split(r"[,|]", variables["GOPROXY"])[0]
    return variables


def run_go(
    plan: BuildPlan, arguments: list[str], *, directory: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs the plan's go command in `directory` and returns what it said. PWD keeps the name without symlinks."""
    return subprocess.run(
        [str(plan.toolchain.go), *arguments],
        cwd=directory,
        env={**variables, "PWD": str(directory)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
