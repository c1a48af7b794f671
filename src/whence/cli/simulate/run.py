"""`whence simulate run`: what a program would take under another release, GOGC, limit or CPU, without running it."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.cli.simulate import program as p


def command(
    words: list[str] = typer.Argument(
        None, metavar="[INPUT] [VARIANT]...", help="A file or workload:NAME; then variants, the first is the base."
    ),
    go: str | None = p.GO,
    variant: list[str] = typer.Option([], "--variant", help="One more variant; repeatable."),
    base: str | None = typer.Option(None, "--base", help="The base that one variant is held against."),
    metric: list[str] = typer.Option([], "--metric", help="Repeatable; the first is the primary one."),
    margin: list[str] = typer.Option([], "--margin", help="METRIC=N% that counts as equivalent."),
    mode: str = p.MODE,
    measured: list[str] = typer.Option(
        [], "--measured", help="Pass through what was measured, as 'GOGC=100 rss-peak=75MB cpu=0.57s'; repeatable."
    ),
    explain: bool = typer.Option(False, "--explain", help="Share the change out over the settings that differ."),
    alloc_rate: str | None = p.ALLOC_RATE,
    live: str | None = p.LIVE,
    objects: str | None = p.OBJECTS,
    start_peak: str | None = p.START_PEAK,
    kept: float = p.KEPT,
    duration: str | None = p.DURATION,
    cpu_share: float = p.CPU_SHARE,
    metrics_file: Path | None = p.METRICS,
    process: Path | None = p.PROCESS,
    good_part: bool = p.GOOD_PART,
    recorded_with: str | None = p.RECORDED_WITH,
    procs: int | None = p.PROCS,
    cpu: float | None = p.CPU,
    memory: str | None = p.MEMORY,
    run_delay: str | None = p.RUN_DELAY,
    allow_nearest: bool = p.ALLOW_NEAREST,
    replicas: int = p.REPLICAS,
    seed: int = p.SEED,
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Simulate a program under several settings and compare: memory, GC cycles, CPU, pauses, with intervals."""
    from whence.cli.output import Outputs, coloured, relative, terminal_width
    from whence.cli.profile.show import command_line
    from whence.evidence.gate import parse_margin
    from whence.explain.simulator.whatif.asking import Question, answer
    from whence.explain.simulator.whatif.calibrating import parse_point
    from whence.show.report import as_json
    from whence.show.report.simulate import run_html, run_markdown, run_terminal

    Outputs(json=json, html=html, markdown=markdown).check()
    asked, texts = p.split_words(words or [])
    given = p.Given(
        input=asked, go=go, alloc_rate=alloc_rate, live=live, objects=objects, start_peak=start_peak, kept=kept,
        duration=duration, cpu_share=cpu_share, metrics=metrics_file, process=process,
        good_part=good_part, procs=procs, cpu=cpu,
        memory=memory, run_delay=run_delay, allow_nearest=allow_nearest, recorded_with=recorded_with,
    )  # fmt: skip
    opened = p.open_program(given)
    comparison = answer(
        Question(
            program=opened, variants=(*texts, *variant), base=base, metrics=tuple(metric),
            margins=dict(parse_margin(text) for text in margin), explain=explain, replicas=replicas, seed=seed,
            mode=p.mode_of(mode), measured=tuple(parse_point(text) for text in measured), command=command_line(),
        ),
        announce=o.announcer(quiet),
    )  # fmt: skip
    report = html if html is not None or json == "-" else p.DEFAULT_FOLDER / "run.html"
    o.write(report, lambda: run_html.render(comparison))
    o.write(markdown, lambda: run_markdown.render(comparison))
    o.write(None if json == "-" else json, lambda: as_json.render(comparison) + "\n")
    if json == "-":
        typer.echo(as_json.render(comparison))
        return
    shown = None if report is None else relative(report)
    typer.echo(run_terminal.render(comparison, width=terminal_width(), color=coloured(), report_path=shown), nl=False)
