"""Exercises are frozen, and what is typed in them means nothing but itself."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from handouts.model.exercise import CommonError, MuscleWork, Review


def test_a_bare_slug_is_a_muscle() -> None:
    short = MuscleWork.model_validate({"primary": ["quadriceps"]})
    assert short == MuscleWork.model_validate({"primary": [{"muscle": "quadriceps"}]})


def test_an_exercise_never_changes() -> None:
    error = CommonError(name="Heels up", looks_like="They rise.", correction="Press down.")
    with pytest.raises(ValidationError, match="frozen"):
        error.name = "Other"  # type: ignore[misc]


def test_a_line_folded_in_the_file_is_one_line() -> None:
    error = CommonError(name="Heels\n  up ", looks_like="They rise.", correction="Press down.")
    assert error.name == "Heels up"


def test_a_review_has_a_date() -> None:
    assert Review.model_validate({"by": "Ann", "on": "2026-11-20"}).on == date(2026, 11, 20)


@pytest.mark.parametrize("typed", ["20", "1700000000", "20.11.2026", "2026-11-20T10:00", ""])
def test_what_is_no_date_is_not_made_one(typed: str) -> None:
    with pytest.raises(ValidationError):
        Review.model_validate({"by": "Ann", "on": typed})
