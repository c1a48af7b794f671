"""`whence simulate recommend`: request, limit, GOMEMLIMIT and GOGC chosen together, and what other choices cost."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.cli.simulate import program as p


def command(
    source: str | None = typer.Argument(None, metavar="[INPUT]", help="A file or workload:NAME, or numbers below."),
    go: str | None = p.GO,
    limit: str | None = typer.Option(None, "--limit", help="The container's memory limit that must do."),
    cpu: float | None = p.CPU,
    core_costs: float = typer.Option(6.0, "--core-costs", help="GiB of memory that one core costs as much as."),
    risk: float = typer.Option(0.01, "--risk", help="Chance that the limit is exceeded."),
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
    run_delay: str | None = p.RUN_DELAY,
    allow_nearest: bool = p.ALLOW_NEAREST,
    replicas: int = typer.Option(16, "--replicas", help="Draws of what is uncertain."),
    seed: int = p.SEED,
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Recommend request, limit, GOMEMLIMIT and GOGC jointly, with the regret of every other choice."""
    from whence.cli.output import Outputs, coloured, relative, terminal_width
    from whence.cli.profile.show import command_line
    from whence.evidence.units import parse_bytes
    from whence.evidence.variant import parse_variant
    from whence.explain.simulator.whatif.recommending import Wish, recommend
    from whence.explain.simulator.whatif.variants import of_variant
    from whence.show.report.simulate import recommend_html, recommend_markdown, recommend_terminal

    Outputs(json=json, html=html, markdown=markdown).check()
    opened = p.open_program(
        p.Given(
            input=source, go=go, alloc_rate=alloc_rate, live=live, objects=objects, start_peak=start_peak, kept=kept,
            duration=duration, cpu_share=cpu_share, metrics=metrics_file, process=process,
            good_part=good_part, procs=procs, cpu=cpu,
            run_delay=run_delay, allow_nearest=allow_nearest, recorded_with=recorded_with,
        )
    )  # fmt: skip
    wish = Wish(
        program=opened.programs.workload({}), around=of_variant(parse_variant("base:"), opened.around),
        subject=opened.subject, limit=None if limit is None else parse_bytes(limit), core_costs_gib=core_costs,
        risk=risk, seed=seed, replicas=replicas, notes=opened.notes,
    )  # fmt: skip
    found = recommend(wish, announce=o.announcer(quiet))
    report = html if html is not None or json == "-" else p.DEFAULT_FOLDER / "recommend.html"
    o.write(report, lambda: recommend_html.render(found, command=command_line()))
    o.write(markdown, lambda: recommend_markdown.render(found))
    end = "" if report is None else f"Report   {relative(report)}\n"
    o.emit(found, lambda: recommend_terminal.render(found, width=terminal_width(), color=coloured()) + end, json)
