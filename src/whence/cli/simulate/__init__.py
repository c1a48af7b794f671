"""`whence simulate`: what would be, without touching production."""

from __future__ import annotations

import typer

from whence.cli.simulate import contention, node, recommend, record, run, sweep

app = typer.Typer(no_args_is_help=True)
app.command("node", short_help="Pods on a node: memory kept, what scans miss, evictions, throttling.")(node.command)
app.command("run", short_help="A program under other settings: memory, GC cycles, CPU, pauses, compared.")(run.command)
app.command("recommend", short_help="Request, limit, GOMEMLIMIT and GOGC together, with the regret of each choice.")(
    recommend.command
)
app.command("sweep", short_help="Every combination of a grid of settings, resumable, on all CPUs or a cluster.")(
    sweep.command
)
app.command("record", short_help="Get what a simulation needs from a real service, at a known cost.")(record.command)
app.command("contention", short_help="Waits for central lists and heap lock by processors, release by release.")(
    contention.command
)
