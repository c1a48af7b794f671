"""`whence compare`: measure variants of a subject, or judge benchmark files, and print the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_seconds

if TYPE_CHECKING:
    from whence.evidence.comparison import Comparison
    from whence.evidence.request import Request


def command(
    context: typer.Context,
    specs: list[str] = typer.Argument(
        ..., metavar="BASE CANDIDATE [MORE…]", help="Variants, or files in Go benchmark format."
    ),
    subject: str = typer.Option(
        "", "--subject", "-s", help="What is run: ./dir, workload:NAME, bench:./pkg, exec:, service:./dir."
    ),
    metric: list[str] = typer.Option([], "--metric", "-m", help="What is judged; the first is the primary one."),
    pairs: int | None = typer.Option(None, "--pairs", min=1, help="Blocks to run (default 10, more for many metrics)."),
    budget: str | None = typer.Option(None, "--budget", help="Time to spend instead of a number of pairs, as 10m."),
    gate: list[str] = typer.Option([], "--gate", help="A rule that decides the exit code, as 'rss<=+5%'."),
    margin: list[str] = typer.Option([], "--margin", help="What counts as equivalent, as rss=2%."),
    plan: bool = typer.Option(False, "--plan", help="Print the plan with its price and stop."),
    warmup: int = typer.Option(1, "--warmup", min=0, help="Runs of each variant that are not counted."),
    timeout: str = typer.Option("600s", "--timeout", help="Longest one run may take."),
    prepare: str | None = typer.Option(None, "--prepare", help="Shell command before each run, not measured."),
    keep_profiles: bool = typer.Option(False, "--keep-profiles", help="Keep what runs leave in WHENCE_PROFILES."),
    seed: int | None = typer.Option(None, "--seed", help="Reproduces the order of runs and the layouts."),
    aa: bool = typer.Option(False, "--aa", help="Measure the base a second time as a check of the instrument."),
    service: bool = typer.Option(False, "--service", help="The subject is a server: start, load, measure, stop."),
    load: str | None = typer.Option(None, "--load", help="Load generator command; {port} is filled in."),
    rate: float | None = typer.Option(None, "--rate", min=0.1, help="Requests per second of the built-in client."),
    duration: str | None = typer.Option(None, "--for", help="How long the built-in client loads, as 10s."),
    get: str | None = typer.Option(None, "--get", help="Path the built-in client asks for."),
    ready: str | None = typer.Option(None, "--ready", help="URL that answers when the server is ready."),
    cluster: str | None = typer.Option(None, "--cluster", help="Spread blocks over the hosts of a cluster: ray."),
    address: str | None = typer.Option(None, "--address", help="Of the cluster, as HOST:6379; default RAY_ADDRESS."),
    out: Path | None = typer.Option(None, "--out", help="Run directory; the same command resumes there."),
    json: str | None = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON."),
    html: Path | None = typer.Option(None, "--html", help="Write the report to FILE."),
    markdown: Path | None = typer.Option(None, "--markdown", help="Write Markdown to FILE."),
    csv: Path | None = typer.Option(None, "--csv", help="Write the effects as CSV to FILE."),
    junit: Path | None = typer.Option(None, "--junit", help="Write gates and failures as JUnit XML to FILE."),
    annotations: bool = typer.Option(False, "--annotations", help="Print annotations for a CI service."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Measure variants of a program and judge the differences.

    A variant is KEY=VALUE[,KEY=VALUE…], for example go=1.24.3,GOGC=50. Without --subject, two or more files in Go
    benchmark format are compared. The arguments behind -- go to the program.
    """
    from whence.cli.output import Outputs, show
    from whence.evidence.request import Request

    outputs = Outputs(
        json=json, html=html, markdown=markdown, csv=csv, junit=junit, annotations=annotations, quiet=quiet
    )
    outputs.check()
    if not subject and any(_looks_like_file(spec) for spec in specs):
        show(_files(specs, metric, gate, margin, seed), outputs)
    if not subject:
        raise BadInput("compare needs --subject, or two files in Go benchmark format. Example: --subject ./cmd/server")
    if len(specs) < 2:
        raise BadInput(f"compare needs a base and at least one candidate; only {specs[0]!r} was given.")
    request = Request(
        variants=tuple(specs),
        subject=subject,
        arguments=tuple(context.obj or ()),
        metrics=tuple(dict.fromkeys(metric)),
        pairs=pairs,
        budget=budget,
        gates=tuple(gate),
        margins=tuple(margin),
        warmup=warmup,
        timeout_s=parse_seconds(timeout),
        prepare=prepare,
        keep_profiles=keep_profiles,
        seed=seed,
        aa=aa,
        service=service,
        load_command=load,
        rate_per_second=rate,
        load_seconds=None if duration is None else parse_seconds(duration),
        path=get,
        ready_url=ready,
        directory=str(Path.cwd()),
        cluster=cluster,
        address=address,
    )
    if plan:
        _print_plan(request, outputs)
    else:
        _measure(request, out, outputs)


def _looks_like_file(spec: str) -> bool:
    return Path(spec).exists() or ("=" not in spec and ":" not in spec)


def _files(specs: list[str], metric: list[str], gate: list[str], margin: list[str], seed: int | None) -> Comparison:
    from whence.evidence.gate import parse_gate, parse_margin
    from whence.measure.benchfiles import compare_files

    return compare_files(
        [Path(spec) for spec in specs],
        metrics=tuple(metric),
        gates=tuple(parse_gate(text) for text in gate),
        margins=dict(parse_margin(text) for text in margin),
        seed=seed or 0,
    )


def _print_plan(request: Request, outputs: object) -> None:
    from whence.cli.output import Outputs
    from whence.cli.plan import print_plan
    from whence.measure.compare import plan_only

    assert isinstance(outputs, Outputs)
    print_plan(plan_only(request), outputs)


def _measure(request: Request, out: Path | None, outputs: object) -> None:
    from whence.cli.output import Outputs, show
    from whence.cli.progress import Progress
    from whence.measure.compare import compare

    assert isinstance(outputs, Outputs)
    with Progress(quiet=outputs.quiet) as progress:
        result = compare(request, out=out, listener=progress)
    show(result.comparison, outputs, directory=result.directory, lines=result.lines)
