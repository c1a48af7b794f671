"""From texts to an experiment that could be run: every refusal that needs no process happens here."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.gate import Gate, parse_gate, parse_margin
from whence.evidence.metric import BUILT_IN
from whence.evidence.request import Request
from whence.evidence.subject import Load, Subject, parse_subject
from whence.evidence.units import parse_seconds
from whence.evidence.variant import Variant, parse_variant
from whence.golang import toggles, toolchains
from whence.measure.executing import clusters
from whence.measure.judge import limit_of
from whence.measure.lab import limits
from whence.measure.workloads import catalog

AA_NAME = "A/A"
REQUESTS_NEEDED = {"p50-ns": 2, "p99-ns": 100, "p999-ns": 1000}
"""Below one request in the tail a percentile has no value."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose texts are understood and whose Go releases are resolved; nothing was fetched or built."""

    request: Request
    variants: tuple[Variant, ...]
    releases: tuple[str | None, ...]
    """What `toolchains.ensure` takes for each variant; None where nothing is built."""
    subject: Subject
    gates: tuple[Gate, ...]
    margins: dict[str, float]
    budget_s: float | None = None

    @property
    def directory(self) -> Path:
        return Path(self.request.directory or ".")

    @property
    def aa_variant(self) -> str | None:
        return AA_NAME if self.request.aa else None


def settle(request: Request) -> Settled:
    """Returns the experiment that `request` asks for. Raises BadInput or UnusableEnvironment with one line."""
    variants = tuple(parse_variant(text) for text in request.variants)
    subject = _subject(request, variants)
    gates = tuple(parse_gate(text) for text in request.gates)
    for gate in gates:
        if gate.metric in BUILT_IN:
            limit_of(gate, BUILT_IN[gate.metric])
    margins = dict(parse_margin(text) for text in request.margins)
    if request.pairs is not None and request.budget is not None:
        raise BadInput("--pairs and --budget exclude each other. Give one of the two.")
    budget_s = None if request.budget is None else parse_seconds(request.budget)
    _check_cluster(request)
    _check_subject(subject, variants, Path(request.directory or "."))
    _check_load(subject, [*request.metrics, *(gate.metric for gate in gates)])
    releases = tuple(_release(v, subject) for v in variants)
    _check_distinct(variants, releases)
    for variant, release in zip(variants, releases, strict=True):
        _check_switches(variant, release)
        limits.check(variant.cpu_limit, variant.memory_limit_bytes)
    if request.aa:
        base = msgspec.structs.replace(variants[0], name=AA_NAME, named=True)
        variants, releases = (*variants, base), (*releases, releases[0])
    return Settled(
        request=request,
        variants=variants,
        releases=releases,
        subject=subject,
        gates=gates,
        margins=margins,
        budget_s=budget_s,
    )


def _subject(request: Request, variants: Sequence[Variant]) -> Subject:
    load = _load(request)
    subject = parse_subject(request.subject, request.arguments, load=load)
    if subject.kind == "workload":
        workload = catalog.get(subject.target)
        for variant in variants:
            catalog.arguments(workload, {**subject.parameters, **variant.arguments})
        if workload.service is not None:
            return msgspec.structs.replace(subject, load=_load(request, workload.service))
    if load is not None and subject.kind == "bench":
        raise BadInput("a benchmark is no server: --service, --load, --rate, --for, --get and --ready do not apply.")
    return subject


def _load(request: Request, default: Load | None = None) -> Load | None:
    asked = (request.load_command, request.rate_per_second, request.load_seconds, request.path, request.ready_url)
    is_service = request.service or request.subject.startswith("service:") or any(a is not None for a in asked)
    if not is_service and default is None:
        return None
    if request.load_command is not None and any(a is not None for a in asked[1:4]):
        raise BadInput(
            "--load brings its own load; --rate, --for and --get are for the built-in client. Drop one side."
        )
    if request.path is not None and not request.path.startswith("/"):
        raise BadInput(f"--get {request.path}: a path starts with a slash. Write --get /{request.path}.")
    base = default or Load()
    return Load(
        command=request.load_command or base.command,
        rate_per_second=request.rate_per_second or base.rate_per_second,
        seconds=request.load_seconds or base.seconds,
        path=request.path or base.path,
        ready_url=request.ready_url or base.ready_url,
    )


def _check_load(subject: Subject, wanted: Sequence[str]) -> None:
    """Raises BadInput for a percentile of which the built-in client's requests would hold no value."""
    if subject.load is None or subject.load.command is not None:
        return
    requests = int(subject.load.rate_per_second * subject.load.seconds)
    for name in wanted:
        needed = REQUESTS_NEEDED.get(name, 1)
        if requests < needed:
            raise BadInput(
                f"{name} takes {needed:,} requests, and {subject.load.rate_per_second:g} a second for "
                f"{subject.load.seconds:g} s are {requests:,}. Use a longer --for or a higher --rate."
            )


def _check_cluster(request: Request) -> None:
    if request.cluster is None:
        if request.address is not None:
            raise BadInput(f"--address {request.address} names a cluster. Give --cluster ray with it.")
        return
    clusters.check(request.cluster)
    if request.keep_profiles:
        raise BadInput("--keep-profiles leaves its files on the hosts of a cluster. Drop it, or --cluster.")


def builds_something(subject: Subject) -> bool:
    return subject.kind != "exec"


def _check_subject(subject: Subject, variants: Sequence[Variant], directory: Path) -> None:
    binaries = [v.get("binary") for v in variants]
    for variant, binary in zip(variants, binaries, strict=True):
        if binary is not None and not _runnable(directory / binary):
            raise BadInput(f"variant {variant.name}: binary={binary} is not there or not executable. Check the path.")
    if subject.kind == "exec":
        _check_command(subject, variants, binaries)
    elif subject.kind in {"package", "service", "bench"} and not all(binaries):
        where = directory / subject.target
        if not where.is_dir():
            raise BadInput(
                f"subject {subject.text}: there is no directory {subject.target}. "
                "Give a directory of a Go package, workload:NAME, bench:./pkg, exec: or service:./dir."
            )
        if not any(where.glob("*.go")):
            raise BadInput(
                f"subject {subject.text}: no Go files in {subject.target}. Give the directory of the package."
            )


def _check_command(subject: Subject, variants: Sequence[Variant], binaries: Sequence[str | None]) -> None:
    if any(binaries) and not all(binaries):
        missing = next(v.name for v, b in zip(variants, binaries, strict=True) if b is None)
        raise BadInput(f"subject exec: needs binary= in every variant or in none; {missing} has none. Add it.")
    if not any(binaries):
        if not subject.arguments:
            raise BadInput("subject exec: needs a command behind --, or binary=PATH in every variant.")
        if shutil.which(subject.arguments[0]) is None:
            raise BadInput(f"subject exec: the command {subject.arguments[0]!r} is not there. Check its path.")
    for variant in variants:
        built = [s.key for s in variant.settings if not _applies_to_exec(s.key)]
        if built:
            raise BadInput(f"variant {variant.name}: {built[0]}= needs a build, and exec: builds nothing. Drop it.")


def _applies_to_exec(key: str) -> bool:
    return key in {"binary", "cpu", "memory"} or key.startswith(("arg.", "debug.")) or key[:1].isupper()


def _runnable(path: Path) -> bool:
    import os

    return path.is_file() and os.access(path, os.X_OK)


def _release(variant: Variant, subject: Subject) -> str | None:
    if variant.get("binary") is not None or not builds_something(subject):
        return None
    return toolchains.resolve(variant.get("go") or "local")


def _check_switches(variant: Variant, release: str | None) -> None:
    if release is None:
        return
    experiment = variant.get("experiment")
    if experiment:
        toggles.check_experiment(experiment, release)
    for name, value in variant.godebug.items():
        toggles.check_godebug(name, value, release)
    gcflags = variant.get("gcflags")
    if gcflags:
        toggles.check_gcflags(gcflags, release)


def _check_distinct(variants: Sequence[Variant], releases: Sequence[str | None]) -> None:
    names: dict[str, Variant] = {}
    seen: dict[tuple[object, ...], Variant] = {}
    for variant, release in zip(variants, releases, strict=True):
        other = seen.setdefault(effective_settings(variant, release), variant)
        if other is not variant and not (other.named and variant.named):
            raise BadInput(
                f"variants {other.spec!r} and {variant.spec!r} are the same. "
                "Change one, or name both for an A/A comparison, as in a:… b:…"
            )
        if variant.name in names or variant.name == AA_NAME:
            settings = variant.spec.removeprefix(f"{variant.name}:") if variant.named else variant.spec
            raise BadInput(f"two variants are named {variant.name!r}. Give one another name, as in other:{settings}.")
        names[variant.name] = variant


def effective_settings(variant: Variant, release: str | None) -> tuple[object, ...]:
    """Returns what a variant comes down to, so that two spellings of one thing compare equal. A GOROOT given by its
    path may hold anything, so its place counts."""
    rest = sorted(
        (s.key, "+".join(sorted(s.value.split("+"))) if s.key == "experiment" else s.value)
        for s in variant.settings
        if s.key != "go"
    )
    written = variant.get("go") or ""
    return (str(Path(written).absolute()) if "/" in written else release, *rest)
