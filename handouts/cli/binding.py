"""Turn the flags that all commands of booklets share into an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from handouts.cli.shared import look_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.order import BookletOrder
    from handouts.source.workspace import Workspace

_LAYOUTS = ("pages", "folded", "cards")
_YEARS = range(2000, 2200)
_SEQUENCES = ("sessions", "position")


def binding_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags that say what is in a booklet, and what kind of PDF it is."""
    options: list[Callable[..., Any]] = [
        click.option(
            "--clients",
            metavar="FILE",
            type=click.Path(),
            help="List of clients: .csv, .xlsx or .yaml. Default: your workspace's.",
        ),
        click.option(
            "--layout", type=click.Choice(_LAYOUTS), default="pages", help="Pages, or what else."
        ),
        click.option(
            "--order", "sequence", type=click.Choice(_SEQUENCES), help="Order of exercises."
        ),
        click.option(
            "--start", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="First day."
        ),
        click.option(
            "--since", metavar="FILE", type=click.Path(), help="Say what has changed since."
        ),
        look_options,
        click.option(
            "--fillable", is_flag=True, help="Boxes of the log that one can tick on a screen."
        ),
        click.option("--archive", is_flag=True, help="PDF/A-2a, to be kept for many years."),
        click.option(
            "--password",
            metavar="[WORD]",
            prompt=True,
            prompt_required=False,
            hide_input=True,
            confirmation_prompt=True,
            help="Lock the PDF (AES-256). Without the word itself, it is asked for.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def take_order(workspace: Workspace, programme: str, said: dict[str, Any]) -> BookletOrder:
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
        (
            said["fillable"] and said["layout"] != "pages",
            "--fillable needs --layout pages: boxes to tick are of no use on folded paper or cards",
        ),
        (
            said["archive"] and said["fillable"],
            "--archive keeps a document as it is, and --fillable changes it: leave one out",
        ),
        (
            said["archive"] and locked,
            "--archive keeps a document open to all, and --password locks it: leave one out",
        ),
        (
            said["archive"] and folded,
            "--archive keeps pages to read, and folded ones are to print: leave one out",
        ),
        (
            folded and said["size"] == "large",
            "--layout folded prints 12 pt at most: for --size large, leave it out",
        ),
        (
            cards and said["since"],
            "--since needs --layout pages or folded: a card has no room for what has changed",
        ),
    )
    for found, why in wrong:
        if found:
            raise click.UsageError(why)
