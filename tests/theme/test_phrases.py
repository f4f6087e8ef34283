"""What must be read of an exercise and of what is asked: safety is never left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from handouts.model.assignment import list_tasks, task_of_dose
from handouts.model.dose import parse_dose
from handouts.model.programme import Programme
from handouts.model.settings import Detail
from handouts.theme.advice import Advice
from handouts.theme.chain import make_chain
from handouts.theme.phrases import find_advice, find_doses, find_phrases, find_task
from handouts.theme.words import Words, read_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.model.exercise import Exercise
    from handouts.source.vocabulary import Vocabulary

    Read = Callable[..., Exercise]

HOLD = "standing-hip-extension-hold"


@pytest.fixture(scope="module")
def words() -> Words:
    """Return the English words."""
    return read_words(make_chain("clear", None), "en")


@pytest.mark.parametrize("detail", list(Detail))
def test_safety_and_doing_are_always_read(
    read: Read, vocabulary: Vocabulary, words: Words, detail: Detail
) -> None:
    exercise = read(HOLD)
    found = {
        phrase.where: phrase.text for phrase in find_phrases(exercise, vocabulary, detail, words)
    }
    texts = set(found.values())
    for step in exercise.steps:
        assert {step.title, *step.do} <= texts
    for error in exercise.errors:
        assert {error.name, error.looks_like, error.correction} <= texts
    for rung in exercise.progressions:
        assert {rung.name, rung.how, rung.ready_when or rung.how} <= texts
    for number, row in enumerate(exercise.avoid):
        assert found[f"avoid[{number}].condition"] == vocabulary.conditions[row.condition].name
        assert found[f"avoid[{number}].level"] in {"Avoid", "Ask first", "Adapt"}
        assert {row.why, row.instead or row.why} <= texts
    assert set(exercise.stop_if) <= texts
    assert ("benefits" in {where.partition("[")[0] for where in found}) == (detail is Detail.FULL)


def test_addresses_and_names_of_figures_are_not_looked_for(
    read: Read, vocabulary: Vocabulary, words: Words
) -> None:
    exercise = read(HOLD)
    wheres = [phrase.where for phrase in find_phrases(exercise, vocabulary, Detail.FULL, words)]
    assert not [where for where in wheres if where.endswith((".figure", ".url", ".basis"))]
    assert len(set(wheres)) == len(wheres)


def test_without_a_task_all_doses_are_read(read: Read, words: Words) -> None:
    found = {phrase.where: phrase.text for phrase in find_doses(read(HOLD), [], words)}
    assert found["dose"] == "each leg"
    assert found["dose.strength"] == "2–3 sets of 15–30 seconds"
    assert len([where for where in found if where.startswith("dose.")]) == 4


def test_with_a_task_only_what_is_asked_is_read(read: Read, words: Words) -> None:
    task = task_of_dose(parse_dose("3 × 13"))
    found = [(phrase.where, phrase.text) for phrase in find_doses(read(HOLD), [task], words)]
    assert found == [("tasks[0].week-1.dose", "3 sets of 13")]


def test_each_rungs_own_dose_is_read(read: Read, words: Words) -> None:
    exercise = read(HOLD)
    rung = exercise.progressions[0].model_copy(update={"dose": parse_dose("4 × 9")})
    exercise = exercise.model_copy(update={"progressions": (rung,)})
    found = [(phrase.where, phrase.text) for phrase in find_doses(exercise, [], words)]
    assert ("progressions[0].dose", "4 sets of 9") in found


def test_everything_that_is_prescribed_is_read(read: Read, words: Words) -> None:
    row: dict[str, Any] = {
        "exercise": HOLD,
        "side": "left",
        "note": "Face the wall.",
        "purpose": "start",
        "rung": "Supported hold",
        "progression": [
            {"week": 2, "purpose": "strength", "ready_when": "You are still."},
            {"week": 4, "rung": "Ankle weights", "dose": "5 × 7"},
        ],
    }
    session = {"name": "A", "prescriptions": [row]}
    plan = {"slug": "p", "title": "P", "goal": "G.", "weeks": 6, "sessions": [session]}
    [task] = list_tasks(Programme.model_validate(plan), read(HOLD))
    assert [(phrase.where, phrase.text) for phrase in find_task("t", task, words)] == [
        ("t.note", "Face the wall."),
        ("t.side", "left side only"),
        ("t.week-1.dose", "5–10 seconds"),
        ("t.week-1.rung", "Supported hold"),
        ("t.week-2.dose", "2–3 sets of 15–30 seconds"),
        ("t.week-2.rung", "Supported hold"),
        ("t.week-2.ready_when", "You are still."),
        ("t.week-4.dose", "5 sets of 7"),
        ("t.week-4.rung", "Ankle weights"),
    ]


def test_a_clients_own_lines_are_read_in_one_piece() -> None:
    lines = [Advice("Poor balance", "Hold on."), Advice("Back problem", "Ask.")]
    assert [(phrase.where, phrase.text) for phrase in find_advice(lines)] == [
        ("for-you[0]", "Poor balance. Hold on."),
        ("for-you[1]", "Back problem. Ask."),
    ]
    assert list(find_advice([])) == []
