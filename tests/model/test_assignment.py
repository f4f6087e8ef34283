"""What a programme asks of an exercise: all of it, in order, and each exercise once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handouts.model.assignment import list_tasks, order_exercises, task_of_dose
from handouts.model.dose import parse_dose
from handouts.model.exercise import Exercise, Position
from handouts.model.programme import Order, Programme


def make_exercise(slug: str, position: str = "standing") -> Exercise:
    return Exercise.model_validate(
        {
            "slug": slug,
            "name": slug.title(),
            "summary": "Sit down.",
            "position": position,
            "muscles": {"primary": ["quadriceps"]},
            "steps": [{"title": "Sit", "do": ["Sit."]}],
            "progressions": [{"name": "Jump", "direction": "harder", "how": "Jump."}],
            "avoid": [],
            "dose": {"general": "3 × 10 each leg"},
        }
    )


def make_programme(*sessions: list[dict[str, Any]], **values: Any) -> Programme:  # noqa: ANN401
    listed = [
        {"name": f"Session {number}", "days": ["monday"] * (number == 1), "prescriptions": rows}
        for number, rows in enumerate(sessions, 1)
    ]
    plan = {"slug": "p", "title": "P", "goal": "G.", "weeks": 6, "sessions": listed}
    return Programme.model_validate({**plan, **values})


def test_tasks_come_from_all_sessions_in_their_order() -> None:
    programme = make_programme(
        [
            {"exercise": "squat", "side": "left", "dose": "1 × 7", "note": "Slowly."},
            {"exercise": "lunge"},
            {"exercise": "squat", "side": "right", "purpose": "general"},
        ],
        [{"exercise": "squat", "progression": [{"week": 3, "rung": "Jump"}]}],
    )
    left, right, later = list_tasks(programme, make_exercise("squat"))
    assert (left.session, left.side, left.note) == ("Session 1", "left", "Slowly.")
    assert (left.days, later.days) == (("monday",), ())
    assert str(right.begin.dose) == "3 × 10"  # one side: no "each leg"
    assert [(stage.week, stage.rung and stage.rung.name) for stage in later.weeks] == [
        (1, None),
        (3, "Jump"),
    ]
    assert later.begin is later.weeks[0]
    assert len(list_tasks(programme, make_exercise("lunge"))) == 1
    assert list_tasks(programme, make_exercise("other")) == ()


def test_a_dose_without_a_programme_is_a_task_of_no_session() -> None:
    task = task_of_dose(parse_dose("2 × 9"))
    assert (str(task.begin.dose), task.session, task.days, task.side) == ("2 × 9", "", (), None)


POSITIONS = {"stand": "standing", "lie": "lying", "kneel": "kneeling", "lie-too": "lying"}
EXERCISES = {slug: make_exercise(slug, position) for slug, position in POSITIONS.items()}


def plan(**values: Any) -> Programme:  # noqa: ANN401
    return make_programme([{"exercise": slug} for slug in POSITIONS], **values)


def test_one_lies_kneels_and_then_stands() -> None:
    ordered = order_exercises(plan(), EXERCISES, Order.POSITION)
    assert [each.slug for each in ordered] == ["lie", "lie-too", "kneel", "stand"]


def test_the_programmes_own_order_holds_where_none_is_asked_for() -> None:
    by_position = plan(order="position")
    assert [each.slug for each in order_exercises(plan(), EXERCISES)] == [*POSITIONS]
    assert order_exercises(by_position, EXERCISES)[0].slug == "lie"
    assert order_exercises(by_position, EXERCISES, Order.SESSIONS)[0].slug == "stand"


@given(
    st.lists(
        st.lists(st.sampled_from(list("abcdef")), min_size=1, max_size=5), min_size=1, max_size=4
    ),
    st.sampled_from([None, *Order]),
)
def test_each_exercise_stands_once_and_no_task_is_lost(
    sessions: list[list[str]], order: Order | None
) -> None:
    programme = make_programme(*[[{"exercise": slug} for slug in rows] for rows in sessions])
    exercises = {
        slug: make_exercise(slug, list(Position)[number % 5])
        for number, slug in enumerate("abcdef")
    }
    ordered = order_exercises(programme, exercises, order)
    named = [slug for rows in sessions for slug in rows]
    assert sorted(each.slug for each in ordered) == sorted(set(named))
    assert sum(len(list_tasks(programme, each)) for each in ordered) == len(named)
    if order is Order.POSITION:
        places = [list(Position).index(each.position) for each in ordered]
        assert places == sorted(places)
