"""Turn a programme, the order of its exercises and the day it begins into a booklet's content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from handouts.model.assignment import list_tasks, order_exercises

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from handouts.model.assignment import Task
    from handouts.model.base import Slug
    from handouts.model.exercise import Exercise
    from handouts.model.programme import Order, Programme


@dataclass(frozen=True, slots=True)
class Booklet:
    """What all clients of a programme have in common."""

    programme: Programme
    exercises: tuple[Exercise, ...]
    """Each once, in the order of the pages."""
    tasks: dict[Slug, tuple[Task, ...]]
    """What is asked of each exercise."""
    start: date | None = None
    """The first day of week 1; a line to write on without it."""

    @property
    def end(self) -> date | None:
        """The last day of the last week."""
        days = timedelta(weeks=self.programme.weeks) - timedelta(days=1)
        return self.start + days if self.start else None


def make_booklet(
    programme: Programme,
    exercises: Mapping[Slug, Exercise],
    order: Order | None = None,
    start: date | None = None,
) -> Booklet:
    """Return the content of a booklet; the programme's own order where none is given."""
    chosen = order_exercises(programme, exercises, order)
    tasks = {exercise.slug: list_tasks(programme, exercise) for exercise in chosen}
    return Booklet(programme, chosen, tasks, start)
