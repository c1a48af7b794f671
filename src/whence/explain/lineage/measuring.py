"""The front door: `measure_lineage`. Toolchains → builds → timed blocks → the wait for memory → the answer."""

from __future__ import annotations

import importlib.metadata
import os
import time
from collections.abc import Sequence
from pathlib import Path

from whence.evidence.comparison import HostReport
from whence.evidence.lineage import KnownChange, Lineage, MissingRelease
from whence.explain.lineage import wording
from whence.explain.lineage.asking import LineageRequest, gather
from whence.explain.lineage.blocks import run_blocks
from whence.explain.lineage.changes import CHANGES
from whence.explain.lineage.directory import LineageDirectory, StoredRequest
from whence.explain.lineage.giving_back import wait_for_memory
from whence.explain.lineage.metrics import METRICS, Part
from whence.explain.lineage.programs import Program, build
from whence.explain.lineage.summarising import (
    Predict,
    calibration_of,
    disturbed_runs,
    nothing_predicted,
    releases_of,
)
from whence.golang.build import Builder
from whence.golang.versions import parse_version
from whence.measure.compare import Listener, Silent
from whence.measure.lab.host import describe_host
from whence.store.folders import keep_out_of_git

DROPPED_MB = 200
Arguments = dict[Part, tuple[str, ...]]


def measure_lineage(
    request: LineageRequest,
    *,
    out: Path | None = None,
    listener: Listener | None = None,
    predict: Predict = nothing_predicted,
    arguments: Arguments | None = None,
    dropped_mb: int = DROPPED_MB,
    wait_s: float | None = None,
) -> tuple[Lineage, Path]:
    """Returns the answer and its directory; everything measured is in there as it happens.

    With a directory that holds a part of the same request, what is there is not measured again. Interrupted by the
    user, it returns what is known, marked interim. `arguments` (more for each part's program), `dropped_mb` and
    `wait_s` make it smaller. Raises WhenceError.
    """
    ear = listener or Silent()
    directory = LineageDirectory(out or default_directory(request))
    stored = directory.open(request)
    with directory:
        if out is None:
            keep_out_of_git(directory.path.parent)
        longest_wait = request.wait_s if wait_s is None else wait_s
        session = _Session(directory, stored, ear, longest_wait, dropped_mb)
        session.prepare()
        session.run(arguments or {})
        lineage = session.answer(predict)
        directory.write_lineage(lineage)
        return lineage, directory.path


def default_directory(request: LineageRequest) -> Path:
    """Returns a folder that the same command finds again."""
    name = "lineage-quick" if request.quick else "lineage"
    if request.releases:
        name += "-" + "-".join(request.releases)
    return Path("whence-runs") / name[:120]


class _Session:
    """One start of the command on a directory."""

    def __init__(
        self, directory: LineageDirectory, stored: StoredRequest, ear: Listener, wait_s: float, dropped_mb: int
    ) -> None:
        self.directory, self.stored, self.ear = directory, stored, ear
        self.wait_s, self.dropped_mb = wait_s, dropped_mb
        self.programs: tuple[Program, ...] = ()
        self.missing: tuple[MissingRelease, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.interim = False
        self.started_at = time.time()

    def prepare(self) -> None:
        """Finds or fetches every toolchain and builds with it. A directory keeps the releases it began with."""
        wanted = self.stored.versions
        found, self.missing, self.notes = gather(wanted, lambda text: self.ear.stage("network", text))
        if self.stored.toolchains:
            here = {toolchain.version: toolchain for toolchain in found}
            found = tuple(here[version] for version in self.stored.toolchains if version in here)
        for release in self.missing:
            self.ear.stage("left out", f"go{release.version} is not here, and there is no network to fetch it")
        self.ear.stage("toolchains", f"{len(found)} of {len(wanted)} releases are here")
        builder = Builder(announce=lambda text: self.ear.stage("build", text))
        programs: list[Program] = []
        for toolchain in found:
            programs.append(build(toolchain, builder))
        self.programs = tuple(programs)
        versions = tuple(program.version for program in programs)
        if versions != self.stored.toolchains:
            self.stored = self.directory.store(self.stored, toolchains=versions)

    def run(self, arguments: Arguments) -> None:
        """Measures what is missing. An interruption by the user makes the answer interim."""
        begun = time.monotonic()
        stored, request = self.stored, self.stored.request
        try:
            # The wait comes last and must fit as well.
            left = request.budget_s - stored.spent_s - self.wait_s - 30.0
            run_blocks(
                self.programs,
                self.directory.blocks,
                blocks=request.wanted_blocks,
                seed=stored.seed,
                left_s=left,
                on_event=self.ear.event,
                arguments=arguments,
            )
            wait_for_memory(
                self.programs,
                self.directory.waiting,
                wait_s=self.wait_s,
                tell=lambda text: self.ear.stage("memory", text),
                megabytes=self.dropped_mb,
            )
        except KeyboardInterrupt:
            self.interim = True
        finally:
            spent = stored.spent_s + time.monotonic() - begun
            self.stored = self.directory.store(self.stored, spent_s=spent)

    def answer(self, predict: Predict) -> Lineage:
        """Returns what the journals say so far."""
        stored, lines = self.stored, self.directory.blocks.read()
        releases = releases_of(
            [program.version for program in self.programs],
            lines,
            self.directory.waiting.read(),
            dropped_bytes=self.dropped_mb * 1e6,
            predict=predict,
        )
        runs = [reading.blocks for release in releases for reading in release.readings]
        blocks = max(runs, default=0)
        calibration = calibration_of(lines)
        disturbed, counted = disturbed_runs(lines), 2 * blocks * len(releases)
        odd = wording.oddities(
            releases,
            blocks=blocks,
            wanted_blocks=stored.request.wanted_blocks,
            quick=stored.request.quick,
            wait_s=self.wait_s,
            disturbed=disturbed,
            counted=counted,
            spread=calibration.get("spread", 0.0),
        )
        return Lineage(
            sentence=wording.sentence(releases),
            metrics=METRICS,
            releases=releases,
            missing=self.missing,
            changes=_changes_among([release.line for release in releases]),
            quick=stored.request.quick,
            blocks=blocks,
            wait=self.wait_s,
            seed=stored.seed,
            host=_host(calibration),
            disturbed_runs=disturbed,
            counted_runs=counted,
            interim=self.interim,
            notes=(*self.notes, *odd),
            command=stored.request.command(),
            started_at=self.started_at,
            seconds=stored.spent_s,
            whence_version=_own_version(),
        )


def _changes_among(lines: Sequence[str]) -> tuple[KnownChange, ...]:
    """Returns the known changes that lie between the oldest and the newest line measured, oldest first."""
    if not lines:
        return ()
    oldest, newest = parse_version(lines[0]), parse_version(lines[-1])
    between = [change for change in CHANGES if oldest < parse_version(change.since) <= newest]
    return tuple(sorted(between, key=lambda change: parse_version(change.since)))


def _host(calibration: dict[str, float]) -> HostReport:
    described = describe_host()
    return HostReport(
        cpus=len(os.sched_getaffinity(0)),
        calibration=calibration,
        name=described["name"],
        kernel=described["kernel"],
        cpu_model=described["cpu"],
    )


def _own_version() -> str:
    try:
        return importlib.metadata.version("whence")
    except importlib.metadata.PackageNotFoundError:
        return ""
