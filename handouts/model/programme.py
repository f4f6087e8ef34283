"""Turn exercises and doses into what is prescribed: Programme › Session › Prescription."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from handouts.model.base import Frozen, Line, Lines, Slug, Text
from handouts.model.client import ClientId
from handouts.model.dose import Dose
from handouts.model.exercise import Exercise, Progression, Purpose, Review, only_iso
from handouts.model.prose import Prose

LONGEST_WEEKS = 52
Day = Annotated[date, BeforeValidator(only_iso)]


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Order(StrEnum):
    """In which order a booklet has its exercises."""

    SESSIONS = "sessions"
    """As the sessions name them."""
    POSITION = "position"
    """Lying, sitting, kneeling, standing, moving: one gets up once."""


class BodySide(StrEnum):
    """The one side of the body that a prescription is for."""

    LEFT = "left"
    RIGHT = "right"


def _one_dose(dose: Dose | None, purpose: Purpose | None) -> None:
    if dose is not None and purpose is not None:
        raise PydanticCustomError(
            "dose-twice",
            '"dose" and "purpose" both say how much',
            {"hint": "keep the dose, or the purpose whose dose the exercise gives"},
        )


class Stage(Frozen):
    """What changes from a week on: more to do, or another rung of the ladder."""

    week: Annotated[int, Field(ge=2, le=LONGEST_WEEKS)]
    """The first week in which it holds, counted from 1."""
    dose: Dose | None = None
    purpose: Purpose | None = None
    """Take the dose that the exercise gives for this."""
    rung: Line | None = None
    """Name of one of the exercise's ``progressions``."""
    ready_when: Text | None = None
    """What must be so before the client moves on; else the week waits."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        _one_dose(self.dose, self.purpose)
        if self.dose is None and self.purpose is None and self.rung is None:
            raise PydanticCustomError(
                "stage-empty",
                "week {week} changes nothing",
                {"week": self.week, "hint": 'say what changes: "dose: 3 × 12", or a rung'},
            )
        return self


class Prescription(Frozen):
    """An exercise with how much of it, for a client."""

    exercise: Slug
    dose: Dose | None = None
    """How much. Without dose and purpose it is the rung's own dose, or a line to write on."""
    purpose: Purpose | None = None
    """Take the dose that the exercise gives for this."""
    side: BodySide | None = None
    """Only this side; left out where both work, or each in turn."""
    rung: Line | None = None
    """Name of one of the exercise's ``progressions``; left out for the exercise itself."""
    note: Text | None = None
    progression: Annotated[tuple[Stage, ...], Field(max_length=LONGEST_WEEKS)] = ()
    """What changes from week to week."""

    @model_validator(mode="after")
    def _weeks_in_order(self) -> Self:
        _one_dose(self.dose, self.purpose)
        weeks = [stage.week for stage in self.progression]
        for before, after in pairwise(weeks):
            if after <= before:
                raise PydanticCustomError(
                    "weeks-backwards",
                    "week {after} stands after week {before}",
                    {"after": after, "before": before, "hint": "earlier weeks first, each once"},
                )
        return self


class Session(Frozen):
    """What is done in one go."""

    name: Line
    days: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    """The days of the week; left out where the client chooses."""
    prescriptions: Annotated[tuple[Prescription, ...], Field(min_length=1, max_length=30)]


class Override(Frozen):
    """A clinician's leave to do an exercise in spite of ``avoid``; it is printed."""

    client: ClientId
    exercise: Slug
    condition: Line
    """What the client has: a name, a slug or a synonym. Other conditions are not cleared."""
    cleared_by: Line
    """Who said yes, and what they are: Dr A. Rao, orthopaedic surgeon."""
    on: Day
    why: Text


class Programme(Frozen):
    """A plan of sessions for a number of weeks."""

    slug: Annotated[Slug, WithJsonSchema({})] = Field(exclude=True)
    """The file's name without ``.yaml``; never a key in the file."""
    language: Annotated[
        str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["en", "pt-BR"])
    ] = "en"
    """BCP 47 tag of the text."""
    title: Line
    goal: Text
    weeks: Annotated[int, Field(ge=1, le=LONGEST_WEEKS)]
    """How many weeks the plan and its log are for."""
    first: bool = False
    """True for a client's first programme, which should be short."""
    introduction: Prose | None = None
    """Safe Markdown: paragraphs, ## headings, lists, **bold** and links."""
    sessions: Annotated[tuple[Session, ...], Field(min_length=1, max_length=14)]
    order: Order = Order.SESSIONS
    stop_if: Lines = ()
    """Red flags of the whole programme, beside those of its exercises."""
    closing: Prose | None = None
    """Safe Markdown, printed at the end."""
    overrides: Annotated[tuple[Override, ...], Field(max_length=200)] = ()
    version: Annotated[int, Field(ge=1)] = 1
    review_on: Day | None = None
    """When trainer and client look at the plan anew."""
    reviewed: Review | None = None
    """Who last checked the programme's content, and when."""

    def exercises(self) -> tuple[Slug, ...]:
        """Return the slug of every exercise, each once, in the order of the sessions."""
        return tuple(
            dict.fromkeys(
                prescription.exercise
                for session in self.sessions
                for prescription in session.prescriptions
            )
        )


@dataclass(frozen=True, slots=True)
class Prescribed:
    """What a prescription means in one week."""

    week: int
    dose: Dose | None
    """None where no dose is given: a line to write on."""
    rung: Progression | None
    """None for the exercise itself."""
    ready_when: str | None = None
    """What must be so before this week's change."""


def prescribe_week(prescription: Prescription, exercise: Exercise, week: int) -> Prescribed:
    """Return dose and rung of a week (from 1): each is what was last said of it.

    A dose that is written counts before one for a purpose, and that before the rung's own. For
    one side only, the dose loses its "each leg".

    Raises:
        KeyError: the exercise gives no dose for the purpose, or has no such rung; a checked
            programme names neither.
    """
    rungs = {rung.name.casefold(): rung for rung in exercise.progressions}
    dose: Dose | None = None
    rung: Progression | None = None
    ready_when: str | None = None
    everything: list[Prescription | Stage] = [prescription, *prescription.progression]
    for said in everything:
        if isinstance(said, Stage):
            if said.week > week:
                break
            ready_when = said.ready_when
        if said.rung is not None:
            rung = rungs[said.rung.casefold()]
            dose = rung.dose or dose
        if said.purpose is not None:
            dose = exercise.dose[said.purpose]
        dose = said.dose or dose
    if dose is not None and prescription.side is not None:
        dose = dose.model_copy(update={"side": None})
    return Prescribed(week, dose, rung, ready_when)


def prescribe_changes(
    prescription: Prescription, exercise: Exercise, weeks: int
) -> tuple[Prescribed, ...]:
    """Return week 1 and every later week, up to the last, in which something changes."""
    begin = [1, *(stage.week for stage in prescription.progression if stage.week <= weeks)]
    return tuple(prescribe_week(prescription, exercise, week) for week in begin)
