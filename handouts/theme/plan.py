"""Turn a programme into headings and lines of plain text, in the words that the booklet prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.model.programme import prescribe_changes
from handouts.model.prose import BlockKind, parse_prose
from handouts.theme.outline import Block
from handouts.theme.phrasing import say_dose, say_from_week, say_side, say_weekday, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from handouts.model.exercise import Exercise
    from handouts.model.programme import Prescribed, Prescription, Programme, Session
    from handouts.source.vocabulary import Vocabulary
    from handouts.theme.outline import Line
    from handouts.theme.words import Words

_BLANK = "________"
"""Where no dose is given, as on paper."""


def outline_programme(
    programme: Programme, exercises: Mapping[str, Exercise], vocabulary: Vocabulary, words: Words
) -> list[Block]:
    """Return everything that a programme says, with the doses that it means.

    Args:
        programme: what to write.
        exercises: each of its exercises by its slug.
        vocabulary: the names of the conditions that were cleared.
        words: the language of the text.
    """
    blocks = [Block(programme.title, tuple(_opening(programme, words)))]
    blocks += [Block(words.say("Welcome"), tuple(_prose(programme.introduction)))]
    for session in programme.sessions:
        lines = _session(session, programme, exercises, words)
        blocks.append(Block(session.name, tuple(lines)))
    stop = tuple(("  – ", text) for text in programme.stop_if)
    blocks.append(Block(words.say("Stop if"), stop))
    blocks.append(Block(words.say("At the end"), tuple(_prose(programme.closing))))
    cleared = tuple(_overrides(programme, exercises, vocabulary, words))
    blocks.append(Block(words.say("Cleared"), cleared))
    return [block for block in blocks if block.lines]


def _opening(programme: Programme, words: Words) -> Iterator[Line]:
    weeks = programme.weeks
    long = words.count("%(num)s week", "%(num)s weeks", weeks, num=weeks)
    yield "  ", programme.goal
    yield "  ", f"{words.say('How long')}: {long}"
    if programme.review_on:
        again = words.say("Next check")
        yield "  ", f"{again}: {words.day(programme.review_on)}"
    version = words.say("Version %(number)s.", number=programme.version)
    review = words.say("Not yet reviewed by a clinician.")
    if checked := programme.reviewed:
        message = "Reviewed by %(name)s on %(date)s."
        review = words.say(message, name=checked.by, date=words.day(checked.on))
    yield "  ", f"{version} {review}"


def _prose(text: str | None) -> Iterator[Line]:
    for block in parse_prose(text or ""):
        for number, spans in enumerate(block.lines, start=1):
            marks = {BlockKind.BULLETS: "  – ", BlockKind.NUMBERS: f"  {number}. "}
            yield marks.get(block.kind, "  "), "".join(span.text for span in spans)


def _session(
    session: Session, programme: Programme, exercises: Mapping[str, Exercise], words: Words
) -> Iterator[Line]:
    if session.days:
        days = ", ".join(say_weekday(words, day) for day in session.days)
        yield "  ", f"{words.say('Days:')} {days}"
    for number, row in enumerate(session.prescriptions, start=1):
        yield from _prescription(f"  {number}. ", row, programme, exercises[row.exercise], words)


def _prescription(
    mark: str, row: Prescription, programme: Programme, exercise: Exercise, words: Words
) -> Iterator[Line]:
    side = f", {say_side(words, row.side)}" if row.side else ""
    steps = prescribe_changes(row, exercise, programme.weeks)
    yield mark, f"{exercise.name}{side}. {_say_step(steps[0], words)}"
    inner = " " * len(mark)
    if row.note:
        yield inner, f"{words.say('Note:')} {row.note}"
    for step in steps[1:]:
        yield inner + "→ ", f"{say_from_week(words, step.week)}: {_say_step(step, words)}"
        if step.ready_when:
            yield inner + "  ", f"{words.say('Move on when:')} {step.ready_when}"


def _say_step(step: Prescribed, words: Words) -> str:
    dose = sentence(say_dose(words, step.dose)) if step.dose else _BLANK
    return f"{dose}. {step.rung.name}." if step.rung else f"{dose}."


def _overrides(
    programme: Programme, exercises: Mapping[str, Exercise], vocabulary: Vocabulary, words: Words
) -> Iterator[Line]:
    for leave in programme.overrides:
        name = exercises[leave.exercise].name
        condition = vocabulary.conditions[leave.condition].name
        on = words.day(leave.on)
        yield "  – ", f"{leave.client}, {name}, {condition}: {leave.cleared_by}, {on}. {leave.why}"
