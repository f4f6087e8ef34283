"""Turn what differs between two versions of a programme into plain facts, one class a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, get_args

if TYPE_CHECKING:
    from handouts.model.dose import Dose
    from handouts.model.programme import BodySide, Override, Weekday


@dataclass(frozen=True, slots=True)
class About:
    """The prescription that a change is about."""

    exercise: str
    """Its slug."""
    name: str
    side: BodySide | None = None
    session: str | None = None
    """Only where the exercise stands in more than one session."""
    rung: str | None = None
    """Only where the session has the exercise more than once for this side."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The client no longer does it."""

    about: About


@dataclass(frozen=True, slots=True)
class Added:
    """The client does it from now on."""

    about: About


@dataclass(frozen=True, slots=True)
class OverrideWithdrawn:
    """A clinician's leave that no longer stands; for its client's eyes only."""

    about: About
    override: Override


@dataclass(frozen=True, slots=True)
class OverrideGiven:
    """A clinician's leave that is new, or says something else now; for its client's eyes only."""

    about: About
    override: Override


@dataclass(frozen=True, slots=True)
class DoseChanged:
    """How much, from a week on."""

    about: About
    week: int
    before: Dose | None
    """None for a line to write on."""
    after: Dose | None
    is_new_week: bool = False
    """The earlier version did not last so long: ``before`` says nothing."""


@dataclass(frozen=True, slots=True)
class RungChanged:
    """Which rung of the ladder, from a week on."""

    about: About
    week: int
    before: str | None
    """None for the exercise itself."""
    after: str | None
    is_new_week: bool = False


@dataclass(frozen=True, slots=True)
class SideChanged:
    """Which side of the body; None for both."""

    about: About
    before: BodySide | None
    after: BodySide | None


@dataclass(frozen=True, slots=True)
class NoteChanged:
    """What the trainer wrote to it."""

    about: About
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ReadyChanged:
    """What must be so before the client moves on to a week."""

    about: About
    week: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """From one session to another one."""

    about: About
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SessionRemoved:
    """A session that is no longer done."""

    name: str


@dataclass(frozen=True, slots=True)
class SessionAdded:
    """A session that is new."""

    name: str


@dataclass(frozen=True, slots=True)
class SessionRenamed:
    """A session that has another name and much the same exercises."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DaysChanged:
    """On which days of the week; none where the client chooses."""

    session: str
    before: tuple[Weekday, ...]
    after: tuple[Weekday, ...]


@dataclass(frozen=True, slots=True)
class WeeksChanged:
    """For how many weeks."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class GoalChanged:
    """What it is all for."""

    before: str
    after: str


Detail: TypeAlias = DoseChanged | RungChanged | SideChanged | NoteChanged | ReadyChanged | Moved
"""What can differ in an exercise that both versions have."""
Change: TypeAlias = (
    LeftOut
    | Added
    | OverrideWithdrawn
    | OverrideGiven
    | Detail
    | SessionRemoved
    | SessionAdded
    | SessionRenamed
    | DaysChanged
    | WeeksChanged
    | GoalChanged
)
KINDS: tuple[type, ...] = get_args(Change)
"""What matters most to the client first."""
