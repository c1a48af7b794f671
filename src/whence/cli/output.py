"""Where a result goes: the terminal, or the twins that were asked for; and the exit code that its gates mean."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from whence.evidence.errors import BadInput, UnusableEnvironment

if TYPE_CHECKING:
    from whence.evidence.comparison import Comparison, Effect
    from whence.evidence.run import JournalLine


MOST_PAIRS_ADVISED = 200
CARRIED_OVER = frozenset(
    {"--service", "--load", "--rate", "--for", "--get", "--ready", "--timeout", "--prepare", "--margin"}
)
"""Options of compare that mean the same to explain."""


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """The forms in which a result was asked for."""

    json: str | None = None
    html: Path | None = None
    markdown: Path | None = None
    csv: Path | None = None
    junit: Path | None = None
    annotations: bool = False
    quiet: bool = False

    @property
    def only_json(self) -> bool:
        return self.json == "-"

    def check(self) -> None:
        """Raises BadInput for a file that could not be written, before anything is run."""
        files = [Path(self.json)] if self.json not in {None, "-"} else []  # type: ignore[arg-type]
        files += [path for path in (self.html, self.markdown, self.csv, self.junit) if path is not None]
        for path in files:
            if str(path) == "-":
                raise BadInput("only --json prints to standard output with -. Give a file for the other forms.")
            try:
                _try_to_write(path)
            except OSError as error:
                raise BadInput(_unwritable(path, error)) from error


def _try_to_write(path: Path) -> None:
    """Opens the file, or one beside it, and leaves nothing. Permissions alone do not tell (root, /proc, read-only)."""
    if path.exists():
        with open(path, "ab"):
            return
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    with tempfile.TemporaryFile(dir=folder):
        return


def _unwritable(path: Path, error: OSError) -> str:
    return f"{path} cannot be written ({error.strerror}). Choose a file in a folder that you may write to."


def show(
    comparison: Comparison,
    outputs: Outputs,
    *,
    directory: Path | None = None,
    lines: Sequence[JournalLine] = (),
) -> NoReturn:
    """Writes every form that was asked for, prints the result, and exits with the code that its gates mean."""
    from whence.show.report import as_json

    report_path = write_files(comparison, outputs, directory=directory, lines=lines)
    if outputs.only_json:
        sys.stdout.write(as_json.render(comparison) + "\n")
    else:
        sys.stdout.write(_terminal(comparison, report_path, directory))
    if outputs.annotations:
        from whence.show.report import annotations

        sys.stderr.write(annotations.render(comparison))
        if os.environ.get("GITHUB_STEP_SUMMARY"):
            with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as summary:
                summary.write(annotations.summary(comparison))
    sys.stdout.flush()
    sys.exit(130 if comparison.interim else exit_code(comparison))


def write_files(
    comparison: Comparison, outputs: Outputs, *, directory: Path | None, lines: Sequence[JournalLine]
) -> Path | None:
    """Writes the file twins; returns the path of the HTML report when there is one."""
    from whence.show.report import as_json, csv, html, junit, markdown

    report_path = outputs.html or (directory / "report.html" if directory is not None else None)
    runs_csv = None if outputs.csv is None or not lines else outputs.csv.with_suffix(f".runs{outputs.csv.suffix}")
    texts = [
        (None if outputs.only_json else outputs.json, lambda: as_json.render(comparison) + "\n"),
        (outputs.markdown, lambda: markdown.render(comparison)),
        (outputs.csv, lambda: csv.render(comparison)),
        (outputs.junit, lambda: junit.render(comparison)),
        (runs_csv, lambda: csv.render_runs(lines)),
        (report_path, lambda: html.render(comparison, lines)),
    ]
    for path, text in texts:
        if path is not None:
            content = text()
            try:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_text(content, encoding="utf-8")
            except OSError as error:
                kept = "" if directory is None else f" The result is kept; redraw it with: whence report {directory}"
                raise UnusableEnvironment(f"{path} cannot be written ({error.strerror}).{kept}") from error
    return report_path


def exit_code(comparison: Comparison) -> int:
    """0 answered and every gate held, 1 a gate broken, 3 a gate undecided."""
    outcomes = {gate.outcome for gate in comparison.gates}
    return 1 if "broken" in outcomes else 3 if "undecided" in outcomes else 0


def coloured(stream: object = None) -> bool:
    target = stream or sys.stdout
    return bool(getattr(target, "isatty", lambda: False)()) and "NO_COLOR" not in os.environ


def terminal_width() -> int:
    import shutil

    return max(60, min(160, shutil.get_terminal_size((110, 40)).columns))


def _terminal(comparison: Comparison, report_path: Path | None, directory: Path | None) -> str:
    from whence.show.report import terminal

    shown = None if report_path is None else relative(report_path)
    following = None if directory is None else next_command(comparison, directory)
    return terminal.render(
        comparison, width=terminal_width(), color=coloured(), report_path=shown, next_command=following
    )


def next_command(comparison: Comparison, directory: Path) -> str | None:
    """Returns the command that would go on: with the pairs that would probably decide the primary metric, where an
    interrupted comparison stopped, or to the cause of a change. None when nothing is left to do."""
    where = shlex.quote(relative(directory))
    words, dashes, arguments = comparison.command.partition(" -- ")
    behind = dashes + arguments
    if comparison.interim:
        return f"{words} --out {where}{behind}"
    primary = comparison.effects[0] if comparison.effects else None
    if primary is None:
        return None
    if primary.verdict in ("worse", "better"):
        return _explain_command(comparison, words, primary) + behind
    if primary.verdict != "undetermined" or primary.pairs_needed is None:
        return None
    if "--budget" in words or primary.pairs_needed > MOST_PAIRS_ADVISED:
        return None
    plain = re.sub(r" --(pairs|seed) \d+", "", words)
    return f"{plain} --pairs {primary.pairs_needed}{behind}"


def _explain_command(comparison: Comparison, words: str, effect: Effect) -> str:
    """Returns the explanation of one effect, with the options of the comparison that it takes too."""
    specs = {variant.name: variant.spec or "base:" for variant in comparison.variants}
    metric = f"{effect.benchmark}:{effect.unit}" if ":" in effect.metric and effect.benchmark else effect.metric
    found = ["whence", "explain", specs.get(effect.base, effect.base), specs.get(effect.candidate, effect.candidate)]
    found += ["--subject", comparison.subject, "--metric", metric]
    given = shlex.split(words)
    for index, word in enumerate(given):
        if word in CARRIED_OVER:
            found += [word] if word == "--service" else [word, given[index + 1]]
    return shlex.join(found)


def relative(path: Path) -> str:
    """Returns a path as people would write it from where they are."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
