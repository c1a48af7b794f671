"""From a settled experiment to arms that can be run: toolchains, builds, links and command lines."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from whence.evidence.comparison import VariantResult
from whence.evidence.errors import BadInput
from whence.evidence.subject import Subject
from whence.evidence.variant import Variant
from whence.golang import toggles, toolchains, versions
from whence.golang.build import Builder, Built, Source
from whence.golang.fatal import explain_fatal
from whence.measure.lab.launch import Arm, Launch
from whence.measure.lab.plan import layout_seeds
from whence.measure.settle import AA_NAME, Settled
from whence.measure.workloads import catalog

RUNTIME_METRICS = frozenset({"heap-live", "heap-inuse", "heap-goal", "gc-cycles", "runtime-total"})
RANDLAYOUT_SINCE = "1.23"
Announce = Callable[[str], None]


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """One variant with its first binary; `link` gives it more layouts."""

    variant: Variant
    toolchain: toolchains.Toolchain | None
    built: Built | None
    binary_sha256: str | None
    words: tuple[str, ...]
    """Command line with the first binary."""
    fatal: str | None = None
    """Why this variant is known to die at start (a removed GODEBUG setting), in words."""

    @property
    def layout_can_vary(self) -> bool:
        return self.built is not None and self.built.layout_seed is not None

    def described(self, layouts: int, binary_size_bytes: int | None) -> VariantResult:
        """Returns what a plan stores of this variant, before any run."""
        return VariantResult(
            name=self.variant.name,
            spec=self.variant.spec,
            go=self.toolchain.version if self.toolchain is not None else None,
            binary_sha256=self.binary_sha256,
            outcomes={},
            build_seconds=self.built.seconds if self.built is not None else None,
            layouts=layouts if self.layout_can_vary else 1,
            command=self.words,
            binary_size_bytes=binary_size_bytes,
            known_fatal=self.fatal,
            ignored=toggles.ignored_settings(self.variant, self.toolchain) if self.toolchain is not None else (),
        )


class Workshop:
    """Fetches, builds and links for one settled experiment."""

    def __init__(self, settled: Settled, announce: Announce, *, seed: int) -> None:
        self.settled = settled
        self.announce = announce
        self.seed = seed
        self.builder = Builder(announce=announce, directory=settled.directory)
        self.source = source_of(settled)
        self.runtime_metrics = bool(RUNTIME_METRICS & set(settled.request.metrics)) and settled.subject.kind in {
            "package",
            "service",
        }

    def fetch(self) -> tuple[toolchains.Toolchain | None, ...]:
        """Returns the toolchain of each variant, fetched where missing. Uses the network and says so."""
        found: dict[str, toolchains.Toolchain] = {}
        kit: list[toolchains.Toolchain | None] = []
        for variant, release in zip(self.settled.variants, self.settled.releases, strict=True):
            if release is None:
                kit.append(None)
                continue
            written = variant.get("go") or ""
            wanted = written if "/" in written else release
            if wanted not in found:
                found[wanted] = toolchains.ensure(wanted, announce=self.announce)
            kit.append(found[wanted])
        return tuple(kit)

    def prepare(self, *, vary_layout: bool) -> tuple[Prepared, ...]:
        """Returns every variant built. Everything that can be refused cheaply is refused before the first build."""
        kit = self.fetch()
        pairs = list(zip(self.settled.variants, kit, strict=True))
        for variant, toolchain in pairs:
            if toolchain is not None and self.source is not None:
                toggles.check_variant(variant, toolchain)
                self.builder.check(variant, self.source, toolchain)
        return tuple(self._prepare_one(variant, toolchain, vary_layout) for variant, toolchain in pairs)

    def _prepare_one(self, variant: Variant, toolchain: toolchains.Toolchain | None, vary_layout: bool) -> Prepared:
        built, sha256, fatal = None, None, None
        if toolchain is not None and self.source is not None:
            seed = layout_seeds(self.seed, 1, stream=_layout_stream(variant))[0] if vary_layout else None
            built = self.builder.build(
                variant, self.source, toolchain, layout_seed=seed, runtime_metrics=self.runtime_metrics
            )
            sha256 = built.sha256
            fatal = explain_fatal(variant, toolchain)
        words = command_line(self.settled, variant, built.path if built else None)
        if sha256 is None:
            sha256 = sha256_of(words[0])
        return Prepared(
            variant=variant, toolchain=toolchain, built=built, binary_sha256=sha256, words=words, fatal=fatal
        )

    def arms(self, prepared: Sequence[Prepared], layouts: int) -> tuple[Arm, ...]:
        """Returns what the lab runs: every variant, with `layouts` differently linked binaries where that can be."""
        return tuple(self._arm(p, layouts if p.layout_can_vary else 1) for p in prepared)

    def _arm(self, prepared: Prepared, layouts: int) -> Arm:
        if layouts == 1 or prepared.toolchain is None or self.source is None:
            launches = [self._launch(prepared, prepared.words, prepared.built)]
        else:
            linked = self.builder.link_layouts(
                prepared.variant,
                self.source,
                prepared.toolchain,
                layout_seeds(self.seed, layouts, stream=_layout_stream(prepared.variant)),
                runtime_metrics=self.runtime_metrics,
            )
            launches = [
                self._launch(prepared, command_line(self.settled, prepared.variant, built.path), built)
                for built in linked
            ]
        return Arm(variant=prepared.variant.name, launches=tuple(launches))

    def _launch(self, prepared: Prepared, words: tuple[str, ...], built: Built | None) -> Launch:
        variant = prepared.variant
        return Launch(
            argv=words,
            environment=environment(self.settled.subject, variant),
            cwd=working_directory(self.settled),
            layout_seed=built.layout_seed if built else None,
            binary_sha256=built.sha256 if built else prepared.binary_sha256,
            cpu_limit=variant.cpu_limit,
            memory_limit_bytes=variant.memory_limit_bytes,
            load=self.settled.subject.load,
        )

    def binary_sizes(self, prepared: Sequence[Prepared]) -> dict[str, int]:
        """Returns variant name → bytes of a binary built for its size alone: fixed path, no random layout."""
        sizes: dict[str, int] = {}
        for p in prepared:
            if p.toolchain is not None and self.source is not None:
                sizes[p.variant.name] = self.builder.binary_size(p.variant, self.source, p.toolchain)
            else:
                sizes[p.variant.name] = Path(p.words[0]).stat().st_size
        return sizes


def _layout_stream(variant: Variant) -> int:
    """Variants share their layout seeds; the base's second copy has its own, so it feels layout as another build."""
    return int(variant.name == AA_NAME)


def source_of(settled: Settled) -> Source | None:
    """Returns what is built, or None for commands and ready binaries."""
    subject = settled.subject
    if subject.kind == "exec":
        return None
    if subject.kind == "workload":
        workload = catalog.get(subject.target)
        return Source(kind="main", directory=workload.directory, legacy_ok=not workload.modules, without_cgo=True)
    directory = (settled.directory / subject.target).resolve()
    return Source(kind="test" if subject.kind == "bench" else "main", directory=directory)


def environment(subject: Subject, variant: Variant) -> dict[str, str]:
    """Returns what a variant adds to the environment of the measured process; its own settings go first."""
    added: dict[str, str] = {}
    if subject.kind == "workload":
        parameters = {**subject.parameters, **variant.arguments}
        added.update(catalog.environment(catalog.get(subject.target), parameters))
    added.update(variant.environment)
    if variant.godebug:
        added["GODEBUG"] = ",".join(f"{name}={value}" for name, value in variant.godebug.items())
    return added


def command_line(settled: Settled, variant: Variant, binary: Path | None) -> tuple[str, ...]:
    """Returns the argv of one variant: the binary, its `arg.` flags, then the arguments behind `--`."""
    subject = settled.subject
    given = variant.get("binary")
    program = (
        str((settled.directory / given).resolve()) if given is not None else None if binary is None else str(binary)
    )
    rest = subject.arguments
    if program is None:
        program, rest = _resolved(rest[0]), rest[1:]
    if subject.kind == "workload":
        workload = catalog.get(subject.target)
        flags = catalog.arguments(workload, {**subject.parameters, **variant.arguments})
    else:
        flags = tuple(f"-{name}={value}" for name, value in variant.arguments.items())
    return (program, *_bench_flags(subject), *flags, *rest)


def _bench_flags(subject: Subject) -> tuple[str, ...]:
    if subject.kind != "bench":
        return ()
    flags = ["-test.run=^$", f"-test.bench={subject.parameters.get('run', '.')}", "-test.benchmem"]
    flags += [
        f"-test.{name}={subject.parameters[name]}" for name in ("count", "benchtime") if name in subject.parameters
    ]
    return tuple(flags)


def working_directory(settled: Settled) -> Path:
    """Returns where the measured process is started: as `go test` does in the package, else where the user is."""
    subject = settled.subject
    return (settled.directory / subject.target).resolve() if subject.kind == "bench" else settled.directory.resolve()


def _resolved(word: str) -> str:
    path = shutil.which(word)
    if path is None:
        raise BadInput(f"subject exec: the command {word!r} is not there. Check its path.")
    return str(Path(path).absolute())


def sha256_of(program: str) -> str | None:
    """Returns the digest of a program that is there, None for a word that is none."""
    path = Path(program)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def layout_varies(release: str | None) -> bool:
    return release is not None and versions.at_least(release, RANDLAYOUT_SINCE)
