"""Turn waiting messages into sent ones, each outcome in the ledger before the next is begun."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handouts.post.entry import WAITING, State
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from handouts.post.entry import Entry
    from handouts.post.outbox import Outbox
    from handouts.post.presets import Server
    from handouts.post.smtp import Connection, Outcome

HOUR, DAY = 3600.0, 86_400.0
_FIRST_WAIT, _LONGEST_WAIT = 300.0, 14_400.0  # seconds: greylisting takes about five minutes
# So many lost connections or refused senders in a row, and the server is left alone.
_MOST_LOST = 3


@dataclass(slots=True)
class Tally:
    """What became of the messages of a run, by their names."""

    settled: dict[str, State] = field(default_factory=dict)
    stopped: HandoutError | None = None
    """Why the run ended before all were tried."""

    def count(self, state: State) -> int:
        """Return how many messages ended in a state."""
        return sum(found is state for found in self.settled.values())


@dataclass(slots=True)
class _Run:
    """One sender's way through its messages."""

    outbox: Outbox
    server: Server
    connect: Callable[[], Connection]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    tally: Tally
    connection: Connection | None = None
    lost: int = 0
    """Messages in a row that failed for no reason of their own."""
    reason: str = ""
    """Why nothing more is tried; empty while there is hope."""


def send_waiting(  # noqa: PLR0913  clocks are put in by tests
    outbox: Outbox,
    server: Server,
    connect: Callable[[], Connection],
    names: Iterable[str],
    note: Callable[[Entry], None] = lambda _: None,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Tally:
    """Send messages of the outbox; each of them is settled when this returns.

    Args:
        outbox: the ledger; another sender must not be at work on it.
        server: whose limits are kept to.
        connect: opens a connection; called again when one is lost.
        names: of the messages to send; those that do not wait (any more) are left alone.
        note: told of each message once it is settled.
        clock: seconds since 1970.
        sleep: waits between two messages, where the server wants that.

    Raises:
        HandoutError: ``outbox-busy`` or ``outbox-unusable``.
    """
    run = _Run(outbox, server, connect, clock, sleep, Tally())
    with outbox.hold():
        for entry in outbox.settle_interrupted():
            run.tally.settled[entry.name] = State.IN_DOUBT
            note(outbox.get(entry.name))
        try:
            for name in names:
                entry = outbox.get(name)
                if entry.state in WAITING and entry.not_before <= clock():
                    _send_one(run, entry)
                    run.tally.settled[name] = outbox.get(name).state
                    note(outbox.get(name))
        finally:
            if run.connection is not None:
                run.connection.close()
    return run.tally


def find_wait(outbox: Outbox, server: Server, now: float) -> tuple[float, str]:
    """Return when the next message may go within the limits, and which limit it waits for."""
    waits = [(0.0, "")]
    for span, most, words in (
        (HOUR, server.per_hour, "an hour"),
        (DAY, server.per_day, "a day"),
    ):
        times = outbox.sending_times(server.account, now - span)
        if most is not None and len(times) >= most:
            waits.append((times[len(times) - most] + span, f"the limit of {most} {words}"))
    return max(waits)


def _send_one(run: _Run, entry: Entry) -> None:
    until, limit = find_wait(run.outbox, run.server, run.clock())
    if limit:
        run.outbox.settle(entry.name, State.DEFERRED, f"not tried: {limit}", not_before=until)
        return
    connection = _get_connection(run)
    if connection is None:
        run.outbox.settle(entry.name, State.DEFERRED, f"not tried: {run.reason}")
        return
    data = run.outbox.read(entry.name)
    most = min(run.server.most_bytes, connection.most_bytes or len(data))
    if len(data) > most:
        said = f"not tried: {len(data)} bytes are more than the {most} that the server takes"
        run.outbox.settle(entry.name, State.REFUSED, said)
        return
    outcome = _hand_over(run, connection, entry, data)
    if connection.taken and outcome.stage == "MAIL" and not outcome.is_open:
        # Servers close a connection after so many messages; this one was not even begun.
        run.connection = None
        connection = _get_connection(run)
        if connection is not None:
            outcome = _hand_over(run, connection, entry, data)
    _settle(run, entry, outcome)
    if run.server.pause:
        run.sleep(run.server.pause)


def _hand_over(run: _Run, connection: Connection, entry: Entry, data: bytes) -> Outcome:
    def commit() -> None:
        run.outbox.begin(entry.name, run.server.account)

    try:
        return connection.hand_over(entry.sender, entry.recipient, data, commit)
    except BaseException:  # stopped by hand, as with Ctrl-C
        if run.outbox.get(entry.name).state is State.SENDING:
            said = "the program was stopped while it sent this"
            run.outbox.settle(entry.name, State.IN_DOUBT, said)
        raise


def _settle(run: _Run, entry: Entry, outcome: Outcome) -> None:
    not_before, tried = 0.0, int(outcome.stage in ("MAIL", "RCPT"))
    if outcome.state is State.DEFERRED and not outcome.is_about_account:
        wait = min(_FIRST_WAIT * 2.0 ** min(entry.tries, 10), _LONGEST_WAIT)
        not_before = run.clock() + wait
    said = f"{outcome.stage}: {outcome.reply}"
    run.outbox.settle(entry.name, outcome.state, said, not_before=not_before, tried=tried)
    if outcome.is_about_account:
        run.reason = outcome.reply
    if not outcome.is_open:
        run.connection = None
    if outcome.state is State.SENT:
        run.lost = 0
    elif not outcome.is_open or outcome.stage == "MAIL":
        run.lost += 1
        if run.lost >= _MOST_LOST:
            run.reason = f"{run.lost} messages in a row failed before their turn: {outcome.reply}"


def _get_connection(run: _Run) -> Connection | None:
    if run.connection is None and not run.reason:
        try:
            run.connection = run.connect()
        except HandoutError as error:
            run.tally.stopped = error
            run.reason = error.report.problems[0].message
    return None if run.reason else run.connection


def count_room(outbox: Outbox | None, server: Server, now: float) -> int | None:
    """Return how many messages may go now within the limits, None if nothing limits them."""
    rooms = []
    for span, most in ((HOUR, server.per_hour), (DAY, server.per_day)):
        if most is not None:
            used = len(outbox.sending_times(server.account, now - span)) if outbox else 0
            rooms.append(max(0, most - used))
    return min(rooms, default=None)
