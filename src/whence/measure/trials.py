"""One subject under variants that are not known beforehand: what a search for a cause asks of the lab.

A comparison knows its variants when it starts. A search does not: what it measures next depends on what it found. So
it goes stage by stage. A stage is a list of rows (which variant runs in which block, with which link of its build);
it has a journal of its own, may be made longer, and what its journal holds is not run again. A search that is killed
and started anew with the same seed therefore asks the same questions, gets the stored answers, and goes on.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from whence.evidence.comparison import Plan
from whence.evidence.errors import WhenceError
from whence.evidence.metric import BUILT_IN, Metric, layout_sensitive
from whence.evidence.run import JournalLine, Run, used_runs
from whence.evidence.variant import Variant
from whence.golang import toggles, toolchains
from whence.golang.build import Builder, BuildError, Built
from whence.golang.versions import at_least
from whence.measure import metrics
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.executor import Execution
from whence.measure.lab.launch import Arm, Launch, RunOptions
from whence.measure.lab.plan import layout_seeds
from whence.measure.planning import MOST_REPEATS
from whence.measure.prepare import (
    RUNTIME_METRICS,
    command_line,
    environment,
    layout_varies,
    sha256_of,
    source_of,
    working_directory,
)
from whence.measure.runners import runner_of
from whence.measure.settle import Settled
from whence.store.inquiry_directory import InquiryDirectory

if TYPE_CHECKING:
    from whence.measure.compare import Listener

BESIDE = ("rss", "rss-peak", "rss-anon", "rss-file", "rss-lazyfree", "rss-hugepages", "rss-start", "cpu", "wall")
"""Read beside the metric that is asked about: they cost nothing and say what a remedy's price is."""
PILOT = "pilot"
BENCHMARK_LINES = ("Benchmark", "Unit ", "goos:", "goarch:", "pkg:", "cpu:", "PASS", "ok ")
LAYOUTS_DRAWN = 4096


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One run that is wanted. `layout` numbers the link of the variant's build, None is the linker's own order, as it
    ships; it matters for times only."""

    block: int
    variant: Variant
    layout: int | None = 0


class Trials:
    """Builds and runs what is asked for, in the directory of one explanation."""

    def __init__(self, settled: Settled, directory: InquiryDirectory, ear: Listener, *, seed: int) -> None:
        self.settled = settled
        self.directory = directory
        self.seed = seed
        self.metric_name = settled.request.metrics[0]
        self.source = source_of(settled)
        self.builder = Builder(announce=lambda text: ear.stage("builds", text), directory=settled.directory)
        self.notes: list[str] = []
        self.metric = Metric(name=self.metric_name, unit=self.metric_name)
        self.built: dict[str, Built] = {}
        """Every program of this search, by digest."""
        self._keys: set[str] = set()
        self._ear = ear
        self._printed: frozenset[str] = frozenset()
        self._hooked = False
        self._calibrator: Calibrator | None = None
        self._failures: dict[str, str | None] = {}
        self._seeds = layout_seeds(seed, LAYOUTS_DRAWN)
        self._stages: dict[str, list[JournalLine]] = {}

    @property
    def base(self) -> Variant:
        return self.settled.variants[0]

    @property
    def candidate(self) -> Variant:
        return self.settled.variants[1]

    def note(self, text: str) -> None:
        """Keeps something odd for the report."""
        if text not in self.notes:
            self.notes.append(text)

    def stage(self, name: str, text: str) -> None:
        """Tells people how far the work is."""
        self._ear.stage(name, text)

    def scratch(self, name: str) -> Path:
        """Returns a folder for files that builds are made from; it stays with the result."""
        return self.directory.scratch(name)

    # ---- builds

    def toolchain(self, variant: Variant) -> toolchains.Toolchain | None:
        """Returns the toolchain of a variant, fetched where missing; None where nothing is built."""
        if self.source is None or variant.get("binary") is not None:
            return None
        written = variant.get("go") or "local"
        wanted = written if "/" in written else toolchains.resolve(written)
        return toolchains.ensure(wanted, announce=lambda text: self._ear.stage("toolchains", text))

    def refusal(self, variant: Variant) -> str | None:
        """Returns why a variant can be seen not to build, in one line; None when nothing speaks against it."""
        try:
            toolchain = self.toolchain(variant)
            if toolchain is not None and self.source is not None:
                toggles.check_variant(variant, toolchain)
                self.builder.check(variant, self.source, toolchain)
        except WhenceError as error:
            return " ".join(str(error).split())
        return None

    def failure(self, variant: Variant) -> str | None:
        """Builds a variant and returns why it does not build, in one line; None when it does."""
        key = msgspec.json.encode(sorted((s.key, s.value) for s in variant.settings)).decode()
        if key not in self._failures:
            self._failures[key] = self.refusal(variant)
            if self._failures[key] is None and self.source is not None:
                try:
                    self.build(variant)
                except WhenceError as error:
                    self._failures[key] = " ".join(str(error).split())
        return self._failures[key]

    def build(self, variant: Variant, *, layout: int | None = 0) -> Built:
        """Returns the executable, from the cache when the same was built before. Raises BuildError or BadInput."""
        toolchain = self.toolchain(variant)
        if toolchain is None or self.source is None:
            raise BuildError(f"variant {variant.name} is not built from sources.")
        seed = self._seeds[layout] if layout is not None and self.layout_can_vary(variant) else None
        built = self.builder.build(
            variant, self.source, toolchain, layout_seed=seed, runtime_metrics=self._hook_metrics()
        )
        self.built.setdefault(built.sha256, built)
        self._keys.add(self.builder.key(variant, self.source, toolchain))
        return built

    def decisions(self, variant: Variant) -> str:
        """Returns what the compiler says of its decisions about this variant (`-m`). Raises BuildError or BadInput."""
        toolchain = self.toolchain(variant)
        if toolchain is None or self.source is None:
            return ""
        return self.builder.decisions(variant, self.source, toolchain)

    def layout_can_vary(self, variant: Variant) -> bool:
        """Whether code layout can move the metric, and this variant can be linked in random layouts."""
        if not self.layout_matters or self.source is None or variant.get("binary") is not None:
            return False
        if "randlayout" in (variant.get("ldflags") or ""):
            return False
        toolchain = self.toolchain(variant)
        return toolchain is not None and layout_varies(toolchain.version)

    @property
    def layout_matters(self) -> bool:
        """Whether the metric is a time, which code layout alone moves."""
        return layout_sensitive(self.metric)

    def _hook_metrics(self) -> bool:
        asked = self.metric_name in RUNTIME_METRICS or self._hooked
        return asked and self.settled.subject.kind in {"package", "service"}

    # ---- runs

    def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]:
        """Returns one run a row, in the order of `rows`; only what the stage's journal lacks is run.

        Within a block the rows run in the order given, one after another. More rows than in an earlier call go on
        where that one ended. Raises BuildError for a variant that does not build.
        """
        names = _arm_names(rows)
        blocks = 1 + max(row.block for row in rows)
        plan = self._plan(rows, names, blocks)
        journal = self.directory.journal(stage)
        lines = journal.read()
        stored = _by_arm(lines)
        if any((row.block, name) not in stored for row, name in zip(rows, names, strict=True)):
            arms = self._arms(rows, names, blocks)
            execution = Execution(
                plan,
                [arms[name] for name in plan.variants],
                runner_of(self.settled.subject),
                self._options(),
                journal,
                on_event=self._ear.event,
                calibrator=self._calibrated(),
            )
            execution.run_until(blocks)
            lines = journal.read()
            stored = _by_arm(lines)
        self._stages[stage] = list(lines)
        return tuple(stored[row.block, name] for row, name in zip(rows, names, strict=True))

    def pilot(self) -> tuple[Run, Run]:
        """Runs base and candidate once, not to be counted, and learns what can be read of them.

        Raises BadInput when a variant that ran well does not give the metric.
        """
        runs = self.run(PILOT, [Row(block=0, variant=self.base), Row(block=0, variant=self.candidate)])
        for run in runs:
            if run.ok:
                there = metrics.found([run])
                chosen = metrics.choose([self.metric_name], there, service=self.settled.subject.load is not None)
                self.metric = chosen[0]
                self.metric_name = self.metric.name
                self._printed |= frozenset(s.metric for s in run.samples if s.benchmark is not None) & RUNTIME_METRICS
        return runs[0], runs[1]

    def value(self, run: Run, metric: str | None = None) -> float:
        """Returns a metric of a run, by default the one asked about; NaN when it is missing or the run failed."""
        if not run.ok:
            return math.nan
        naming = metrics.Naming([run])
        wanted = metric or self.metric_name
        unit = wanted.rpartition(":")[2]
        values = [s.value for s in run.samples if naming.name(s) == wanted]
        return values[0] if values else next((s.value for s in run.samples if s.metric == unit == wanted), math.nan)

    def pairs(self, stage: str, base: Variant, variant: Variant, count: int) -> tuple[float, ...] | None:
        """Returns at least `count` ln(variant ÷ base) of the metric, a block each; None when it cannot be had."""
        if self.failure(variant) is not None:
            return None
        base, variant = renamed(base, "base"), renamed(variant, "state")
        rows: list[Row] = []
        for block in range(count):
            both = [base, variant]
            if Random(f"{self.seed} {stage} {block}").random() < 0.5:
                both.reverse()
            rows += [Row(block=block, variant=v, layout=block) for v in both]
        runs = self.run(stage, rows)
        values = {(row.block, row.variant.name): self.value(run) for row, run in zip(rows, runs, strict=True)}
        if any(not values[block, "state"] > 0 for block in range(count)):
            return None
        usable = [b for b in range(count) if values[b, "base"] > 0]
        if len(usable) < count:
            return None
        return tuple(math.log(values[b, "state"] / values[b, "base"]) for b in usable)

    def output(self, variant: Variant) -> str | None:
        """Runs a program once, outside of all stages, and returns what it prints except benchmark lines; None when it
        fails, or is a server, which prints nothing of itself."""
        if self.settled.subject.load is not None:
            return None
        launch = self._launch(Row(block=0, variant=variant))
        try:
            done = subprocess.run(
                launch.argv,
                cwd=launch.cwd,
                env={**os.environ, **launch.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.settled.request.timeout_s,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        lines = done.stdout.decode(errors="replace").splitlines()
        told = [line for line in lines if not line.startswith(BENCHMARK_LINES)]
        return None if done.returncode != 0 else "\n".join(told)

    def go_view(self, blocks: int) -> tuple[tuple[Run, ...], tuple[Run, ...]] | None:
        """Runs base and candidate again with a hook that reads Go's own memory metrics as they exit; None where the
        program prints them itself, or the hook cannot be had (ready programs, Go before 1.20)."""
        kits = [self.toolchain(v) for v in (self.base, self.candidate)]
        old = any(kit is None or not at_least(kit.version, "1.20") for kit in kits)
        if self._printed or old or self.settled.subject.kind not in {"package", "service"}:
            return None
        self._hooked = True
        try:
            rows = [Row(block=b, variant=v) for b in range(blocks) for v in (self.base, self.candidate)]
            runs = self.run("go-memory", rows)
        except BuildError as error:
            self.note(f"Go's own metrics could not be read: {' '.join(str(error).split())}")
            return None
        finally:
            self._hooked = False
        return runs[0::2], runs[1::2]

    def medians(self, stage: str) -> tuple[float, float]:
        """Returns the median of the metric of base and state in a stage of pairs; NaN where nothing ran."""
        runs = used_runs(list(self.directory.journal(stage).read()))
        sides = [[self.value(run) for run in runs if run.variant == name] for name in ("base", "state")]
        found = [[v for v in side if not math.isnan(v)] for side in sides]
        base, state = (statistics.median(side) if side else math.nan for side in found)
        return base, state

    # ---- what it took

    def spent(self) -> tuple[tuple[str, int, float], ...]:
        """Returns (stage, counted runs, seconds of them), in the order in which stages were done."""
        table: list[tuple[str, int, float]] = []
        for stage, lines in self._stages.items():
            runs = [line for line in lines if isinstance(line, Run)]
            table.append((stage, len(runs), sum(r.seconds for r in runs)))
        return tuple(table)

    @property
    def builds(self) -> int:
        """Different programs that were compiled, layouts of one counted once."""
        return len(self._keys)

    def lines(self) -> dict[str, tuple[JournalLine, ...]]:
        """Returns what the journals of the stages of this session hold."""
        return {stage: tuple(lines) for stage, lines in self._stages.items()}

    def _plan(self, rows: Sequence[Row], names: Sequence[str], blocks: int) -> Plan:
        arms = tuple(dict.fromkeys(names))
        index = {name: i for i, name in enumerate(arms)}
        order: list[list[int]] = [[] for _ in range(blocks)]
        for row, name in zip(rows, names, strict=True):
            order[row.block].append(index[name])
        return Plan(
            seed=self.seed,
            variants=arms,
            pairs=blocks,
            order=tuple(tuple(block) for block in order),
            metrics=(self.metric_name,),
            warmup=0,
            timeout_s=self.settled.request.timeout_s,
            affinity=_cpus(),
            max_repeats=MOST_REPEATS if self.layout_matters else 0,
        )

    def _arms(self, rows: Sequence[Row], names: Sequence[str], blocks: int) -> dict[str, Arm]:
        """Returns the arms with one launch a block; links are made two at a time."""
        self._link(rows)
        launches: dict[str, dict[int, Launch]] = {}
        for row, name in zip(rows, names, strict=True):
            launches.setdefault(name, {})[row.block] = self._launch(row)
        arms: dict[str, Arm] = {}
        for name, by_block in launches.items():
            any_of_them = next(iter(by_block.values()))
            arms[name] = Arm(variant=name, launches=tuple(by_block.get(b, any_of_them) for b in range(blocks)))
        return arms

    def _link(self, rows: Sequence[Row]) -> None:
        wanted: dict[str, tuple[Variant, dict[int, None]]] = {}
        for row in rows:
            if row.layout is not None and self.layout_can_vary(row.variant):
                wanted.setdefault(row.variant.name, (row.variant, {}))[1][row.layout] = None
        for number, (variant, layouts) in enumerate(wanted.values(), start=1):
            toolchain = self.toolchain(variant)
            assert toolchain is not None and self.source is not None
            self._ear.stage("links", f"{number} of {len(wanted)}")
            self.builder.link_layouts(
                variant,
                self.source,
                toolchain,
                [self._seeds[layout] for layout in layouts],
                runtime_metrics=self._hook_metrics(),
            )

    def _launch(self, row: Row) -> Launch:
        variant = row.variant
        built = None
        if self.source is not None and variant.get("binary") is None:
            built = self.build(variant, layout=row.layout)
        words = command_line(self.settled, variant, built.path if built else None)
        return Launch(
            argv=words,
            environment=environment(self.settled.subject, variant),
            cwd=working_directory(self.settled),
            layout_seed=built.layout_seed if built else None,
            binary_sha256=built.sha256 if built else sha256_of(words[0]),
            cpu_limit=variant.cpu_limit,
            memory_limit_bytes=variant.memory_limit_bytes,
            load=self.settled.subject.load,
        )

    def _options(self) -> RunOptions:
        request = self.settled.request
        hooked = RUNTIME_METRICS if self._hooked else ()
        return RunOptions(
            timeout_s=request.timeout_s,
            metrics=(frozenset({self.metric_name, *BESIDE, *hooked}) & frozenset(BUILT_IN)) - self._printed,
            exit_stop=not self.layout_matters,
            prepare=request.prepare,
            affinity=_cpus(),
        )

    def _calibrated(self) -> Calibrator:
        if self._calibrator is None:
            self._calibrator = Calibrator(_cpus())
        return self._calibrator


def renamed(variant: Variant, name: str) -> Variant:
    return msgspec.structs.replace(variant, name=name, named=True)


def _arm_names(rows: Sequence[Row]) -> list[str]:
    """Returns a name a row that is unique within its block: the variant's, numbered where it repeats."""
    seen: dict[tuple[int, str], int] = {}
    names: list[str] = []
    for row in rows:
        key = (row.block, row.variant.name)
        seen[key] = seen.get(key, 0) + 1
        names.append(row.variant.name if seen[key] == 1 else f"{row.variant.name}#{seen[key]}")
    return names


def _by_arm(lines: Sequence[JournalLine]) -> dict[tuple[int, str], Run]:
    return {(run.block, run.variant): run for run in used_runs(list(lines))}


def _cpus() -> tuple[int, ...]:
    return tuple(sorted(os.sched_getaffinity(0)))
