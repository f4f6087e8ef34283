"""Turn the ledger of what was mailed into rows, and a person's decisions into its entries."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_rows, style_heading
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handouts.post.entry import Entry
    from handouts.post.outbox import Outbox

_TITLES = ("No.", "State", "When", "Client", "Address", "Campaign", "What the server said")
_EXPORTED = (
    *("number", "state", "client", "recipient", "campaign", "copy", "sender", "subject"),
    *("attachment", "size", "pdf", "message_id", "tries", "reply"),
)
_STATES = ("pending", "sending", "sent", "deferred", "refused", "in-doubt")

_json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
_numbers = click.argument("numbers", metavar="NO…", nargs=-1, type=int, required=True)


@click.group("outbox")
def command() -> None:
    """See what became of your mail, and decide what is in doubt."""


@contextmanager
def _open() -> Iterator[Outbox]:
    from handouts.delivery import outbox_file
    from handouts.post.outbox import Outbox

    with Outbox(outbox_file()) as outbox:
        outbox.recover()
        yield outbox


def _list(states: Sequence[str] = ()) -> list[Entry]:
    from handouts.delivery import outbox_file

    if not outbox_file().exists():  # looking makes nothing
        return []
    with _open() as outbox:
        return [entry for entry in outbox.list_all() if not states or entry.state in states]


@command.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these.")
@_json_option
def list_command(states: tuple[str, ...], *, as_json: bool) -> None:
    """List the messages, the oldest first."""
    from handouts.post.history import say_time

    entries = _list(states)
    if as_json:
        click.echo(_as_json(entries))
        return
    rows = [
        (
            str(entry.number),
            str(entry.state),
            say_time(entry.changed),
            entry.client,
            entry.recipient,
            entry.campaign,
            entry.reply,
        )
        for entry in entries
    ]
    show_rows(_TITLES, rows)


@command.command("show")
@click.argument("number", metavar="NO", type=int)
@click.option("--message", is_flag=True, help="Print the message itself, while it is kept.")
def show_command(number: int, *, message: bool) -> None:
    """Show all that is known of one message."""
    from handouts.post.entry import State
    from handouts.post.history import say_time

    with _open() as outbox:
        (entry,) = _find(outbox, (number,))
        if message and entry.state is not State.SENT:
            sys.stdout.buffer.write(outbox.read(entry.name))
            return
        for key, value in _as_dict(entry).items():
            click.echo(f"{style_heading(f'{key}:')} {value}")
        for event in outbox.events(entry.name):
            click.echo(f"{say_time(event.at)}  {event.state}  {event.reply}".rstrip())
        if message:
            click.echo("The message itself is not kept once it was sent.", err=True)


@command.command("retry")
@_numbers
def retry_command(numbers: tuple[int, ...]) -> ExitCode:
    """Let refused or deferred messages go with the next `handouts mail --send`."""
    with _open() as outbox:
        entries = _find(outbox, numbers)
        done = [entry for entry in entries if outbox.retry(entry.name)]
    hint = (
        "only refused and deferred ones are tried again; for one in doubt: handouts outbox resolve"
    )
    return _say_done(entries, done, "goes with: handouts mail --send", hint)


@command.command("resolve")
@_numbers
@click.option(
    "--sent/--not-sent", "was_sent", default=None, help="What you found among your sent mail."
)
def resolve_command(numbers: tuple[int, ...], *, was_sent: bool | None) -> ExitCode:
    """Say whether messages in doubt were sent, after a look among your sent mail.

    The Message-ID that `handouts outbox show` prints tells a message from all others.
    """
    if was_sent is None:
        raise click.UsageError("say what you found: --sent or --not-sent")
    with _open() as outbox:
        entries = _find(outbox, numbers)
        done = [entry for entry in entries if outbox.resolve(entry.name, was_sent=was_sent)]
    said = "is sent" if was_sent else "goes with: handouts mail --send"
    return _say_done(entries, done, said, "only messages in doubt can be resolved")


def _say_done(entries: Sequence[Entry], done: Sequence[Entry], said: str, hint: str) -> ExitCode:
    from handouts.cli.output import show_report

    report = Report()
    for entry in entries:
        if entry in done:
            click.echo(f"{entry.number}  {entry.client}  {said}")
        else:
            report.add("outbox-state", f"message {entry.number} is {entry.state}", hint=hint)
    show_report(report)
    return ExitCode.DATA if report.errors else ExitCode.DONE


def _find(outbox: Outbox, numbers: Sequence[int]) -> list[Entry]:
    found = {number: outbox.find_number(number) for number in numbers}
    report = Report()
    for number, entry in found.items():
        if entry is None:
            hint = "run: handouts outbox list"
            report.add("unknown-message", f"there is no message {number}", hint=hint)
    if report.errors:
        raise HandoutError(report)
    return [entry for entry in found.values() if entry is not None]


@command.command("export")
@_json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for a spreadsheet (the default).")
def export_command(*, as_json: bool, as_csv: bool) -> None:
    """Print all that is known of every message, for your records."""
    if as_json and as_csv:
        raise click.UsageError("say --json or --csv, not both")
    entries = _list()
    click.echo(_as_json(entries) if as_json else _as_csv(entries), nl=as_json)


def _as_dict(entry: Entry) -> dict[str, object]:
    from datetime import UTC, datetime

    values = {key: getattr(entry, key) for key in _EXPORTED}
    for key in ("created", "changed"):
        values[key] = datetime.fromtimestamp(getattr(entry, key), UTC).isoformat(timespec="seconds")
    return values


def _as_json(entries: Sequence[Entry]) -> str:
    return json.dumps([_as_dict(entry) for entry in entries], ensure_ascii=False, indent=2)


def _as_csv(entries: Sequence[Entry]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [*_EXPORTED, "created", "changed"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(
        {key: _escape(value) for key, value in _as_dict(entry).items()} for entry in entries
    )
    return stream.getvalue()


def _escape(value: object) -> object:
    """Keep a spreadsheet from taking text for a formula (OWASP, CSV injection)."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value
