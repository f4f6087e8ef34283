"""Turn a programme into what it asks of one exercise: its tasks, session by session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.model.exercise import Position
from handouts.model.programme import Order, Prescribed, prescribe_changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handouts.model.base import Slug
    from handouts.model.dose import Dose
    from handouts.model.exercise import Exercise
    from handouts.model.programme import BodySide, Programme, Weekday

_POSITIONS = list(Position)


@dataclass(frozen=True, slots=True)
class Task:
    """One prescription of an exercise, and what it means from week to week."""

    weeks: tuple[Prescribed, ...]
    """Week 1, and every later week in which something changes."""
    session: str = ""
    """Its name; empty where nobody has planned any."""
    days: tuple[Weekday, ...] = ()
    side: BodySide | None = None
    note: str | None = None

    @property
    def begin(self) -> Prescribed:
        """What is done in week 1."""
        return self.weeks[0]


def task_of_dose(dose: Dose) -> Task:
    """Return the task of a client who is given a dose without a programme."""
    return Task((Prescribed(1, dose, None),))


def list_tasks(programme: Programme, exercise: Exercise) -> tuple[Task, ...]:
    """Return all that the programme asks of an exercise, in the order of its sessions."""
    return tuple(
        Task(
            prescribe_changes(row, exercise, programme.weeks),
            session.name,
            session.days,
            row.side,
            row.note,
        )
        for session in programme.sessions
        for row in session.prescriptions
        if row.exercise == exercise.slug
    )


def order_exercises(
    programme: Programme, exercises: Mapping[Slug, Exercise], order: Order | None = None
) -> tuple[Exercise, ...]:
    """Return the programme's exercises, each once, in the order in which a booklet has them.

    By position, those of one position stay in the order of the sessions.
    """
    planned = [exercises[slug] for slug in programme.exercises()]
    if (order or programme.order) is Order.POSITION:
        planned.sort(key=lambda exercise: _POSITIONS.index(exercise.position))
    return tuple(planned)
