"""What all clients of a programme have in common."""

from __future__ import annotations

from datetime import date

import pytest

from handouts.model.booklet import make_booklet
from handouts.model.exercise import Exercise
from handouts.model.programme import Order, Programme

SQUAT, BRIDGE = (
    Exercise.model_validate(
        {
            "slug": slug,
            "name": slug.title(),
            "summary": "Do it.",
            "position": position,
            "muscles": {"primary": ["quadriceps"]},
            "steps": [{"title": "Do", "do": ["Do it."]}],
            "avoid": [],
        }
    )
    for slug, position in (("squat", "standing"), ("bridge", "lying"))
)
PLAN = Programme.model_validate(
    {
        "slug": "plan",
        "title": "Plan",
        "goal": "Go.",
        "weeks": 6,
        "sessions": [
            {"name": "A", "prescriptions": [{"exercise": "squat"}, {"exercise": "bridge"}]},
            {"name": "B", "prescriptions": [{"exercise": "squat", "dose": "2 × 9"}]},
        ],
    }
)
KNOWN = {"squat": SQUAT, "bridge": BRIDGE}


def test_each_exercise_is_there_once_with_all_its_tasks() -> None:
    booklet = make_booklet(PLAN, KNOWN)
    assert booklet.exercises == (SQUAT, BRIDGE)
    assert {slug: len(tasks) for slug, tasks in booklet.tasks.items()} == {"squat": 2, "bridge": 1}
    assert make_booklet(PLAN, KNOWN, Order.POSITION).exercises == (BRIDGE, SQUAT)


@pytest.mark.parametrize(
    ("weeks", "start", "end"),
    [
        (6, date(2026, 11, 23), date(2027, 1, 3)),  # Monday to Sunday
        (1, date(2028, 2, 26), date(2028, 3, 3)),  # over a leap day
        (52, date(2026, 1, 1), date(2026, 12, 30)),
    ],
)
def test_the_last_day_is_that_of_the_last_week(weeks: int, start: date, end: date) -> None:
    plan = PLAN.model_copy(update={"weeks": weeks})
    assert make_booklet(plan, KNOWN, None, start).end == end


def test_without_a_first_day_there_is_no_last_one() -> None:
    assert make_booklet(PLAN, KNOWN).end is None
