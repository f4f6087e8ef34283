"""Turn messages into entries of a ledger, so that none is sent twice and none is lost.

A message is committed as ``sending`` before the server gets a byte of it. Whoever dies after that
leaves it so, and the next sender turns it into ``in-doubt``: from there only a person moves it.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from handouts.post.entry import WAITING, Draft, Entry, Event, State
from handouts.post.ledger import make_private, open_ledger
from handouts.problem import ExitCode, HandoutError, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_COLUMNS = (
    "number, name, client, campaign, pdf, copy, sender, recipient, subject, attachment,"
    " message_id, size, state, tries, not_before, reply, created, changed"
)


class Outbox:
    """The ledger in its file, which is made when it is first opened."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the ledger.

        Raises:
            HandoutError: ``outbox-unusable``.
        """
        self._file, self._clock = file, clock
        with self._explain():
            self._base = open_ledger(file)

    def __enter__(self) -> Self:
        """Return the ledger, to be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Do what is inside as a whole or not at all."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        finally:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")

    @contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise HandoutError.of(
                "outbox-unusable",
                f"the outbox cannot be used: {error}",
                Place(str(self._file)),
                hint="check that you may write there and that the disk has room; do not delete it: "
                "it knows what was sent",
                exit_code=ExitCode.DELIVERY,
            ) from None

    @contextmanager
    def hold(self, patience: float = 1) -> Iterator[None]:
        """Be the one sender; the system lets go when the process ends, however it ends.

        Args:
            patience: seconds to wait for another one; somebody who only looks is quick.

        Raises:
            HandoutError: ``outbox-busy`` if another process sends.
        """
        lock = self._file.with_name(f"{self._file.name}.lock")
        with self._explain():
            make_private(lock)
            holder = sqlite3.connect(lock, timeout=patience, isolation_level=None)
        try:
            try:
                holder.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise HandoutError.of(
                    "outbox-busy",
                    "another handouts is sending from this outbox",
                    Place(str(self._file)),
                    hint="wait until it has finished, then: handouts outbox list",
                    exit_code=ExitCode.DELIVERY,
                ) from None
            yield
        finally:
            holder.close()

    def add(self, draft: Draft) -> Entry:
        """Put a message in; one of its name that has not gone yet is replaced.

        What was sent, is being sent or may have been sent stays as it is.
        """
        with self._explain(), self._change():
            found = self.find(draft.name)
            if found is not None and found.state in (State.SENT, State.SENDING, State.IN_DOUBT):
                return found
            values = {key: getattr(draft, key) for key in Draft.__slots__ if key != "data"}
            values |= {"size": len(draft.data), "changed": self._clock()}
            if found is None:
                self._insert({**values, "state": State.PENDING, "created": values["changed"]})
                self._note(draft.name, State.PENDING, "", "")
            else:
                updates = ", ".join(f"{key} = :{key}" for key in values)
                self._base.execute(f"UPDATE message SET {updates} WHERE name = :name", values)  # noqa: S608
            self._base.execute(
                "INSERT OR REPLACE INTO content (name, data) VALUES (?, ?)",
                (draft.name, draft.data),
            )
        return self.get(draft.name)

    def _insert(self, values: dict[str, object]) -> None:
        marks = ", ".join(f":{key}" for key in values)
        self._base.execute(f"INSERT INTO message ({', '.join(values)}) VALUES ({marks})", values)  # noqa: S608

    def find(self, name: str) -> Entry | None:
        """Return the message of this name."""
        return next(self._select("name = ?", name), None)

    def get(self, name: str) -> Entry:
        """Return the message of this name, which is there."""
        return next(self._select("name = ?", name))

    def find_number(self, number: int) -> Entry | None:
        """Return the message that people call by this number."""
        return next(self._select("number = ?", number), None)

    def list_all(self) -> list[Entry]:
        """Return every message, the oldest first."""
        return list(self._select("1"))

    def list_of(self, client: str, campaign: str) -> list[Entry]:
        """Return what a client was to get in a campaign, the oldest first."""
        return list(self._select("client = ? AND campaign = ?", client, campaign))

    def _select(self, where: str, *values: object) -> Iterator[Entry]:
        with self._explain():
            rows = self._base.execute(
                f"SELECT {_COLUMNS} FROM message WHERE {where} ORDER BY number",  # noqa: S608
                values,
            ).fetchall()
        for row in rows:
            entry = Entry(*row)
            object.__setattr__(entry, "state", State(entry.state))
            yield entry

    def read(self, name: str) -> bytes:
        """Return the bytes of a message that has not gone yet."""
        with self._explain():
            row = self._base.execute("SELECT data FROM content WHERE name = ?", (name,)).fetchone()
        return bytes(row[0])

    def events(self, name: str) -> list[Event]:
        """Return what happened to a message, the first first."""
        with self._explain():
            rows = self._base.execute(
                "SELECT at, state, reply FROM event WHERE name = ? ORDER BY rowid", (name,)
            ).fetchall()
        return [Event(at, State(state), reply) for at, state, reply in rows]

    def sending_times(self, account: str, since: float) -> list[float]:
        """Return when an account began to send a message, the first first."""
        with self._explain():
            rows = self._base.execute(
                "SELECT at FROM event WHERE account = ? AND state = ? AND at > ? ORDER BY at",
                (account, State.SENDING, since),
            ).fetchall()
        return [at for (at,) in rows]

    def begin(self, name: str, account: str) -> None:
        """Commit that the message is about to be handed over."""
        self._move(name, WAITING, State.SENDING, "", account=account, tried=1)

    def settle(
        self,
        name: str,
        state: State,
        reply: str,
        *,
        not_before: float = 0,
        tried: int = 0,
    ) -> None:
        """Commit what became of a message that was waiting or being sent."""
        before = (State.SENDING, *WAITING)
        self._move(name, before, state, reply, not_before=not_before, tried=tried)

    def recover(self) -> list[Entry]:
        """Put in doubt what a dead sender left behind; nothing while a sender is at work."""
        try:
            with self.hold(patience=0):
                return self.settle_interrupted()
        except HandoutError as error:
            if [problem.code for problem in error.report] != ["outbox-busy"]:
                raise
            return []

    def settle_interrupted(self) -> list[Entry]:
        """Put in doubt what a sender was stopped in the middle of; call while holding."""
        left = list(self._select("state = ?", State.SENDING))
        for entry in left:
            said = "the program was stopped while it sent this"
            self._move(entry.name, (State.SENDING,), State.IN_DOUBT, said)
        return left

    def give_way(self, name: str) -> bool:
        """Let a newer version of a PDF go instead; False for a message that does not wait."""
        said = "not sent: a newer version of the PDF took its place"
        return self._try_move(name, WAITING, State.REFUSED, said)

    def retry(self, name: str) -> bool:
        """Let a refused or deferred message go with the next run; False for any other."""
        before = (State.DEFERRED, State.REFUSED)
        return self._try_move(name, before, State.PENDING, "to be tried again: ordered by hand")

    def resolve(self, name: str, *, was_sent: bool) -> bool:
        """Say what became of a message in doubt; False for any other."""
        state = State.SENT if was_sent else State.PENDING
        said = "found among what was sent" if was_sent else "not found among what was sent"
        return self._try_move(name, (State.IN_DOUBT,), state, said)

    def _try_move(self, name: str, before: tuple[State, ...], after: State, reply: str) -> bool:
        try:
            self._move(name, before, after, reply)
        except LookupError:
            return False
        return True

    def _move(  # noqa: PLR0913  a change of state
        self,
        name: str,
        before: tuple[State, ...],
        after: State,
        reply: str,
        *,
        account: str = "",
        not_before: float = 0,
        tried: int = 0,
    ) -> None:
        """Change a state, all of it on the disk when this returns.

        Raises:
            LookupError: the message is in none of the states ``before``.
        """
        allowed = ", ".join("?" * len(before))
        sets = "state = ?, reply = ?, not_before = ?, changed = ?, tries = tries + ?"
        sql = f"UPDATE message SET {sets} WHERE name = ? AND state IN ({allowed})"  # noqa: S608
        values = (after, reply, not_before, self._clock(), tried, name, *before)
        with self._explain(), self._change():
            moved = self._base.execute(sql, values)
            if moved.rowcount != 1:
                raise LookupError(name)
            if after is State.SENT:
                self._base.execute("DELETE FROM content WHERE name = ?", (name,))
            self._note(name, after, reply, account)

    def _note(self, name: str, state: State, reply: str, account: str) -> None:
        self._base.execute(
            "INSERT INTO event (name, at, state, reply, account) VALUES (?, ?, ?, ?, ?)",
            (name, self._clock(), state, reply, account),
        )
