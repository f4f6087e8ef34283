"""Turn what was sent before into whether a message goes now, and into the reason to show."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from handouts.post.entry import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handouts.post.entry import Entry


class Action(StrEnum):
    """What happens to a message when it is said ``--send``."""

    SEND = "send"
    WAIT = "wait"
    """Deferred: its time has not come."""
    KEEP = "keep"
    """It has gone, or only a person may decide."""
    NOBODY = "no address"


def decide(
    pdf: str, past: Sequence[Entry], recipient: str, *, again: bool, now: float
) -> tuple[Action, str, int]:
    """Return what happens to a PDF for a client, why, and the how-manieth copy it is.

    Args:
        pdf: its hash.
        past: what the client was to get in the same campaign, the oldest first.
        recipient: the address of today.
        again: whether what has gone is to go once more.
        now: seconds since 1970.
    """
    same = [entry for entry in past if entry.pdf == pdf]
    if same:
        last = max(same, key=lambda entry: entry.copy)
        if again and last.state in (State.SENT, State.IN_DOUBT):
            return Action.SEND, f"again: {say_past(last)}", last.copy + 1
        if last.state is State.REFUSED and last.recipient != recipient:
            return Action.SEND, f"{last.recipient} was refused, the address has changed", last.copy
        return *judge(last, now), last.copy
    gone = [entry for entry in past if entry.state in (State.SENT, State.IN_DOUBT, State.SENDING)]
    if not gone:
        return Action.SEND, "", 0
    why = f"another version was {say_past(gone[-1])}"
    if again:
        return Action.SEND, why, 0
    return Action.KEEP, f"{why}; --again sends this one too", 0


def judge(entry: Entry, now: float) -> tuple[Action, str]:
    """Return what happens to a message that is in the outbox, and why."""
    if entry.state is State.PENDING:
        return Action.SEND, ""
    if entry.state is State.DEFERRED:
        if entry.not_before > now:
            return Action.WAIT, f"until {say_time(entry.not_before)}: {entry.reply}"
        return Action.SEND, f"deferred before: {entry.reply}"
    hint = {
        State.SENT: "",
        State.REFUSED: f"; handouts outbox retry {entry.number}",
    }.get(entry.state, f"; look, then: handouts outbox resolve {entry.number}")
    return Action.KEEP, say_past(entry) + hint


def say_past(entry: Entry) -> str:
    """Return what became of a message: ``sent to sam@example.org on 2026-11-20 14:02``."""
    said = {State.SENDING: "being sent", State.IN_DOUBT: "in doubt: perhaps sent"}
    reply = f" ({entry.reply})" if entry.state is State.REFUSED else ""
    words = said.get(entry.state, str(entry.state))
    return f"{words} to {entry.recipient} on {say_time(entry.changed)}{reply}"


def say_time(seconds: float) -> str:
    """Return a time as it is on this machine's clock: ``2026-11-20 14:02``."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
