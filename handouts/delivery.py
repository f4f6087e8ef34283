"""Turn parcels into letters, and letters into messages that go, wait or stay."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from handouts.bind.publish import publish
from handouts.model.client import fold_id
from handouts.post.address import Person, check_address, name_file
from handouts.post.entry import WAITING, Draft, State
from handouts.post.history import Action, decide, judge
from handouts.post.letter import (
    Attachment,
    Meant,
    compose,
    hash_pdf,
    measure_attachment,
    name_message,
)
from handouts.post.presets import find_sender
from handouts.problem import HandoutError, Report, Severity
from handouts.source.layers import user_data_folder
from handouts.theme.chain import make_chain
from handouts.theme.letter import LETTER, write_letter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from handouts.model.letter import Letter
    from handouts.parcels import Parcel
    from handouts.post.outbox import Outbox
    from handouts.source.workspace import Workspace

_MEGABYTE = 1_000_000
_ENGLISH = "en"
_MOST_OF_CAMPAIGN = 30  # characters of a draft's name, which ends in the client's id


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says about the letters."""

    subject: str | None = None
    letter: str = LETTER
    to: str | None = None
    """Everything goes to this address, for trial."""
    again: bool = False
    most_bytes: int = 25 * _MEGABYTE


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the plan: who gets what, how large, and whether."""

    client: str
    recipient: str
    what: str
    """The PDF's file, or the attachment of a message that waits since an earlier run."""
    size: int
    """Bytes of the whole message."""
    action: Action
    why: str = ""
    name: str = ""
    """The message's name in the outbox."""
    parcel: Parcel | None = None
    copy: int = 0


def outbox_file() -> Path:
    """Return where the ledger is: one for all of a user's workspaces, whose mail has one limit."""
    return user_data_folder() / "outbox.sqlite"


def plan_mail(clerk: Clerk, parcels: Sequence[Parcel], outbox: Outbox | None) -> list[Row]:
    """Return what would happen to each parcel; every letter is written and read again on the way.

    Args:
        clerk: writes the letters, and notes what is wrong with any of them.
        parcels: what goes to whom.
        outbox: what was sent before; None where nothing ever was.
    """
    return [clerk.plan(parcel, outbox) for parcel in parcels]


def plan_waiting(outbox: Outbox | None, now: float) -> list[Row]:
    """Return the messages that wait since earlier runs."""
    entries = outbox.list_all() if outbox else []
    rows = [
        Row(entry.client, entry.recipient, entry.attachment, entry.size, *judge(entry, now))
        for entry in entries
    ]
    return [
        replace(row, name=entry.name)
        for row, entry in zip(rows, entries, strict=True)
        if entry.state in WAITING
    ]


@dataclass
class Clerk:
    """Writes the letters of a run."""

    workspace: Workspace
    wish: Wish
    report: Report

    def __post_init__(self) -> None:
        """Find out who writes, and in which look.

        Raises:
            HandoutError: ``no-sender``, ``bad-email``, or a fault in the settings.
        """
        settings = self.workspace.settings
        self._trainer, self._mail = settings.trainer, settings.mail
        self.sender = find_sender(self._mail, self._trainer)
        self._chain = make_chain(settings.print.theme, self.workspace.root)
        self._to = check_address(self.wish.to, "--to") if self.wish.to else None

    def plan(self, parcel: Parcel, outbox: Outbox | None) -> Row:
        """Return what would happen to a parcel."""
        client = parcel.client
        recipient = self._to or client.email
        what = str(parcel.place)
        if recipient is None:
            why = "no e-mail address stands in the list of clients"
            return Row(client.id, "", what, 0, Action.NOBODY, why, parcel=parcel)
        past = outbox.list_of(fold_id(client.id), self._campaign(parcel)) if outbox else []
        action, why, copy = decide(
            parcel.pdf, past, check_address(recipient), again=self.wish.again, now=time.time()
        )
        row = Row(client.id, recipient, what, 0, action, why, parcel=parcel, copy=copy)
        if action is Action.KEEP:
            same = [entry for entry in past if entry.pdf == parcel.pdf]
            return replace(row, size=same[-1].size if same else 0)
        try:
            size, name = self._try_out(row)
        except HandoutError as error:
            self.report.extend(
                replace(problem, place=problem.place or parcel.place) for problem in error.report
            )
            return row
        self._check_size(parcel, size)
        return replace(row, size=size, name=name)

    def _try_out(self, row: Row) -> tuple[int, str]:
        """Return a message's size and name; the PDF is put in only when it is written."""
        parcel = _parcel_of(row)
        name = name_message(parcel.client.id, parcel.pdf, self._campaign(parcel), row.copy)
        meant = replace(self._mean(row, b""), name=name, date=datetime.now(UTC).astimezone())
        return len(compose(meant)) + measure_attachment(parcel.size), name

    def _check_size(self, parcel: Parcel, size: int) -> None:
        if size > self.wish.most_bytes:
            self.report.add(
                "mail-too-large",
                f"the message has {size / _MEGABYTE:.1f} MB, and the server takes "
                f"{self.wish.most_bytes / _MEGABYTE:g} MB",
                parcel.place,
                hint="a PDF grows by a third in the mail: leave out photographs, or share a link",
            )

    def _campaign(self, parcel: Parcel) -> str:
        return f"{parcel.campaign} (trial to {self._to})" if self._to else parcel.campaign

    def write(self, row: Row) -> Draft:
        """Return a parcel's message, made from the file as it is now.

        Raises:
            HandoutError: a fault in the letter, ``file-changed``, or what :func:`compose` refuses.
        """
        parcel = _parcel_of(row)
        meant, pdf = self._mean(row, _read_again(parcel)), parcel.pdf
        campaign = self._campaign(parcel)
        name = name_message(parcel.client.id, pdf, campaign, row.copy)
        meant = replace(meant, name=name, date=datetime.now(UTC).astimezone())
        return Draft(
            name=name,
            client=fold_id(parcel.client.id),
            campaign=campaign,
            pdf=pdf,
            copy=row.copy,
            sender=self.sender,
            recipient=check_address(meant.recipient.address),
            subject=meant.letter.subject,
            attachment=meant.attachment.name,
            message_id=meant.message_id,
            data=compose(meant),
        )

    def write_draft(self, row: Row) -> bytes:
        """Return a parcel's message for a mail program to open and send: it has no name yet."""
        return compose(self._mean(row, _read_again(_parcel_of(row))))

    def _mean(self, row: Row, data: bytes) -> Meant:
        parcel = _parcel_of(row)
        letter = self._write_letter(parcel)
        trainer = self._trainer
        recipient = Person("" if self._to else parcel.client.name, row.recipient)
        return Meant(
            letter=letter,
            sender=Person(trainer.name or trainer.practice or "", self.sender),
            recipient=recipient,
            attachment=Attachment(name_file(parcel.title), data),
            date=datetime.now(UTC),
            reply_to=self._mail.reply_to,
        )

    def _write_letter(self, parcel: Parcel) -> Letter:
        client = parcel.client

        def write(language: str) -> Letter:
            return write_letter(
                self._chain,
                language,
                client,
                self._trainer,
                parcel.title,
                subject=self.wish.subject,
                name=self.wish.letter,
            )

        try:
            letter = write(client.language or _ENGLISH)
        except HandoutError as error:
            if [problem.code for problem in error.report] != ["no-words"]:
                raise
            warnings = [replace(row, severity=Severity.WARNING) for row in error.report]
            self.report.extend(warnings)
            letter = write(_ENGLISH)
        if self._to:
            return replace(letter, subject=f"{client.name}: {letter.subject}")
        return letter


def _parcel_of(row: Row) -> Parcel:
    if row.parcel is None:
        raise ValueError(row.name)
    return row.parcel


def _read_again(parcel: Parcel) -> bytes:
    """Return the PDF if it is the one that was looked at."""
    try:
        data = parcel.file.read_bytes()
    except OSError:
        data = b""
    if hash_pdf(data) != parcel.pdf:
        message = "the file was changed or moved while this command ran"
        raise HandoutError.of("file-changed", message, parcel.place, hint="run it again")
    return data


def enter_mail(clerk: Clerk, rows: Sequence[Row], outbox: Outbox) -> list[str]:
    """Put every message that goes into the outbox and return their names.

    A version of a PDF that never went gives way to the one that now goes in its place.

    Raises:
        HandoutError: what :meth:`Clerk.write` raises, ``outbox-unusable``.
    """
    names = []
    for row in rows:
        if row.action is not Action.SEND:
            continue
        if row.parcel is None:
            names.append(row.name)
            continue
        draft = clerk.write(row)
        for other in outbox.list_of(draft.client, draft.campaign):
            if other.pdf != draft.pdf:
                outbox.give_way(other.name)
        entry = outbox.add(draft)
        if entry.state is State.REFUSED:
            outbox.retry(entry.name)
        names.append(entry.name)
    return names


def write_drafts(clerk: Clerk, rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write a file for each message that would go, for a mail program to open and send.

    Raises:
        HandoutError: what :meth:`Clerk.write_draft` raises, ``cannot-write``.
    """
    drafts: dict[Path, bytes] = {}
    for row in rows:
        if row.parcel is not None and row.action is Action.SEND:
            stem = f"{name_file(row.parcel.campaign, '')[:_MOST_OF_CAMPAIGN]}-{row.client}"
            alike = sum(file.name.startswith(stem) for file in drafts)
            file = folder / f"{stem}{f' {alike + 1}' if alike else ''}.eml"
            drafts[file] = clerk.write_draft(row)
    for file, data in drafts.items():
        publish(file, data)
    return list(drafts)
