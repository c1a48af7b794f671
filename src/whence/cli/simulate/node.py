"""`whence simulate node`: pods on a node with a kubelet, memory over time, who is evicted, what is not seen."""

from __future__ import annotations

from pathlib import Path

import typer

from whence.cli.profile import options as o

DEFAULT_REPORT = Path("whence-node.html")


def command(
    memory: str = typer.Option("8GiB", "--memory", help="Memory of the node."),
    pods: int = typer.Option(110, "--pods", help="Places for pods; each is refilled when its pod ends."),
    pods_file: Path | None = typer.Option(
        None, "--pods-file", help="Explicit pods instead: CSV or JSON with name, start and the settings of --variant."
    ),
    lifetime: str = typer.Option(
        "3s..8s", "--lifetime", help="5s, 3s..8s, lognormal:median=5s,sigma=1 or exponential:mean=5s."
    ),
    start_peak: str = typer.Option("64MB", "--start-peak", help="Alive during the start only, beside --live."),
    live: str = typer.Option("4MB", "--live", help="Stays alive after the start. Both may be distributions."),
    start_time: str = typer.Option("100ms", "--start-time", help="How long the start takes."),
    alloc_rate: str = typer.Option("100kB/s", "--alloc-rate", help="Allocated after the start, dead soon."),
    gogc: str = typer.Option("100", "--gogc", help="GOGC, or off."),
    memory_limit: str | None = typer.Option(None, "--memory-limit", help="GOMEMLIMIT, as 32MiB."),
    go: str = typer.Option("1.27", "--go", help="Go release, 1.18 to 1.27."),
    procs: int = typer.Option(2, "--procs", help="GOMAXPROCS."),
    request: str | None = typer.Option(None, "--request", help="Memory request of a pod."),
    limit: str | None = typer.Option(None, "--limit", help="Memory limit of a pod (memory.max)."),
    qos: str | None = typer.Option(None, "--qos", help="Guaranteed, Burstable or BestEffort; else from the two above."),
    memory_qos: bool = typer.Option(False, "--memory-qos", help="The kubelet sets memory.high (KEP-2570)."),
    high: str | None = typer.Option(None, "--high", help="memory.high set by hand."),
    reservation: str = typer.Option(
        "none", "--reservation", help="Who is protected: none, all (memory.min) or tiered."
    ),
    priority: int = typer.Option(0, "--priority", help="Priority of the pods."),
    creating: str = typer.Option("1s", "--creating", help="From admission until the process starts."),
    gap: str = typer.Option("0s", "--gap", help="From a pod's end until the next comes into its place."),
    variant: list[str] = typer.Option([], "--variant", help="NAME:key=value,… against the pods above; repeatable."),
    system: str = typer.Option("400MiB", "--system", help="Memory held outside the pods."),
    reserved: str | None = typer.Option(None, "--reserved", help="What pods together may not use."),
    eviction_hard: str = typer.Option("100MiB", "--eviction-hard", help="Threshold as 100MiB or 5%; none for off."),
    eviction_soft: str | None = typer.Option(None, "--eviction-soft", help="Threshold and grace, as 500MiB:1m30s."),
    scan_every: str = typer.Option("10s", "--scan-every", help="How often the observer looks."),
    simulated: str = typer.Option("2h", "--for", help="Simulated time."),
    replicas: int = typer.Option(20, "--replicas", help="Runs, each with other chance."),
    seed: int = typer.Option(1, "--seed", min=0, help="Of all chance."),
    json: str | None = o.JSON,
    html: Path | None = o.HTML,
    markdown: Path | None = o.MARKDOWN,
    quiet: bool = o.QUIET,
) -> None:
    """Simulate pods with lifetimes from milliseconds to days: memory kept, what scans miss, evictions, throttling."""
    from whence.cli.output import Outputs, coloured, relative, terminal_width
    from whence.cli.profile.show import command_line
    from whence.evidence.units import parse_bytes, parse_seconds
    from whence.explain.simulator.node import settings as s
    from whence.explain.simulator.node.node_spec import Node, thresholds_of
    from whence.explain.simulator.node.simulating import simulate_node
    from whence.show.report.simulate import node_html, node_markdown, node_terminal

    Outputs(json=json, html=html, markdown=markdown).check()
    capacity = parse_bytes(memory)
    node = Node(
        memory_bytes=capacity,
        system_bytes=parse_bytes(system),
        reserved_bytes=0 if reserved is None else parse_bytes(reserved),
        thresholds=thresholds_of(eviction_hard, eviction_soft, capacity),
        scan_seconds=parse_seconds(scan_every),
    )
    given = {
        "lifetime": lifetime, "start-peak": start_peak, "live": live, "start-time": start_time, "gogc": gogc,
        "alloc-rate": alloc_rate, "memory-limit": memory_limit, "go": go, "procs": str(procs), "request": request,
        "limit": limit, "qos": qos, "high": high, "reservation": reservation, "priority": str(priority),
        "creating": creating, "gap": gap, "memory-qos": "true" if memory_qos else "false",
    }  # fmt: skip
    base = s.with_settings(s.DEFAULT, {key: value for key, value in given.items() if value is not None})
    kinds = [base]
    for text in variant:
        name, changed = s.parse_variant(text)
        kinds.append(s.with_settings(base, changed, name=name, spec=text))
    announce = o.announcer(quiet)
    if announce is not None:
        announce(f"simulating {len(kinds)} variants, {replicas} replicas of {simulated} each")
    simulation = simulate_node(
        node, tuple(kinds), pods=pods, pods_file=pods_file, seconds=parse_seconds(simulated), seed=seed,
        replicas=replicas,
    )  # fmt: skip
    report = html if html is not None or json == "-" else DEFAULT_REPORT
    o.write(report, lambda: node_html.render(simulation, command=command_line()))
    o.write(markdown, lambda: node_markdown.render(simulation))
    end = "" if report is None else f"Report   {relative(report)}\n"
    o.emit(simulation, lambda: node_terminal.render(simulation, width=terminal_width(), color=coloured()) + end, json)
