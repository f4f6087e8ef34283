"""Turn a message's way through the outbox into words: its states, its entry, what befell it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a message is on its way."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    IN_DOUBT = "in-doubt"


WAITING = (State.PENDING, State.DEFERRED)
"""What a sender may take up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the ledger; times are seconds since 1970."""

    number: int
    """What people call it by."""
    name: str
    client: str
    campaign: str
    pdf: str
    copy: int
    sender: str
    recipient: str
    subject: str
    attachment: str
    message_id: str
    size: int
    state: State
    tries: int
    not_before: float
    reply: str
    created: float
    changed: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is in the ledger."""

    name: str
    client: str
    campaign: str
    pdf: str
    copy: int
    sender: str
    recipient: str
    subject: str
    attachment: str
    message_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a message's state."""

    at: float
    state: State
    reply: str
