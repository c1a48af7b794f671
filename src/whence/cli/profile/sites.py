"""`whence profile sites`: who allocates, and how much of it is rounding, tiny blocks and waste."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o
from whence.cli.profile.show import command_line

DEFAULT_REPORT = Path("whence-sites.html")


def command(
    files: list[str] = typer.Argument(
        ..., metavar="FILE...", help="Allocs or heap profiles, and a trace made with GODEBUG=traceallocfree=1."
    ),
    trace: str | None = typer.Option(None, "--trace", help="The trace, as if it stood among the files."),
    outside: list[str] = typer.Option(
        [], "--outside", metavar="PREFIX...", help="Packages or modules that are not held responsible."
    ),
    standard: bool = typer.Option(
        True, "--standard-library/--no-standard-library", help="Look above the standard library too."
    ),
    go: str | None = typer.Option(None, "--go", help="Go release of the program, as 1.26; the newest when not given."),
    metrics: str | None = typer.Option(
        None, "--metrics", help="runtime/metrics or MemStats of the program at the time of the profile."
    ),
    tiny_allocs: int | None = typer.Option(
        None, "--tiny-allocs", min=0, help="The program's /gc/heap/tiny/allocs:objects at the time of the profile."
    ),
    mallocs: int | None = typer.Option(None, "--mallocs", min=0, help="Its MemStats.Mallocs, when that is known."),
    binary: Path | None = typer.Option(
        None, "--binary", help="The program, whose code says which types and sizes its places ask for."
    ),
    processors: int = typer.Option(1, "--procs", min=1, help="GOMAXPROCS of the program."),
    rows: int = typer.Option(20, "-n", "--rows", min=0, help="Places printed; 0 for all."),
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Attribute allocations to the code responsible for them, with honest intervals where a profile cannot tell."""
    from importlib.metadata import version

    from whence.cli.output import Outputs, coloured, relative, terminal_width
    from whence.measure.profiles.describing import facts_of
    from whence.measure.profiles.merging import merge
    from whence.measure.profiles.sites.from_files import asked_sites, counted_in
    from whence.measure.profiles.sites.tiny import RuntimeTotals
    from whence.measure.profiles.views.drawing import drawn
    from whence.show.report.profile import html as page
    from whence.show.report.profile import plain_page, sites_html, sites_markdown, sites_terminal, sites_words

    Outputs(json=json, html=html, markdown=markdown).check()
    totals = RuntimeTotals(tiny_allocs=tiny_allocs, mallocs=mallocs) if tiny_allocs or mallocs else None
    if totals is None and metrics is not None:
        totals = counted_in(metrics)
    found, profiles = asked_sites(
        [*files, *([trace] if trace is not None else [])],
        outside=outside,
        go_version=go,
        standard_library=standard,
        totals=totals,
        binary=binary,
        processors=processors,
        announce=o.announcer(quiet),
    )
    many = rows or len(found.sites) + len(found.types)

    def report_text() -> str:
        title, section = sites_words.headline(found), sites_html.section(found)
        if not profiles:
            return plain_page.render(title, [section], document=found, style=sites_html.STYLE, command=command_line())
        whole = merge(profiles)
        graph = drawn(
            whole,
            title=title,
            command=command_line(),
            subject=", ".join(files),
            sample_type="alloc_objects",
            facts=facts_of(profiles[0]),
            version=version("whence"),
        )
        return page.render(
            graph, sections=[section], links=[(sites_html.ID, "Who allocates")], more_style=sites_html.STYLE
        )

    report = html if html is not None or json == "-" else DEFAULT_REPORT
    o.write(report, report_text)
    o.write(markdown, lambda: sites_markdown.render(found, rows=many))
    end = "" if report is None else f"Report   {relative(report)}\n"
    o.emit(
        found,
        lambda: sites_terminal.render(found, rows=many, width=terminal_width(), color=coloured()) + end,
        json,
    )
