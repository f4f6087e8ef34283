"""Turn PDFs and a list of clients into mail, or into what would be mailed: ``handouts mail``."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts.cli.output import show_report, show_rows
from handouts.cli.shared import open_workspace
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Collection

    from handouts.delivery import Clerk, Row
    from handouts.post.entry import Entry, State
    from handouts.post.outbox import Outbox
    from handouts.post.presets import Server
    from handouts.source.workspace import Workspace

_LIMIT = re.compile(r"([1-9][0-9]{0,5})/(hour|day)")
_TITLES = ("Client", "Address", "File", "Size", "What happens")


@dataclass
class _Run:
    """What the command line asked for, as far as it is known."""

    workspace: Workspace
    report: Report
    clerk: Clerk
    server: Server | None
    outbox: Outbox | None
    rows: list[Row]

    @property
    def going(self) -> list[Row]:
        """The messages that go."""
        return [row for row in self.rows if row.action == "send"]


def _read_limit(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _LIMIT.fullmatch(value):
        raise click.BadParameter('write it like "20/hour" or "300/day"')
    return value


@click.command("mail")
@click.argument("files", metavar="[FILE|RUN|PROGRAMME]…", nargs=-1, type=click.Path())
@click.option("--clients", metavar="FILE", type=click.Path(), help="List of clients.")
@click.option("--client", metavar="ID", help="Who gets the files, whatever they are called.")
@click.option("--send", is_flag=True, help="Really send; without it you see what would be sent.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--to", metavar="ADDRESS", help="Send everything to this address, for trial.")
@click.option("--drafts", metavar="DIR", type=click.Path(), help="Write files to send by hand.")
@click.option("--subject", metavar="TEXT", help="Another subject.")
@click.option("--letter", metavar="TEMPLATE", default="letter", help="Another letter's template.")
@click.option("--campaign", metavar="NAME", help="What it is sent as: once for each client.")
@click.option("--limit", metavar="N/hour", callback=_read_limit, help="Send no more than this.")
@click.option("--again", is_flag=True, help="Send what has gone before, or a newer version of it.")
@click.option("--plain-loopback", is_flag=True, help="A server on this machine, not encrypted.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for a script.")
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> ExitCode:  # noqa: ANN401  options
    r"""Mail PDFs to clients: first as a dry run, with --send for real.

    \b
    A file is called PROGRAMME-CLIENT.pdf, or --client says whose it is. A RUN is the manifest
    that `handouts batch` writes, or its folder. With --send and no file, what waits is sent. A
    message goes once; `handouts outbox` tells what became of it.

    \b
    handouts mail hip-strength-beginners --clients clients.csv
    handouts mail output/*.pdf --clients clients.csv
    handouts mail output/*.pdf --clients clients.csv --to me@example.org --send
    handouts mail output/*.pdf --clients clients.csv --send
    """
    options = _Options(**asked)
    if options.drafts and (options.send or options.to):
        raise click.UsageError("--drafts writes files; it goes without --send and --to")
    if options.drafts and not options.files:
        raise click.UsageError("name the files to make drafts of")
    with ExitStack() as stack:
        run = _prepare(open_workspace(ctx), options, stack)
        if options.drafts:
            return _make_drafts(run, options.drafts)
        if options.send:
            return _send(run, stack, ask=not options.yes)
        return _show_plan(run, as_json=options.as_json)


@dataclass(frozen=True)
class _Options:
    files: tuple[str, ...]
    clients: str | None
    client: str | None
    send: bool
    yes: bool
    to: str | None
    drafts: str | None
    subject: str | None
    letter: str
    campaign: str | None
    limit: str | None
    again: bool
    plain_loopback: bool
    as_json: bool


def _prepare(workspace: Workspace, options: _Options, stack: ExitStack) -> _Run:
    """Find out what would happen, with everything that is wrong."""
    from handouts.delivery import Clerk, Wish, outbox_file, plan_mail, plan_waiting
    from handouts.parcels import pack_parcels
    from handouts.post.outbox import Outbox
    from handouts.runs import list_pieces

    report = Report()
    server = None if options.drafts else _find_server(workspace, options, report)
    wish = Wish(options.subject, options.letter, options.to, options.again)
    if server is not None:
        wish = replace(wish, most_bytes=server.most_bytes)
    file = outbox_file()
    # Drafts are sent by another program: what was sent from here says nothing of them.
    has_outbox = file.exists() and not options.drafts
    outbox = stack.enter_context(Outbox(file)) if has_outbox else None
    if outbox is not None:
        outbox.recover()
    clerk = Clerk(workspace, wish, report)
    if options.files:
        parcels = pack_parcels(
            workspace,
            list_pieces(options.files, report, workspace),
            report,
            clients=options.clients,
            only=options.client,
            campaign=options.campaign,
        )
        rows = plan_mail(clerk, parcels, outbox)
    else:
        rows = plan_waiting(outbox, time.time())
    return _Run(workspace, report, clerk, server, outbox, rows)


def _find_server(workspace: Workspace, options: _Options, report: Report) -> Server | None:
    from handouts.post.presets import find_server

    settings = workspace.settings
    try:
        server = find_server(settings.mail, settings.trainer, plain_loopback=options.plain_loopback)
    except HandoutError as error:
        report.extend(error.report)
        return None
    found = _LIMIT.fullmatch(options.limit or "")
    if found is None:
        return server
    if found[2] == "hour":
        return replace(server, per_hour=int(found[1]))
    return replace(server, per_day=int(found[1]))


def _show_plan(run: _Run, *, as_json: bool) -> ExitCode:
    if as_json:
        rows = [_as_dict(row) for row in run.rows]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        show_rows(_TITLES, [_as_cells(row) for row in run.rows])
    show_report(run.report)
    click.echo(_summarise(run), err=True)
    return ExitCode.DATA if run.report.errors else ExitCode.DONE


def _summarise(run: _Run) -> str:
    from handouts.post.send import count_room

    server, going = run.server, run.going
    size = _show_size(sum(row.size for row in going))
    lines = [f"{_count(len(going))} of {size} would go, from {run.clerk.sender}"]
    if server is not None:
        label = f" ({server.label})" if server.label else ""
        lines[0] += f" through {server}{label}"
        room = count_room(run.outbox, server, time.time())
        if room is not None and room < len(going):
            lines.append(f"The limits let {room} of them go now; the others wait in the outbox.")
    lines[0] += "."
    if run.report.errors:
        lines.append("Nothing can be sent before the errors are mended.")
    elif not going:
        lines.append("There is nothing to send.")
    else:
        lines.append("Nothing was sent: this was a dry run. Say --send to send.")
    return "\n".join(lines)


def _count(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"


def _show_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{(size + 999) // 1000} kB"  # noqa: PLR2004


def _as_cells(row: Row) -> tuple[str, ...]:
    happens = f"{row.action}: {row.why}" if row.why else str(row.action)
    return row.client, row.recipient, row.what, _show_size(row.size), happens


def _as_dict(row: Row) -> dict[str, object]:
    return {
        "client": row.client,
        "address": row.recipient,
        "file": row.what,
        "bytes": row.size,
        "action": str(row.action),
        "why": row.why,
    }


def _make_drafts(run: _Run, folder: str) -> ExitCode:
    from handouts.delivery import write_drafts
    from handouts.source.workspace import show_path

    run.report.raise_errors()
    show_report(run.report)
    for file in write_drafts(run.clerk, run.rows, Path(folder)):
        click.echo(show_path(file))
    click.echo("Open each file in your mail program, look at it, and send it there.", err=True)
    return ExitCode.DONE


def _send(run: _Run, stack: ExitStack, *, ask: bool) -> ExitCode:
    from handouts.delivery import enter_mail, outbox_file
    from handouts.post.outbox import Outbox
    from handouts.post.secrets import find_secret
    from handouts.post.send import send_waiting
    from handouts.post.smtp import open_connection

    run.report.raise_errors()
    show_report(run.report)
    server = run.server
    if server is None:  # only with an error, which was raised
        raise HandoutError(run.report)
    for row in run.rows:
        if row.action != "send":
            click.echo("\t".join((str(row.action), row.client, row.recipient, row.why)))
    if not run.going:
        click.echo("There is nothing to send.", err=True)
        return ExitCode.DONE
    secret = find_secret(server)
    if ask and sys.stdin.isatty():
        click.confirm(f"Send {_count(len(run.going))} from {server.sender}?", abort=True, err=True)
    outbox = run.outbox or stack.enter_context(Outbox(outbox_file()))
    names = enter_mail(run.clerk, run.rows, outbox)
    tally = send_waiting(outbox, server, lambda: open_connection(server, secret), names, _show)
    if tally.stopped is not None:
        show_report(tally.stopped.report)
    return _conclude(tally.settled.values())


def _show(entry: Entry) -> None:
    reply = "" if entry.state == "sent" else entry.reply
    click.echo("\t".join((str(entry.state), entry.client, entry.recipient, reply)).rstrip())


def _conclude(states: Collection[State]) -> ExitCode:
    counts = Counter(map(str, states))
    words = ("sent", "deferred", "refused", "in-doubt")
    click.echo(", ".join(f"{counts[word]} {word.replace('-', ' ')}" for word in words), err=True)
    if counts["deferred"]:
        click.echo("Deferred ones go with: handouts mail --send", err=True)
    if counts["in-doubt"]:
        click.echo("Look for those in doubt among your sent mail: handouts outbox list", err=True)
    return ExitCode.DONE if counts["sent"] == counts.total() else ExitCode.DELIVERY
