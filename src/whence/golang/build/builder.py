"""The front door: variant + source + toolchain → an executable in the cache, the user's tree untouched."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from whence.evidence.variant import Variant
from whence.golang.build import compile as compiling
from whence.golang.build import private
from whence.golang.build.cache import Folder, Folders
from whence.golang.build.errors import refuse
from whence.golang.build.flags import effective_seed
from whence.golang.build.go_command import environment
from whence.golang.build.nouns import Built, Source
from whence.golang.build.plan import BuildPlan
from whence.golang.build.planner import Planner
from whence.golang.cache import cache_root as default_cache_root
from whence.golang.installation import Toolchain
from whence.golang.versions import parse_version

PROGRAMS_KEPT_BYTES = 4 << 30
PROGRAMS_KEPT_S = 24 * 3600.0
LINKS_AT_A_TIME = 2
LOOPS_SINCE = "1.22"
"""Go lines from here on give each iteration variables of its own."""
Announce = Callable[[str], None]


class Builder:
    """Builds, and finds what was built before. One instance may be used from several threads."""

    def __init__(
        self,
        cache_root: Path | None = None,
        announce: Announce | None = None,
        *,
        gocache: Path | None = None,
        directory: Path | None = None,
    ) -> None:
        """`cache_root`: default `$WHENCE_CACHE` or ~/.cache/whence. `gocache`: where compiled packages are kept,
        default inside it, one for all toolchains. `directory`: what relative FILEs of overlay= and pgo= start from,
        default the working directory."""
        self.cache_root = (cache_root or default_cache_root()).absolute()
        self.gocache = gocache or self.cache_root / "go-build"
        self._announce: Announce = announce or _say_nothing
        self._programs = Folders(self.cache_root / "builds", by_content=True)
        self._modules = Folders(self.cache_root / "modules", by_content=True)
        self._mirrors = Folders(self.cache_root / "mirrors", by_content=False)
        self._planner = Planner(
            cache_root=self.cache_root, gocache=self.gocache, directory=(directory or Path.cwd()).absolute()
        )
        self._pruned = False

    def check(self, variant: Variant, source: Source, toolchain: Toolchain) -> None:
        """Refuses what can be seen not to build. For ref= it checks the revision out. Raises UnbuildableVariant."""
        self._planner.check(variant, source, toolchain)

    def build(
        self,
        variant: Variant,
        source: Source,
        toolchain: Toolchain,
        *,
        layout_seed: int | None = None,
        runtime_metrics: bool = False,
    ) -> Built:
        """Returns the executable, from the cache when the same was built before.

        `layout_seed`: the linker orders functions at random (Go 1.23 and newer; ignored before). `runtime_metrics`:
        the program writes Go's own metrics as it exits to the file that WHENCE_RUNTIME_METRICS names.
        Raises BuildError, or UnbuildableVariant when it can be seen not to build.
        """
        plan = self._planner.plan(variant, source, toolchain, runtime_metrics=runtime_metrics)
        return self._build(self._with_layout(plan, layout_seed))

    def link_layouts(
        self,
        variant: Variant,
        source: Source,
        toolchain: Toolchain,
        seeds: Sequence[int],
        *,
        runtime_metrics: bool = False,
    ) -> tuple[Built, ...]:
        """Returns one executable a seed, in order, two links at a time. Raises as `build`.

        Below Go 1.23 all are the same program.
        """
        plan = self._planner.plan(variant, source, toolchain, runtime_metrics=runtime_metrics)
        plans = [self._with_layout(plan, seed) for seed in seeds]
        if not plans:
            return ()
        built = {plans[0].key: self._build(plans[0])}
        rest = {p.key: p for p in plans if p.key not in built}
        with ThreadPoolExecutor(LINKS_AT_A_TIME) as pool:
            for key, result in zip(rest, pool.map(self._build, rest.values()), strict=True):
                built[key] = result
                if not result.cached:
                    self._announce(f"{variant.name}: layout {len(built)} of {len(rest) + 1}")
        return tuple(built[p.key] for p in plans)

    def binary_size(self, variant: Variant, source: Source, toolchain: Toolchain) -> int:
        """Returns the bytes of the executable with the linker's own order: no random layout, no added hook.

        Comparable between variants because no path of this machine is in it (-trimpath; before Go 1.13 the sources
        are built from a folder whose name has the same length for all). Raises as `build`.
        """
        return self.build(variant, source, toolchain).size_bytes

    def decisions(self, variant: Variant, source: Source, toolchain: Toolchain) -> str:
        """Returns what the compiler says of its decisions (`-m`: inlining, what escapes to the heap) about the packages
        of the program's own module, paths relative to the package. Builds once; raises as `build`."""
        plan = self._planner.plan(variant, source, toolchain, runtime_metrics=False)
        module = plan.place.mod.module
        pattern = f"{module}/..." if module else "."
        line = plan.goline or plan.place.mod.go or "1.16"
        loops = min(parse_version(line), toolchain.parsed) >= parse_version(LOOPS_SINCE)
        flags = msgspec.structs.replace(plan.flags, explain=pattern, explain_loops=loops)
        plan = msgspec.structs.replace(plan, flags=flags)
        said = self._programs.make(plan.key, lambda empty: self._fill(plan, empty)).facts.get("said", "")
        return _from_package(said, module, plan.place.relative) if module else said

    def key(self, variant: Variant, source: Source, toolchain: Toolchain, *, layout_seed: int | None = None) -> str:
        """Returns the name of the executable in the cache, without building it. Raises UnbuildableVariant."""
        return self._with_layout(self._planner.plan(variant, source, toolchain, runtime_metrics=False), layout_seed).key

    @staticmethod
    def _with_layout(plan: BuildPlan, seed: int | None) -> BuildPlan:
        return msgspec.structs.replace(plan, layout_seed=effective_seed(plan.toolchain.version, seed))

    def _build(self, plan: BuildPlan) -> Built:
        folder = self._programs.make(plan.key, lambda empty: self._fill(plan, empty))
        if folder.made_now and not self._pruned:
            self._pruned = True
            self._programs.prune(keep_bytes=PROGRAMS_KEPT_BYTES, unused_s=PROGRAMS_KEPT_S)
        return Built(
            path=folder.path / plan.program_name,
            sha256=folder.facts["sha256"],
            size_bytes=int(folder.facts["size_bytes"]),
            seconds=float(folder.facts["seconds"]),
            cached=not folder.made_now,
            layout_seed=plan.layout_seed,
            toolchain=plan.toolchain.version,
        )

    def _fill(self, plan: BuildPlan, folder: Path) -> dict[str, str]:
        began = time.monotonic()
        if plan.layout_seed is None:
            self._announce(f"{plan.variant}: building with go{plan.toolchain.version}")
        settled: Folder | None = None
        if plan.style in {"mirror", "gopath"}:
            settled = self._mirrors.make(plan.resolution_key, lambda empty: self._fill_mirror(plan, empty))
        elif plan.resolves:
            settled = self._modules.make(plan.resolution_key, lambda empty: self._fill_modules(plan, empty))
        facts = compiling.compile_program(
            plan, folder, settled=settled, cache_root=self.cache_root, gocache=self.gocache
        )
        if not self._planner.unchanged(plan):
            raise refuse(plan.variant, f"{plan.place.package} changed while it was being built. Run it again.")
        return {**facts, "seconds": f"{time.monotonic() - began:.3f}"}

    def _fill_modules(self, plan: BuildPlan, folder: Path) -> dict[str, str]:
        private.write(plan, folder)
        work_file = private.private_in(plan, folder).work_file
        variables = environment(plan, cache_root=self.cache_root, gocache=self.gocache, work_file=work_file)
        private.resolve(plan, folder, directory=plan.package_directory, variables=variables)
        return {}

    def _fill_mirror(self, plan: BuildPlan, folder: Path) -> dict[str, str]:
        directory = compiling.copy_sources(plan, folder)
        if plan.style == "mirror":
            private.write(plan, folder)
            variables = environment(plan, cache_root=self.cache_root, gocache=self.gocache, work_file=None)
            private.resolve(plan, folder, directory=directory, variables=variables)
        return {}


def _from_package(said: str, module: str, relative: str) -> str:
    """Returns what a compiler said with files named from the package, not by the module's path (-trimpath)."""
    named = re.compile(rf"^{re.escape(module)}/(\S+?\.go):", re.MULTILINE)
    return named.sub(lambda found: f"{os.path.relpath(found[1], relative)}:", said)


def _say_nothing(text: str) -> None:
    """For callers that do not want to hear about builds."""
