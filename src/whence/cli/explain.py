"""`whence explain`: name the causes of a change, their shares, and remedies that were tried."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.evidence.units import parse_seconds

if TYPE_CHECKING:
    from whence.cli.output import Outputs
    from whence.evidence.attribution import Attribution
    from whence.evidence.inquiry import Inquiry
    from whence.evidence.run import JournalLine


def command(
    context: typer.Context,
    specs: list[str] = typer.Argument(..., metavar="BASE CANDIDATE", help="The two variants."),
    subject: str = typer.Option(
        "", "--subject", "-s", help="What is run: ./dir, workload:NAME, bench:./pkg, exec:, service:./dir."
    ),
    metric: list[str] = typer.Option([], "--metric", "-m", help="What changed."),
    budget: str = typer.Option("30m", "--budget", help="Time to spend at most."),
    toggles: str = typer.Option("auto", "--toggles", help="Switches to vary: auto, none, or names with commas."),
    over: list[str] = typer.Option([], "--over", help="Values of a parameter, as arg.size=16,1024. May be repeated."),
    margin: list[str] = typer.Option([], "--margin", help="What counts as equivalent, as rss=2%."),
    plan: bool = typer.Option(False, "--plan", help="Print the plan with its price and stop."),
    timeout: str = typer.Option("600s", "--timeout", help="Longest one run may take."),
    prepare: str | None = typer.Option(None, "--prepare", help="Shell command before each run, not measured."),
    seed: int | None = typer.Option(None, "--seed", help="Reproduces the order of runs and the layouts."),
    service: bool = typer.Option(False, "--service", help="The subject is a server: start, load, measure, stop."),
    load: str | None = typer.Option(None, "--load", help="Load generator command; {port} is filled in."),
    rate: float | None = typer.Option(None, "--rate", min=0.1, help="Requests per second of the built-in client."),
    duration: str | None = typer.Option(None, "--for", help="How long the built-in client loads, as 10s."),
    get: str | None = typer.Option(None, "--get", help="Path the built-in client asks for."),
    ready: str | None = typer.Option(None, "--ready", help="URL that answers when the server is ready."),
    out: Path | None = typer.Option(None, "--out", help="Directory of the result; the same command resumes there."),
    json: str | None = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON."),
    html: Path | None = typer.Option(None, "--html", help="Write the report to FILE."),
    markdown: Path | None = typer.Option(None, "--markdown", help="Write Markdown to FILE."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Find which of all the things that differ carries which share of a change, and what to do about it.

    A variant is KEY=VALUE[,KEY=VALUE…], for example go=1.24.3. The arguments behind -- go to the program.
    """
    from whence.cli.output import Outputs
    from whence.evidence.inquiry import Inquiry
    from whence.evidence.request import Request

    outputs = Outputs(json=json, html=html, markdown=markdown, quiet=quiet)
    outputs.check()
    if not subject:
        raise BadInput("explain needs --subject. Example: --subject ./cmd/server")
    if len(specs) != 2:
        raise BadInput(f"explain takes a base and one candidate; {len(specs)} variants were given.")
    if len(set(metric)) != 1:
        raise BadInput("explain takes one --metric: the one that changed. Example: --metric rss")
    inquiry = Inquiry(
        request=Request(
            variants=tuple(specs),
            subject=subject,
            arguments=tuple(context.obj or ()),
            metrics=(metric[0],),
            margins=tuple(margin),
            timeout_s=parse_seconds(timeout),
            prepare=prepare,
            seed=seed,
            service=service,
            load_command=load,
            rate_per_second=rate,
            load_seconds=None if duration is None else parse_seconds(duration),
            path=get,
            ready_url=ready,
            directory=str(Path.cwd()),
        ),
        toggles=toggles,
        over=tuple(over),
        budget=budget,
    )
    if plan:
        _print_plan(inquiry, outputs)
    else:
        _explain(inquiry, out, outputs)


def _print_plan(inquiry: Inquiry, outputs: Outputs) -> None:
    from whence.explain.explain import plan_only

    outline = plan_only(inquiry)
    if outputs.only_json:
        import msgspec

        document = {"schema": "whence.attribution-plan/1", "plan": outline.spent, "text": outline.text}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
        return
    head = f"Plan for {inquiry.metric} of {inquiry.request.subject}: nothing was run"
    sys.stdout.write("\n  ".join([head, *outline.text]) + "\n")


def _explain(inquiry: Inquiry, out: Path | None, outputs: Outputs) -> None:
    from whence.cli.progress import Progress
    from whence.explain.explain import explain

    with Progress(quiet=outputs.quiet) as progress:
        result = explain(inquiry, out=out, listener=progress)
    show(result.attribution, outputs, directory=result.directory, lines=result.lines)


def show(
    attribution: Attribution,
    outputs: Outputs,
    *,
    directory: Path,
    lines: dict[str, tuple[JournalLine, ...]],
) -> NoReturn:
    """Writes every form that was asked for, prints the result, and exits: 0 answered, 130 interrupted."""
    from whence.cli.output import coloured, relative, terminal_width
    from whence.show.report.explain import as_json, html, markdown, terminal

    report = outputs.html or directory / "report.html"
    texts = [
        (None if outputs.only_json else outputs.json, lambda: as_json.render(attribution) + "\n"),
        (outputs.markdown, lambda: markdown.render(attribution)),
        (report, lambda: html.render(attribution, lines)),
    ]
    for path, text in texts:
        if path is not None:
            try:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_text(text(), encoding="utf-8")
            except OSError as error:
                kept = f"The result is kept; redraw it with: whence report {directory}"
                raise UnusableEnvironment(f"{path} cannot be written ({error.strerror}). {kept}") from error
    if outputs.only_json:
        sys.stdout.write(as_json.render(attribution) + "\n")
    else:
        following = attribution.command if attribution.interim else None
        sys.stdout.write(
            terminal.render(
                attribution,
                width=terminal_width(),
                color=coloured(),
                report_path=relative(report),
                next_command=following,
            )
        )
    sys.stdout.flush()
    sys.exit(130 if attribution.interim else 0)
