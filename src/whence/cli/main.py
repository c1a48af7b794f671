"""The command line: verbs, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import NoReturn

import typer

from whence.evidence.errors import WhenceError

INTERRUPTED = 130
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO})
VERBS: dict[str, str] = {
    "compare": "Measure variants of a program and judge the differences.",
    "explain": "Name the causes of a change, their shares, and remedies that were tried.",
    "report": "Redraw a stored result without measuring again.",
    "profile": "Read profiles and traces, compare them, find allocation sites.",
    "simulate": "Memory of a Go process, or of a node full, without running it.",
    "lineage": "One program under every Go release: what allocation, pauses and memory cost then and now.",
    "toolchain": "List, fetch and question Go releases.",
    "workload": "The built-in programs that can be measured.",
    "doctor": "What this host can measure, and what to change.",
}
"""Each is a module of this package: with `app`, a group of verbs, else with `command`."""


def application(words: list[str]) -> typer.Typer:
    """Returns the verb that the command line begins with, all of them when it begins with none: imports cost time."""
    app = typer.Typer(
        name="whence",
        help="Find where the cost came from: measure a change of a Go program, and say how sure the answer is.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback(invoke_without_command=True)(root)
    for verb in [words[0]] if words and words[0] in VERBS else VERBS:
        module = import_module(f"whence.cli.{verb}")
        group = getattr(module, "app", None)
        if group is not None:
            app.add_typer(group, name=verb, help=VERBS[verb])
        else:
            app.command(verb, short_help=VERBS[verb])(module.command)
    return app


def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"whence {installed('whence')}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> None:
    """Runs one verb. Exits 0 answered, 1 gate broken, 2 bad input, 3 gate undecided, 130 interrupted."""
    words, behind = split_arguments(sys.argv[1:] if arguments is None else arguments)
    app = application(words)
    if words[:1] == ["profile"]:
        words = import_module("whence.cli.profile").spread(words)
    command = typer.main.get_command(app)
    try:
        code = command.main(args=words, prog_name="whence", standalone_mode=False, obj=behind)
    except WhenceError as error:
        fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.errno not in FULL or os.environ.get("WHENCE_TRACEBACK"):
            fail_unexpected(error)
        where = f"{error.filename} cannot be written" if error.filename else "an output cannot be written"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        fail(f"{where} ({error.strerror}). Make room there; what was measured is kept.", 2)
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a group of verbs without one of them, as `whence toolchain`
            typer.echo(error.format_message())  # type: ignore[attr-defined]
            sys.exit(0)
        if not hasattr(error, "format_message"):
            fail_unexpected(error)
        fail(one_line(error), 2)
    if code == INTERRUPTED:  # the command line library makes this of an interruption; `show` exits by itself
        fail("interrupted; what was measured is kept.", INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def console() -> None:
    """The `whence` command: `main`, and then an end without taking apart what the process held."""
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))


def split_arguments(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Splits at the first `--`: what stands behind belongs to the program, not to Whence."""
    if "--" not in words:
        return words, ()
    index = words.index("--")
    return words[:index], tuple(words[index + 1 :])


def one_line(error: Exception) -> str:
    """Returns the message of a command line mistake with the help to call, in one line."""
    message = str(error.format_message()).strip().rstrip(".?")  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "whence"
    return f"{' '.join(message.split())}. See: {path} --help"


def fail_unexpected(error: Exception) -> NoReturn:
    """Ends with one line about what nobody foresaw; with WHENCE_TRACEBACK set, raises it to be seen whole."""
    if os.environ.get("WHENCE_TRACEBACK"):
        raise error
    fail(f"unexpected {type(error).__name__}: {error}. Set WHENCE_TRACEBACK=1 and send the output.", 2)


def fail(message: str, code: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.write(f"whence: {message}\n")
    sys.exit(code)
