"""Turn a command line into the hops that it asks for, and what went wrong into lines and a code."""

from __future__ import annotations

import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
from click.shell_completion import add_completion_class

from handouts import __version__
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COMMANDS = (
    "render",
    "booklet",
    "batch",
    "list",
    "show",
    "check",
    "screen",
    "mail",
    "outbox",
    "print",
    "figure",
    "new",
    "init",
    "theme",
    "schema",
    "cache",
    "doctor",
    "completion",
)
_ROOM = 2**16 + 1
"""Values of 8 bytes: a bit more than half a megabyte, for which Python takes a whole one."""
P = ParamSpec("P")
T = TypeVar("T")
_COMPLETION = "_HANDOUTS_COMPLETE"  # Click's variable for the word under the cursor


class LazyGroup(click.Group):
    """Imports a command's module only when it is needed (start-up time)."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  Click's signature
        """Return the commands in the order in which a trainer meets them."""
        return [*_COMMANDS]  # not list(): our submodule of that name hides the built-in one

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of ``cli/<name>.py``."""
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"handouts.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for a mistyped one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            close = get_close_matches(args[0], _COMMANDS, 1)
            guess = f' Did you mean "{close[0]}"?' if close else ""
            raise click.UsageError(f"{error.message}{guess}", ctx) from None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "--workspace",
    metavar="DIR",
    help="Work in this folder instead of the one that is around you.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say each hop of the work by its name.")
@click.version_option(__version__, prog_name="handouts")
@click.pass_context
def cli(ctx: click.Context, workspace: str | None, *, verbose: bool) -> None:
    """Print exercise handouts that clients can read.

    Each handout says how to do an exercise, what goes wrong, how to make it
    easier or harder, and who should not do it.
    """
    ctx.obj = {"workspace": workspace}
    if verbose:
        logging.basicConfig(stream=sys.stderr, format="%(message)s")
        logging.getLogger("handouts").setLevel(logging.INFO)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code."""
    give_room(_main)(arguments)


def give_room(function: Callable[P, T]) -> Callable[P, T]:
    """Return the function with room for many calls inside each other.

    Python keeps what calls need in pieces of 16 kB. It asks the system for another one whenever a
    call does not fit, and gives it back when that returns: at such a border, for each of thousands
    of calls. That took 1 to 7 % of a layout, by where the borders lay. A call that seems to need
    much gets a large piece, and all calls inside of it have the rest.
    """

    def call(*given: P.args, **named: P.kwargs) -> T:
        return function(*given, **named)

    call.__code__ = call.__code__.replace(co_stacksize=_ROOM)
    return call


def _main(arguments: Sequence[str] | None) -> None:
    """Do what the command line says: the one boundary where errors become output."""
    # Short-lived and busy: collecting garbage at every 700 objects costs a tenth of a render.
    gc.set_threshold(1_000_000)
    _speak_utf8()
    if os.environ.get(_COMPLETION, "").startswith("powershell"):
        from handouts.cli.completion import PowerShellComplete

        add_completion_class(PowerShellComplete)
    try:
        status: Any = cli.main(
            args=[*arguments] if arguments is not None else None,
            prog_name="handouts",
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        status = ExitCode.USAGE
    except click.Abort:
        click.echo("Stopped.", err=True)
        status = 130  # 128 + SIGINT, as shells expect
    except HandoutError as error:
        from handouts.cli.output import show_report

        show_report(error.report)
        status = error.exit_code
    except SystemExit as end:
        # Click ends so after it has completed a word, and where the reader of our output has
        # gone, as after `| head`: nobody is left to tell, and nothing went wrong.
        status = end.code if _COMPLETION in os.environ else ExitCode.DONE
    # The collector would go through every module once more on the way out: measured 150 → 40 ms.
    gc.freeze()
    sys.exit(int(status or 0))


def _speak_utf8() -> None:
    """Print × and – on any terminal: what it cannot show becomes "?", never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
