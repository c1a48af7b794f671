"""From a variant, a source and a toolchain to a `BuildPlan`: everything is looked up here, nothing is built."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from whence.evidence.variant import Variant
from whence.golang.build import private, refusals
from whence.golang.build.cache import Folders
from whence.golang.build.checkout import checked_out, has_directory, resolve_commit
from whence.golang.build.errors import refuse
from whence.golang.build.flags import flags_of
from whence.golang.build.go_command import environment
from whence.golang.build.nouns import Source
from whence.golang.build.place import Place, Tree, locate
from whence.golang.build.plan import BuildPlan, Style
from whence.golang.build.source_hash import SourceFiles, SourceHasher
from whence.golang.build.toolchain_identity import identify
from whence.golang.build.user_settings import UserSettings, read_user_settings
from whence.golang.installation import Toolchain
from whence.golang.versions import BadVersion, at_least, parse_version


class Planner:
    """Plans builds. One instance remembers file contents it has read and versions it has asked for."""

    def __init__(self, *, cache_root: Path, gocache: Path, directory: Path) -> None:
        """`directory`: what relative FILEs of overlay= and pgo= start from."""
        self._cache_root = cache_root
        self._gocache = gocache
        self._directory = directory
        self._checkouts = Folders(cache_root / "checkouts", by_content=False)
        self._hasher = SourceHasher()
        self._identities: dict[Path, str] = {}
        self._queries: dict[tuple[str, str], str] = {}

    def check(self, variant: Variant, source: Source, toolchain: Toolchain) -> None:
        """Refuses what can be seen not to build. Raises UnbuildableVariant."""
        self._survey(variant, source, toolchain, read_user_settings())
        self._overlay(variant, toolchain, Tree())
        self._profile(variant)

    def unchanged(self, plan: BuildPlan) -> bool:
        """Tells whether the sources are still what the plan was made from."""
        return self._scan(plan.place, plan.style, plan.source, vendored=plan.vendored).digest == plan.files.digest

    def _survey(
        self, variant: Variant, source: Source, toolchain: Toolchain, user: UserSettings
    ) -> tuple[Place, Style]:
        """Returns where the source lies and how it is kept untouched, after everything that can be refused was."""
        refusals.check_release(variant, toolchain)
        package = source.directory.resolve()
        tree = Tree()
        revision = variant.get("ref")
        if revision is not None:
            top, commit = resolve_commit(variant.name, package, revision)
            if not has_directory(top, commit, package):
                raise refuse(
                    variant.name, f"ref={revision} has no directory {package.relative_to(top)}. Choose another one."
                )
            tree = checked_out(variant.name, self._checkouts, top, commit)
        place = locate(package, tree, user.gowork)
        refusals.check_place(variant, source, toolchain, place)
        refusals.check_modules(variant, toolchain, place)
        if refusals.uses_workspace(place, toolchain):
            return place, "workspace"
        place = msgspec.structs.replace(place, work_file=None)
        if not at_least(toolchain.version, refusals.MODULES_SINCE):
            return msgspec.structs.replace(place, root=None), "gopath"
        return place, "module" if at_least(toolchain.version, "1.14") else "mirror"

    def plan(self, variant: Variant, source: Source, toolchain: Toolchain, *, runtime_metrics: bool) -> BuildPlan:
        user = read_user_settings()
        place, style = self._survey(variant, source, toolchain, user)
        if runtime_metrics:
            refusals.check_metrics(variant.name, toolchain)
        flags = flags_of(variant, user)
        vendored = _vendored(place, style, toolchain, flags.mod, changed=bool(variant.modules))
        overlay = self._overlay(variant, toolchain, place.tree)
        profile = self._profile(variant)
        contents = [Path(p) for p in overlay.values() if p] + ([Path(profile)] if profile and "/" in profile else [])
        plan = BuildPlan(
            variant=variant.name,
            source=source,
            toolchain=toolchain,
            toolchain_identity=self._identity(toolchain),
            place=place,
            style=style,
            flags=flags,
            files=self._scan(place, style, source, vendored=vendored),
            user=user,
            goline=variant.get("goline"),
            vendored=vendored,
            overlay=overlay,
            pgo=profile,
            extra_digest=self._hasher.digest_files(contents),
            experiment=variant.get("experiment") or "",
            goamd64=variant.get("goamd64"),
            runtime_metrics=runtime_metrics,
        )
        return msgspec.structs.replace(plan, modules=self._versions(plan, variant.modules))

    def _scan(self, place: Place, style: Style, source: Source, *, vendored: bool) -> SourceFiles:
        package = place.tree.actual(place.package)
        if style == "gopath" or place.root is None:
            return self._hasher.scan([package], deep=False)
        roots = [place.tree.actual(p) for p in (place.root, *place.local_modules())]
        extra: list[Path] = []
        if style == "workspace" and place.work_file is not None:
            base = place.tree.actual(place.work_file.parent)
            extra = [place.tree.actual(place.work_file), base / "go.work.sum"]
            roots += [base / "vendor"] if vendored else []
        found = self._hasher.scan(roots, tests_of=package if source.kind == "test" else None)
        if not extra:
            return found
        return msgspec.structs.replace(found, digest=f"{found.digest} {self._hasher.digest_files(extra)}")

    def _identity(self, toolchain: Toolchain) -> str:
        if toolchain.goroot not in self._identities:
            self._identities[toolchain.goroot] = identify(toolchain)
        return self._identities[toolchain.goroot]

    def _overlay(self, variant: Variant, toolchain: Toolchain, tree: Tree) -> dict[str, str]:
        """Returns the overlay= file with absolute paths; `$GOROOT/` at a path's start is the toolchain's own."""
        file = variant.get("overlay")
        if file is None:
            return {}

        def absolute(path: str) -> Path:
            return Path(os.path.normpath(self._directory / path.replace("$GOROOT/", f"{toolchain.goroot}/", 1)))

        replaced: dict[str, str] = {}
        for target, content in refusals.read_overlay(variant.name, self._directory / file).items():
            if content and not absolute(content).is_file():
                raise refuse(variant.name, f"overlay={file}: there is no file {content}. Check the path.")
            replaced[str(tree.actual(absolute(target)))] = str(absolute(content)) if content else ""
        return replaced

    def _profile(self, variant: Variant) -> str | None:
        file = variant.get("pgo")
        if file is None or file in {"off", "auto"}:
            return file
        return str(refusals.read_profile(variant.name, self._directory / file))

    def _versions(self, plan: BuildPlan, wanted: dict[str, str]) -> dict[str, str]:
        """Returns mod.PATH= with queries such as `latest` replaced by what they mean today."""
        settled: dict[str, str] = {}
        for path, version in wanted.items():
            if private.is_version(version):
                settled[path] = version
                continue
            if (path, version) not in self._queries:
                variables = environment(plan, cache_root=self._cache_root, gocache=self._gocache, work_file=None)
                with tempfile.TemporaryDirectory(prefix="whence-query-") as scratch:
                    found = private.query_version(plan, path, version, scratch=Path(scratch), variables=variables)
                self._queries[path, version] = found
            settled[path] = self._queries[path, version]
        return settled


def _vendored(place: Place, style: Style, toolchain: Toolchain, mod: str | None, *, changed: bool) -> bool:
    """Tells whether the vendor directory is what Go builds from; a changed module version cannot come from there.

    Go's own rule: a vendor directory is used from go line 1.14 on, and from 1.22 on in a workspace.
    """
    if changed or style == "gopath" or place.root is None or mod not in {None, "vendor"}:
        return False
    base, since = (place.root, "1.14")
    line = place.mod.go
    if style == "workspace" and place.work_file is not None:
        base, since, line = place.work_file.parent, "1.22", place.work.go
    if not place.tree.actual(base / "vendor" / "modules.txt").is_file():
        return False
    if mod == "vendor":
        return True
    try:
        return line is not None and parse_version(line) >= parse_version(since) and at_least(toolchain.version, since)
    except BadVersion:
        return False
