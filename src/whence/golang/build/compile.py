"""One call of `go build` or `go test -c`, pointed away from everything that it could change."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import msgspec

from whence.golang.build import private
from whence.golang.build.cache import Folder
from whence.golang.build.errors import build_error, refuse
from whence.golang.build.go_command import environment, run_go
from whence.golang.build.plan import BuildPlan
from whence.golang.build.runtime_metrics import exit_hook

WORK = "work"
ARCHIVE_MAGIC = b"!<arch>"
NOT_A_PROGRAM = "holds no program (its package is not main). Give the directory of a main package, or bench:./pkg."


def compile_program(
    plan: BuildPlan, folder: Path, *, settled: Folder | None, cache_root: Path, gocache: Path
) -> dict[str, str]:
    """Builds into `folder`, and returns facts about the program: sha256, size_bytes, toolchain, layout_seed.

    `settled` is the mirror, or the resolved copies of go.mod, when the plan needs them. Raises BuildError.
    """
    work = folder / WORK
    work.mkdir()
    directory, pointed = _prepare(plan, work, settled)
    overlay = {**plan.overlay, **pointed.overlay}
    hook: list[str] = []
    if plan.runtime_metrics:
        added, hook = exit_hook(plan, work)
        overlay |= added
    program = folder / plan.program_name
    arguments = ["build"] if plan.source.kind == "main" else ["test", "-c", "-vet=off"]
    arguments += ["-o", str(program), *pointed.arguments]
    arguments += plan.flags.arguments(
        plan.toolchain.version, layout_seed=plan.layout_seed, free_linknames=plan.runtime_metrics
    )
    arguments += hook
    if plan.pgo is not None:
        arguments.append(f"-pgo={plan.pgo}")
    if overlay:
        (work / "overlay.json").write_bytes(msgspec.json.encode({"Replace": overlay}))
        arguments.append(f"-overlay={work / 'overlay.json'}")
    variables = environment(plan, cache_root=cache_root, gocache=gocache, work_file=pointed.work_file)
    done = run_go(plan, [*arguments, "."], directory=directory, variables=variables)
    hidden = [str(directory), str(work), *([str(plan.place.tree.checkout)] if plan.place.tree.checkout else [])]
    if done.returncode != 0:
        doing = f"does not build with Go {plan.toolchain.version}"
        raise build_error(plan.variant, doing, done.stderr + done.stdout, hidden)
    _check_program(plan, program)
    shutil.rmtree(work)
    program.chmod(0o755)
    content = program.read_bytes()
    said = {"said": _without(done.stderr, hidden)} if plan.flags.explain is not None else {}
    return {
        **said,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": str(len(content)),
        "toolchain": plan.toolchain.version,
        "layout_seed": "" if plan.layout_seed is None else str(plan.layout_seed),
    }


def _without(text: str, hidden: list[str]) -> str:
    for folder in hidden:
        text = text.replace(f"{folder}/", "")
    return text


def _prepare(plan: BuildPlan, work: Path, settled: Folder | None) -> tuple[Path, private.Private]:
    """Returns the directory to build in, and how Go is pointed at private copies."""
    if plan.style in {"mirror", "gopath"} and settled is not None:
        return settled.path / plan.place.relative, private.private_in(plan, settled.path)
    if settled is None:
        private.write(plan, work)
    else:
        for name in private.PRIVATE_FILES:
            if (settled.path / name).is_file():
                shutil.copyfile(settled.path / name, work / name)
    return plan.package_directory, private.private_in(plan, work)


def _check_program(plan: BuildPlan, program: Path) -> None:
    if not program.is_file():
        raise refuse(plan.variant, f"{plan.place.package} has no tests to build. Give a package with benchmarks.")
    with program.open("rb") as file:
        if file.read(len(ARCHIVE_MAGIC)) == ARCHIVE_MAGIC:
            raise refuse(plan.variant, f"{plan.place.package} {NOT_A_PROGRAM}")


def copy_sources(plan: BuildPlan, folder: Path) -> Path:
    """Copies what the build can need into `folder`, and returns the package's directory there."""
    root = plan.place.root or plan.place.package
    start = plan.place.tree.actual(root)
    for relative in plan.files.files:
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(start / relative, target)
    directory = folder / plan.place.relative
    directory.mkdir(parents=True, exist_ok=True)
    return directory
