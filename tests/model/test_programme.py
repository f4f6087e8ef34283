"""What a prescription means in each week."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from handouts.model.exercise import Exercise
from handouts.model.programme import Prescription, Programme, prescribe_changes, prescribe_week

SQUAT = Exercise.model_validate(
    {
        "slug": "squat",
        "name": "Squat",
        "summary": "Sit down.",
        "position": "standing",
        "muscles": {"primary": ["quadriceps"]},
        "steps": [{"title": "Sit", "do": ["Sit."]}],
        "progressions": [
            {"name": "Hold on", "direction": "easier", "how": "Hold on."},
            {"name": "Jump", "direction": "harder", "how": "Jump.", "dose": "5 reps each leg"},
        ],
        "avoid": [],
        "dose": {"general": "2 × 8", "strength": "3 × 10 each leg"},
    }
)


def plan(**values: Any) -> list[tuple[int, str | None, str | None]]:  # noqa: ANN401
    prescription = Prescription.model_validate({"exercise": "squat", **values})
    return [
        (said.week, str(said.dose or "") or None, said.rung.name if said.rung else None)
        for said in prescribe_changes(prescription, SQUAT, 6)
    ]


def test_no_dose_is_made_up() -> None:
    assert plan() == [(1, None, None)]
    assert plan(rung="Hold on") == [(1, None, "Hold on")]


def test_dose_purpose_and_rung() -> None:
    assert plan(dose="4 × 4") == [(1, "4 × 4", None)]
    assert plan(purpose="strength") == [(1, "3 × 10 each leg", None)]
    assert plan(rung="jump") == [(1, "5 reps each leg", "Jump")]
    assert plan(rung="Jump", dose="4 × 4") == [(1, "4 × 4", "Jump")]
    assert plan(purpose="strength", side="left") == [(1, "3 × 10", None)]


def test_each_week_keeps_what_was_said_before() -> None:
    stages = [
        {"week": 3, "dose": "3 × 8"},
        {"week": 4, "rung": "Hold on"},
        {"week": 5, "rung": "Jump", "ready_when": "You land softly."},
        {"week": 7, "dose": "9 × 9"},
    ]
    assert plan(purpose="general", progression=stages) == [
        (1, "2 × 8", None),
        (3, "3 × 8", None),
        (4, "3 × 8", "Hold on"),
        (5, "5 reps each leg", "Jump"),
    ]
    prescription = Prescription.model_validate(
        {"exercise": "squat", "purpose": "general", "progression": stages}
    )
    assert str(prescribe_week(prescription, SQUAT, 2).dose) == "2 × 8"
    assert prescribe_week(prescription, SQUAT, 6).ready_when == "You land softly."


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"dose": "3 × 10", "purpose": "general"}, "dose-twice"),
        ({"progression": [{"week": 2}]}, "stage-empty"),
        ({"progression": [{"week": 2, "dose": "5 reps", "purpose": "general"}]}, "dose-twice"),
        (
            {"progression": [{"week": 3, "dose": "5 reps"}, {"week": 3, "dose": "6 reps"}]},
            "weeks-backwards",
        ),
        ({"dose": "3 ×"}, "dose-incomplete"),
        ({"progression": [{"week": 1, "dose": "5 reps"}]}, "greater_than_equal"),
    ],
)
def test_what_cannot_be_prescribed(values: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as error:
        plan(**values)
    assert error.value.errors()[0]["type"] == code


def test_exercises_come_once_in_the_order_of_the_sessions() -> None:
    sessions = [
        {"name": "A", "prescriptions": [{"exercise": "b"}, {"exercise": "a"}]},
        {"name": "B", "prescriptions": [{"exercise": "a"}, {"exercise": "c"}]},
    ]
    programme = Programme.model_validate(
        {"slug": "p", "title": "P", "goal": "G", "weeks": 1, "sessions": sessions}
    )
    assert programme.exercises() == ("b", "a", "c")
