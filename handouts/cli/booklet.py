"""Turn a programme and its clients into bound PDFs: ``handouts booklet``."""

from __future__ import annotations

from typing import Any

import click

from handouts.cli.binding import binding_options, take_order
from handouts.cli.delivery import choose_destination, deliver
from handouts.cli.output import show_report
from handouts.cli.shared import complete_programme, open_workspace
from handouts.problem import ExitCode, HandoutError, Report


@click.command("booklet")
@click.argument("programme", shell_complete=complete_programme)
@click.option("--client", "chosen", metavar="ID", multiple=True, help="For this client.")
@click.option("--all", "everyone", is_flag=True, help="For every client of the list.")
@binding_options
@click.option(
    "--output",
    metavar="DIR|FILE|-",
    help="Where to write: a folder, one file, or - for standard output.  [default: output]",
)
@click.option("--open", "launch", is_flag=True, help="Open what was made.")
@click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    programme: str,
    output: str | None,
    *,
    launch: bool,
    strict: bool,
    **said: Any,  # noqa: ANN401  the flags, as click has read them
) -> ExitCode:
    """Bind a programme into a booklet: plan, exercises, log, when to stop and whom to call.

    With --client or --all, each booklet is made for one person: what their conditions forbid
    is not printed for them, what they should ask is said beside the exercise.

    \b
    handouts booklet hip-strength-beginners
    handouts booklet hip-strength-beginners --clients clients.csv --client sam
    handouts booklet hip-strength-beginners --clients clients.csv --all --layout cards
    """
    from handouts.booklet.run import make_booklets

    order = take_order(open_workspace(ctx), programme, said)
    several = order.everyone or len(order.chosen) > 1
    destination = choose_destination(
        output, order.workspace.root, ".pdf", "booklet", several=several
    )
    report = Report()
    made = dict(make_booklets(order, report))
    if (report.errors and not made) or (strict and len(report)):
        raise HandoutError(report)
    show_report(report)
    deliver(made, destination, launch=launch)
    return ExitCode.BATCH if report.errors else ExitCode.DONE
