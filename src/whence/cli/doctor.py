"""`whence doctor`: what this host can and cannot measure, its noise, and what to change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from whence.measure.lab.doctor import DoctorReport

BUDGET_S = 600.0
MARKS = {"yes": "yes   ", "partly": "partly", "no": "no    "}


def command(
    quick: bool = typer.Option(False, "--quick", help="Look only; do not measure the noise (about 20 s)."),
    pairs: int = typer.Option(15, "--pairs", min=6, help="Pairs of runs to estimate the noise from."),
    json: str | None = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Say what this host can measure, how noisy it is, the smallest effects it sees, and what to change."""
    from pathlib import Path

    import msgspec

    from whence.cli.output import Outputs
    from whence.measure.lab.doctor import examine

    Outputs(json=json).check()

    def announce(text: str) -> None:
        if not quiet:
            sys.stderr.write(f"{'doctor':<12} {text}\n")
            sys.stderr.flush()

    report = examine(quick=quick, pairs=pairs, announce=announce)
    document = msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"
    if json == "-":
        sys.stdout.write(document)
        return
    if json is not None:
        Path(json).write_text(document, encoding="utf-8")
    sys.stdout.write(render(report))


def render(report: DoctorReport) -> str:
    """Returns the report as text: first what can be seen, then the table, then what to change."""
    host = report.host
    memory = int(host["memory_bytes"]) / 2**30
    lines = [f"{host['name']}: {host['cpus']} CPUs ({host['cpu']}), {memory:.1f} GiB, Linux {host['kernel']}", ""]
    lines += _noise(report)
    width = max(len(c.name) for c in report.capabilities)
    lines += [f"  {MARKS[c.state]}  {c.name:<{width}}  {c.detail}" for c in report.capabilities]
    remedies = [c for c in report.capabilities if c.remedy]
    if remedies:
        lines += ["", "What to change"]
        lines += [f"  {c.name:<{width}}  {c.remedy}" for c in remedies]
    if report.warnings:
        lines += ["", "While measuring"] + [f"  {text}" for text in report.warnings]
    return "\n".join(lines) + "\n"


def _noise(report: DoctorReport) -> list[str]:
    if not report.noise:
        return []
    by_name = {noise.metric: noise for noise in report.noise}
    head = [f"{share(by_name[m].smallest['10'])} in {m}" for m in ("rss", "cpu", "wall") if m in by_name]
    lines = [f"With 10 pairs this host sees {', '.join(head)}.", *_in_ten_minutes(report), ""]
    width = max(len("metric"), *(len(noise.metric) for noise in report.noise))
    lines.append(f"  {'metric':<{width}}  {'noise (sd)':>10}  {'10 pairs':>9}  {'20 pairs':>9}  {'40 pairs':>9}")
    for noise in report.noise:
        cells = "  ".join(f"{share(noise.smallest[n]):>9}" for n in ("10", "20", "40"))
        lines.append(f"  {noise.metric:<{width}}  {share(noise.sd):>10}  {cells}")
    lines.append(
        f"  Smallest effect that is seen about three times in four, from {report.noise[0].pairs} pairs "
        f"of {report.yardstick}; a program with noise of its own needs more."
    )
    return [*lines, *_exit_stop(report), ""]


def _exit_stop(report: DoctorReport) -> list[str]:
    from whence.measure.lab.doctor import exit_stop_shows

    costs, effect = exit_stop_shows(report), report.exit_stop
    if costs is None:
        return []
    number = f"{effect['cpu-ratio']:.3f} [{effect['cpu-low']:.3f}, {effect['cpu-high']:.3f}]"
    what = "it shows, so read times without it" if costs else "not beyond the noise"
    return [f"  Reading memory at the exit changes the CPU time by a factor of {number}: {what}."]


def _in_ten_minutes(report: DoctorReport) -> list[str]:
    from whence.measure.lab.doctor import seen_in

    seen = seen_in(report, "cpu", BUDGET_S)
    if seen is None:
        return []
    pairs, smallest = seen
    if smallest <= 0.01:
        return [f"A change of 1 % in cpu is seen in a budget of 10 minutes ({pairs} pairs see {share(smallest)})."]
    return [
        f"This host cannot see 1 % in cpu in 10 minutes: {pairs} pairs see {share(smallest)}. "
        "Use a longer --budget, or see below what to change."
    ]


def share(value: float) -> str:
    """Returns a fraction as percent with two significant digits, never less than 0.01 %."""
    percent = 100 * value
    if percent == 0:
        return "0 %"
    if percent < 0.01:
        return "<0.01 %"
    return f"{percent:.2f} %" if percent < 1 else f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"
