"""Turn a programme and its clients into bound PDFs: ``handouts booklet``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from handouts.cli.delivery import choose_destination, deliver
from handouts.cli.output import show_report
from handouts.cli.shared import complete_programme, look_options, open_workspace
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from handouts.order import BookletOrder
    from handouts.source.workspace import Workspace

_LAYOUTS = ("pages", "folded", "cards")
_YEARS = range(2000, 2200)
_SEQUENCES = ("sessions", "position")


@click.command("booklet")
@click.argument("programme", shell_complete=complete_programme)
@click.option("--client", "chosen", metavar="ID", multiple=True, help="For this client.")
@click.option("--all", "everyone", is_flag=True, help="For every client of the list.")
@click.option(
    "--clients",
    metavar="FILE",
    type=click.Path(),
    help="List of clients: .csv, .xlsx or .yaml. Default: your workspace's.",
)
@click.option("--layout", type=click.Choice(_LAYOUTS), default="pages", help="Pages, or what else.")
@click.option("--order", "sequence", type=click.Choice(_SEQUENCES), help="Order of exercises.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="First day.")
@click.option("--since", metavar="FILE", type=click.Path(), help="Say what has changed since.")
@look_options
@click.option("--fillable", is_flag=True, help="Boxes of the log that one can tick on a screen.")
@click.option("--archive", is_flag=True, help="PDF/A-2a, to be kept for many years.")
@click.option(
    "--password",
    metavar="[WORD]",
    prompt=True,
    prompt_required=False,
    hide_input=True,
    confirmation_prompt=True,
    help="Lock the PDF (AES-256). Without the word itself, it is asked for.",
)
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

    order = _take_order(open_workspace(ctx), programme, said)
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


def _take_order(workspace: Workspace, programme: str, said: dict[str, Any]) -> BookletOrder:
    """Return the order that the flags mean.

    Raises:
        click.UsageError: flags that contradict each other.
    """
    from handouts.order import BookletOrder, Layout, Look

    if said["chosen"] and said["everyone"]:
        raise click.UsageError("name clients with --client, or say --all (not both)")
    if said["clients"] and not (said["chosen"] or said["everyone"]):
        raise click.UsageError("say for whom of the list: --client ID, or --all")
    _check_pairs(said)
    look = Look(**{key: said.pop(key) for key in ("paper", "size", "ink", "detail", "theme")})
    start = said.pop("start")
    if start and start.year not in _YEARS:
        raise click.UsageError(f"--start {start.date()} is in no year of ours: is it mistyped?")
    return BookletOrder(
        workspace,
        programme,
        look=look,
        layout=Layout(said.pop("layout")),
        chosen=tuple(dict.fromkeys(said.pop("chosen"))),
        start=start.date() if start else None,
        **said,
    )


def _check_pairs(said: dict[str, Any]) -> None:
    folded, cards = said["layout"] == "folded", said["layout"] == "cards"
    locked = said["password"] is not None
    wrong = (
        (said["fillable"] and said["layout"] != "pages", "--fillable", "--layout pages only"),
        (said["archive"] and said["fillable"], "--archive", "no form: leave --fillable out"),
        (said["archive"] and locked, "--archive", "no lock: leave --password out"),
        (said["archive"] and folded, "--archive", "pages to read: leave --layout folded out"),
        (folded and said["size"] == "large", "--layout folded", "12 pt at most: take pages"),
        (cards and said["since"], "--since", "--layout pages or folded"),
    )
    for found, flag, what in wrong:
        if found:
            raise click.UsageError(f"{flag} goes with {what}")
