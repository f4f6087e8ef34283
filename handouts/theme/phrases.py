"""Turn an exercise and what is asked of a client in it into the phrases that its page must say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.model.base import Frozen
from handouts.model.markup import Phrase
from handouts.model.settings import Detail
from handouts.theme import phrasing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handouts.model.assignment import Task
    from handouts.model.exercise import Exercise
    from handouts.source.vocabulary import Vocabulary
    from handouts.theme.advice import Advice
    from handouts.theme.words import Words

_ALWAYS = [
    "name",
    "summary",
    "steps",
    "breathing",
    "avoid",
    "stop_if",
    "errors",
    "progressions",
]
_FULL = [
    "aliases",
    "equipment",
    "tips",
    "safety",
    "benefits",
    "suits",
    "cues",
    "routine",
    "questions",
    "about",
    "remember",
]


def find_phrases(
    exercise: Exercise, vocabulary: Vocabulary, detail: Detail, words: Words
) -> Iterator[Phrase]:
    """Yield what must be read of an exercise: the safety and the doing always, all in full.

    But for its sources, which a booklet names on its last page.
    """
    for number, row in enumerate(exercise.avoid):
        condition = vocabulary.conditions[row.condition].name
        yield Phrase(f"avoid[{number}].condition", condition)
        yield Phrase(f"avoid[{number}].level", phrasing.say_term(words, row.level))
    for key in _ALWAYS + (_FULL if detail is Detail.FULL else []):
        yield from _texts(key, getattr(exercise, key))
    if detail is Detail.FULL:
        for role in type(exercise.muscles).model_fields:
            for number, entry in enumerate(getattr(exercise.muscles, role)):
                where = f"muscles.{role}[{number}]"
                yield Phrase(where, vocabulary.muscles[entry.muscle].name)
                yield from _texts(f"{where}.does", entry.does)


def find_sources(exercise: Exercise) -> Iterator[Phrase]:
    """Yield where an exercise's facts come from."""
    yield from _texts("sources", exercise.sources)


def find_doses(exercise: Exercise, tasks: Sequence[Task], words: Words) -> Iterator[Phrase]:
    """Yield how much there is to do: what is prescribed, or else all that the exercise gives."""
    for number, rung in enumerate(exercise.progressions):
        if rung.dose:
            yield Phrase(f"progressions[{number}].dose", phrasing.say_dose(words, rung.dose))
    if tasks:
        for number, task in enumerate(tasks):
            yield from find_task(f"tasks[{number}]", task, words)
        return
    shared = phrasing.say_shared_side(words, exercise.dose)
    if shared:
        yield Phrase("dose", shared)
    for purpose, dose in exercise.dose.items():
        yield Phrase(f"dose.{purpose}", phrasing.say_dose(words, dose, side=shared is None))


def find_task(where: str, task: Task, words: Words) -> Iterator[Phrase]:
    """Yield everything that is prescribed: doses, rungs, criteria, side and note."""
    if task.note:
        yield Phrase(f"{where}.note", task.note)
    if task.side:
        yield Phrase(f"{where}.side", phrasing.say_side(words, task.side))
    for stage in task.weeks:
        at = f"{where}.week-{stage.week}"
        if stage.dose:
            yield Phrase(f"{at}.dose", phrasing.say_dose(words, stage.dose))
        if stage.rung:
            yield Phrase(f"{at}.rung", stage.rung.name)
        if stage.ready_when:
            yield Phrase(f"{at}.ready_when", stage.ready_when)


def find_advice(advice: Sequence[Advice]) -> Iterator[Phrase]:
    """Yield what is printed for this client alone."""
    for number, line in enumerate(advice):
        yield Phrase(f"for-you[{number}]", f"{line.about}. {line.text}")


# What is printed as its own word, or stands behind a name, is not looked for as it was typed.
_NOT_TEXT = {"figure", "figures", "direction", "level", "basis", "condition", "dose", "url"}


def _texts(where: str, value: object) -> Iterator[Phrase]:
    if isinstance(value, str):
        yield Phrase(where, value)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts(f"{where}[{number}]", item)
    elif isinstance(value, Frozen):
        for key in type(value).model_fields:
            if key not in _NOT_TEXT:
                yield from _texts(f"{where}.{key}", getattr(value, key))
