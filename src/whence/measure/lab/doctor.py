"""The doctor: what this host can and cannot measure, told before anybody spends an hour on it.

Two parts. Capabilities are looked up or tried (`host.py`). Noise is measured: a yardstick program is compared with
itself in the blocks that a comparison would use, and for each metric the standard deviation of the paired log ratios
says how small an effect so many pairs can see: 2.8·sd/√pairs, 80 % power at 5 % (`stats/power.py`). The yardstick does
0.2 s of arithmetic and a little allocation; a program with its own noise (a heap that is collected when it likes, a
cold cache) needs more pairs than the yardstick, never fewer.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from whence.evidence.errors import BadInput, WhenceError
from whence.evidence.run import JournalLine, Run, used_runs
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.executor import execute
from whence.measure.lab.host import Capability, describe_host, examine_host
from whence.measure.lab.host_shift import host_warnings
from whence.measure.lab.launch import Arm, Launch, Runner, RunOptions
from whence.measure.lab.plan import make_plan
from whence.measure.lab.probe_effect import probe_effect, shows
from whence.stats.power import detectable
from whence.store.journal import Journal

__all__ = ["DoctorReport", "Noise", "can_see", "examine", "host_warnings", "noise_of", "yardstick"]

PAIRS_SHOWN = (10, 20, 40)
NOISE_PAIRS = 15
PROBE_PAIRS = 12
METRICS = ("rss", "rss-peak", "cpu", "wall")
YARDSTICK_DIRECTORY = Path(__file__).parent / "yardstick"
_PYTHON_YARDSTICK = "import hashlib; kept = bytearray(64 << 20); hashlib.pbkdf2_hmac('sha256', b'', b'', 600000)"


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """How much one metric of the yardstick differs between two runs beside each other, with nothing changed."""

    metric: str
    unit: str
    sd: float
    """Standard deviation of the paired log ratios; 0.03 is 3 %."""
    pairs: int
    """Pairs it was estimated from."""
    smallest: dict[str, float]
    """Smallest effect seen, as a fraction, by number of pairs ("10", "20", "40")."""


class DoctorReport(msgspec.Struct, frozen=True, kw_only=True):
    """`whence.doctor/1`."""

    schema: str = "whence.doctor/1"
    host: dict[str, str]
    capabilities: tuple[Capability, ...]
    noise: tuple[Noise, ...] = ()
    """Empty with `--quick`."""
    yardstick: str = ""
    seconds_per_pair: float | None = None
    repeated_blocks: int = 0
    exit_stop: dict[str, float] = {}
    """CPU and wall time with the exit stop ÷ without it (`probe_effect`), when the lab's own runner was used."""
    warnings: tuple[str, ...] = ()


def examine(
    *,
    quick: bool = False,
    pairs: int = NOISE_PAIRS,
    launch: Launch | None = None,
    runner: Runner | None = None,
    calibrator: Calibrator | None = None,
    announce: Callable[[str], None] = lambda text: None,
) -> DoctorReport:
    """Returns what this host can measure; `quick` leaves out the noise (about 20 s for 15 pairs).

    `launch` replaces the yardstick, `runner` and `calibrator` the lab's own. Raises BadInput when `pairs` is below 6.
    """
    if pairs < 6:
        raise BadInput(f"noise cannot be estimated from {pairs} pairs. Use 6 or more.")
    announce("looking at the host")
    capabilities = examine_host()
    if quick:
        return DoctorReport(host=describe_host(), capabilities=capabilities)
    name = "the given command"
    if launch is None:
        announce("building the yardstick")
        name, launch = yardstick()
    announce(f"running {name} {2 * (pairs + 1)} times")
    lines = _measure(launch, pairs, runner, calibrator)
    runs = used_runs(lines)
    effect: dict[str, float] = {}
    if runner is None:
        announce("comparing runs with and without the stop at exit")
        effect = probe_effect(launch, RunOptions(timeout_s=60.0), min(pairs, PROBE_PAIRS))
    return DoctorReport(
        host=describe_host(),
        capabilities=capabilities,
        noise=noise_of(runs),
        yardstick=name,
        seconds_per_pair=2 * (statistics.fmean(run.seconds for run in runs) + 0.03),
        repeated_blocks=sum(getattr(line, "status", "") == "repeat" for line in lines),
        exit_stop=effect,
        warnings=host_warnings(lines),
    )


def noise_of(runs: Sequence[Run]) -> tuple[Noise, ...]:
    """Returns the noise of every metric that both variants of an A/A comparison have in six blocks or more. Pure."""
    values: dict[tuple[str, str], dict[int, list[float]]] = {}
    for run in sorted(runs, key=lambda r: (r.block, r.variant)):
        for sample in run.samples if run.ok else ():
            if sample.value > 0:
                values.setdefault((sample.metric, sample.unit), {}).setdefault(run.block, []).append(sample.value)
    found: list[Noise] = []
    for (metric, unit), blocks in values.items():
        ratios = [math.log(both[1] / both[0]) for both in blocks.values() if len(both) == 2]
        if len(ratios) < 6:
            continue
        spread = math.sqrt(statistics.fmean(ratio * ratio for ratio in ratios))  # the true mean is 0: same program
        found.append(
            Noise(
                metric=metric,
                unit=unit,
                sd=spread,
                pairs=len(ratios),
                smallest={str(n): detectable(spread, n) or 0.0 for n in PAIRS_SHOWN},
            )
        )
    return tuple(found)


def can_see(report: DoctorReport, metric: str, pairs: int) -> float | None:
    """Returns the smallest effect on `metric` that `pairs` pairs see here, as a fraction; None when it was not read."""
    noise = next((n for n in report.noise if n.metric == metric), None)
    return None if noise is None else detectable(noise.sd, pairs)


def seen_in(report: DoctorReport, metric: str, budget_s: float) -> tuple[int, float] | None:
    """Returns (pairs, smallest effect) of the yardstick within a budget; None when the noise was not measured."""
    if report.seconds_per_pair is None:
        return None
    pairs = max(1, int(0.9 * budget_s / report.seconds_per_pair))
    smallest = can_see(report, metric, pairs)
    return None if smallest is None else (pairs, smallest)


def exit_stop_shows(report: DoctorReport) -> bool | None:
    """True when reading memory at the exit stop costs CPU here; None when that was not measured."""
    return shows(report.exit_stop) if report.exit_stop else None


def yardstick() -> tuple[str, Launch]:
    """Returns the program to run and its name: the Go yardstick where there is a Go to build it, else Python."""
    try:
        return "the Go yardstick", Launch(argv=(str(_build()),))
    except (WhenceError, OSError):
        return "a Python yardstick (no Go found)", Launch(argv=(sys.executable, "-I", "-S", "-c", _PYTHON_YARDSTICK))


def _build() -> Path:
    from whence.evidence.variant import Variant
    from whence.golang import toolchains
    from whence.golang.build import Builder, Source

    source = Source(kind="main", directory=YARDSTICK_DIRECTORY)
    return Builder().build(Variant(name="yardstick", spec=""), source, toolchains.bootstrap()).path


def _measure(launch: Launch, pairs: int, runner: Runner | None, calibrator: Calibrator | None) -> list[JournalLine]:
    from whence.measure.lab.process import run_process

    plan = make_plan(variants=("A", "A again"), pairs=pairs, seed=1, metrics=METRICS)
    arms = [Arm(variant=name, launches=(launch,)) for name in plan.variants]
    options = RunOptions(timeout_s=60.0, metrics=frozenset(METRICS))
    with tempfile.TemporaryDirectory(prefix="whence-doctor-") as folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        try:
            execute(plan, arms, runner or run_process, options, journal, calibrator=calibrator)
            return journal.read()
        finally:
            journal.close()
